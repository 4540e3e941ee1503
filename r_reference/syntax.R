# An R script as R's own parser sees it, as one line of JSON.
#
# R gets this file and then the script over its standard input, since an R in a chroot cannot see our files (read_syntax in
# pymeta/port/syntax.py).
# Nothing of the script is run. Beside the tree of each top-level expression there are the comments, the source lines (which
# the parser numbers), and the columns of those data sets of metadat whose names the script mentions.
# Base R only.

text <- function(x) {
  x <- enc2utf8(x)
  x <- gsub("\\", "\\\\", x, fixed = TRUE)
  x <- gsub("\"", "\\\"", x, fixed = TRUE)
  for (code in c(1:31, 127L)) {
    sign <- intToUtf8(code)
    if (any(found <- grepl(sign, x, fixed = TRUE))) x[found] <- gsub(sign, sprintf("\\u%04x", code), x[found], fixed = TRUE)
  }
  paste0("\"", x, "\"")
}

array <- function(items) paste0("[", paste(items, collapse = ","), "]")

object <- function(...) {
  fields <- c(...)
  paste0("{", paste0(text(names(fields)), ":", fields, collapse = ","), "}")
}

# A node is [kind, …]: short, as there are many.
node <- function(x) {
  if (missing(x)) return(array("\"empty\""))
  if (is.null(x)) return(array("\"null\""))
  if (is.symbol(x)) return(if (nzchar(as.character(x))) array(c("\"name\"", text(as.character(x)))) else array("\"empty\""))
  if (is.call(x)) return(call_node(x))
  if (is.pairlist(x)) return(parameters(x))
  constant(x)
}

constant <- function(x) {
  if (length(x) != 1L || !is.null(attributes(x))) return(other(x))
  if (is.na(x) && !is.nan(x)) return(array("\"na\""))
  switch(typeof(x),
    double = array(c("\"number\"", text(if (is.finite(x)) format(x, digits = 17L) else as.character(x)))),
    integer = array(c("\"integer\"", text(format(x, scientific = FALSE)))),
    logical = array(c("\"logical\"", if (x) "true" else "false")),
    character = array(c("\"text\"", text(x))),
    other(x)
  )
}

other <- function(x) array(c("\"other\"", text(paste(deparse(x), collapse = "\n"))))

call_node <- function(x) {
  head <- x[[1L]]
  if (identical(head, quote(`function`))) return(array(c("\"function\"", parameters(x[[2L]]), node(x[[3L]]))))
  arguments <- as.list(x)[-1L]
  named <- if (is.null(names(arguments))) character(length(arguments)) else names(arguments)
  given <- vapply(seq_along(arguments), function(i) array(c(text(named[i]), node(arguments[[i]]))), "")
  parts <- c("\"call\"", node(head), array(given))
  places <- attr(x, "srcref") # of a block: its brace first, then a place for each statement
  if (identical(head, quote(`{`)) && length(places)) parts <- c(parts, array(vapply(places, place, "")))
  array(parts)
}

parameters <- function(formals) {
  array(vapply(seq_along(formals), function(i) array(c(text(names(formals)[i]), node(formals[[i]]))), ""))
}

place <- function(srcref) array(as.integer(srcref)[c(1L, 3L)])

comments <- function(parsed) {
  found <- utils::getParseData(parsed, includeText = TRUE)
  found <- found[found$token == "COMMENT", , drop = FALSE]
  if (!NROW(found)) return("[]")
  array(vapply(seq_len(nrow(found)), function(i) array(c(found$line1[i], found$col1[i], text(found$text[i]))), ""))
}

# The columns of a data set, with the kind of each; of one that is no data frame, nothing.
columns <- function(name) {
  value <- getExportedValue("metadat", name)
  if (!is.data.frame(value)) return("null")
  kinds <- vapply(value, function(x) if (is.factor(x)) "factor" else if (is.character(x)) "text" else if (is.logical(x)) "bool" else "number", "")
  array(vapply(seq_along(value), function(i) array(text(c(names(value)[i], kinds[[i]]))), ""))
}

datasets <- function(parsed) {
  mentioned <- unique(unlist(lapply(parsed, all.names)))
  known <- tryCatch(getNamespaceExports("metadat"), error = function(e) character())
  found <- intersect(mentioned, c(known, if (requireNamespace("metadat", quietly = TRUE)) utils::data(package = "metadat")$results[, "Item"]))
  if (!length(found)) return("{}")
  do.call(object, as.list(stats::setNames(vapply(found, columns, ""), found)))
}

syntax <- function(lines) {
  parsed <- parse(text = lines, keep.source = TRUE, encoding = "UTF-8")
  places <- attr(parsed, "srcref")
  object(
    expressions = array(vapply(seq_along(parsed), function(i) array(c(place(places[[i]]), node(parsed[[i]]))), "")),
    comments = comments(parsed),
    lines = if (length(lines)) array(text(lines)) else "[]",
    datasets = datasets(parsed)
  )
}

# One line of JSON: the tree, or the parser's complaint.
answer <- function(lines) {
  said <- tryCatch(syntax(enc2utf8(lines)), error = function(e) object(error = text(conditionMessage(e))))
  writeLines(enc2utf8(said), useBytes = TRUE)
}
