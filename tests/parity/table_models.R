# metafor's rma.mh and rma.peto on data sets and options, and what they print.

NUMBERS <- c("beta", "se", "zval", "pval", "ci.lb", "ci.ub", "QE", "QEp", "I2", "H2", "k", "k.yi",
  "MH", "MHp", "CO", "COp", "BD", "BDp", "TA", "TAp")

# data: lists of columns by name; options: lists; measure, set, asked: of each case a name, a name in data and a place in
# options from 1. What R refuses is told in its words.
table_fits <- function(data, options, measure, set, asked) {
  lapply(seq_along(measure), function(i) {
    tryCatch(numbers(table_fit(data[[set[i]]], measure[i], options[[asked[i]]])), error = conditionMessage)
  })
}

# options$subset: "half" are the first, third, ... rows
table_fit <- function(columns, measure, options) {
  if (!is.null(options$subset)) options$subset <- seq_along(columns[[1]]) %% 2 == 1
  if (measure == "PETO") return(suppressWarnings(do.call(metafor::rma.peto, c(columns, options))))
  suppressWarnings(do.call(metafor::rma.mh, c(columns, options, list(measure = measure))))
}

number <- function(x) if (is.null(x)) NA_real_ else as.double(x)

# in one vector, of which table_models_grid.of_r has the order: recordings are a third as long; weights as they are
numbers <- function(fit) {
  weights <- if (fit$k > 1) diag(stats::weights(fit, type = "matrix")) else NA_real_ # that fails for one table
  as.double(c(unlist(lapply(fit[NUMBERS], number)), fit$fit.stats$ML, fit$fit.stats$REML, weights))
}

# what R prints of a fit, as lines: summary or not
table_print <- function(columns, measure, options, summarised) {
  fit <- table_fit(columns, measure, options)
  utils::capture.output(if (summarised) print(summary(fit)) else print(fit))
}
