# Effects and variances of metafor::escalc, as bare numbers: of one case, or of many cases that share data sets.

effects <- function(measure, columns, options = list()) {
  arguments <- c(list(measure = measure), columns, options)
  found <- suppressWarnings(do.call(metafor::escalc, arguments))
  list(yi = as.vector(found$yi), vi = as.vector(found$vi))
}

# data: lists of columns by name; cases: lists of measure, data (a name), columns (names) and options. What R refuses is told
# in its words.
many_effects <- function(data, cases) {
  lapply(cases, function(case) {
    tryCatch(
      effects(case[["measure"]], data[[case[["data"]]]][case[["columns"]]], case[["options"]]),
      error = function(e) list(error = conditionMessage(e))
    )
  })
}

# The measures that this metafor knows, among those that its help page names and `candidates`: any other is "Unknown 'measure'".
known_measures <- function(candidates) {
  help <- capture.output(tools::Rd2txt(tools::Rd_db("metafor")[["escalc.Rd"]], options = list(underline_titles = FALSE)))
  quoted <- regmatches(help, gregexpr("\"[A-Z][A-Z0-9]+\"", help))
  names <- sort(unique(c(candidates, gsub("\"", "", unlist(quoted), fixed = TRUE))), method = "radix")
  answers <- vapply(names, function(name) tryCatch({ metafor::escalc(name); "" }, error = conditionMessage), "")
  names[!grepl("Unknown 'measure'", answers, fixed = TRUE)]
}
