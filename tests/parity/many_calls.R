# Many calls of metafor's functions in one: each case has the function's name and its arguments, and is answered by numbers
# or by R's error. `transf` may be the name of a function; `data`, if it is there, becomes a data frame.

many_calls <- function(cases) lapply(cases, answered)

answered <- function(case) {
  tryCatch(
    {
      f <- getExportedValue("metafor", case[["name"]])
      args <- if (isTRUE(case[["each"]])) case[["args"]] else lapply(case[["args"]], missing_values)
      if (is.character(args[["transf"]])) args[["transf"]] <- function_named(args[["transf"]])
      if (!is.null(case[["data"]])) args[["data"]] <- as.data.frame(lapply(case[["data"]], missing_values))
      suppressWarnings(if (isTRUE(case[["each"]])) one_by_one(f, args) else numbers(do.call(f, args), case[["data"]]))
    },
    error = function(e) list(error = conditionMessage(e))
  )
}

# What is not given comes as NaN, which metafor does not always take for NA.
missing_values <- function(x) {
  if (is.double(x)) x[is.nan(x)] <- NA
  x
}

function_named <- function(name) {
  if (grepl("^transf", name)) getExportedValue("metafor", name) else match.fun(name)
}

# Some transformations mix the elements of a vector up; one number at a time they do not.
one_by_one <- function(f, args) {
  list(value = vapply(args[[1L]], function(x) as.double(do.call(f, c(list(x), args[-1L]))), 0))
}

# A vector as `value`; of a data frame the columns that are new or may have changed, with the tests that belong to the first.
numbers <- function(found, data) {
  if (!is.data.frame(found)) return(list(value = as.double(found)))
  own <- intersect(c("mean", "sd", "ai", "bi", "ci", "di", "yi", "vi"), names(found))
  columns <- lapply(found[own], function(column) as.double(as.vector(column)))
  tests <- attributes(found[[own[1L]]])[c("tval", "crit")]
  c(columns, lapply(tests[!vapply(tests, is.null, TRUE)], as.double))
}
