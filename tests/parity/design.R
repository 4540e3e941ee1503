# R's model matrices, and metafor's, of many formulas on one table.

# data: a list of columns; factors: for the columns that are factors, their levels and whether they are ordered
table_of <- function(data, factors) {
  for (name in names(factors)) {
    data[[name]] <- factor(data[[name]], levels = factors[[name]]$levels, ordered = factors[[name]]$ordered)
  }
  as.data.frame(data, stringsAsFactors = FALSE, optional = TRUE)
}

# for each formula: X, coefficient names, assign and term labels; or error
designs <- function(data, factors = list(), formulas) {
  data <- table_of(data, factors)
  lapply(formulas, function(formula) {
    tryCatch(design_of(stats::as.formula(formula, env = globalenv()), data), error = function(e) list(error = conditionMessage(e)))
  })
}

design_of <- function(formula, data) {
  frame <- suppressWarnings(stats::model.frame(formula, data, na.action = stats::na.pass))
  X <- stats::model.matrix(formula, frame)
  list(
    X = as.vector(X), names = as.character(colnames(X)), assign = as.double(attr(X, "assign")),
    terms = as.character(attr(stats::terms(formula, data = data), "term.labels"))
  )
}

# for each formula, and for matrices: metafor's X and its names, after it left out what is redundant
fitted_designs <- function(data, factors = list(), formulas, subset) {
  data <- table_of(data, factors)
  data$.rows <- subset
  lapply(formulas, function(formula) {
    mods <- stats::as.formula(formula, env = globalenv())
    tryCatch(fitted_design(mods = mods, data = data), error = function(e) list(error = conditionMessage(e)))
  })
}

fitted_design <- function(mods, data, intercept = TRUE) {
  rows <- data$.rows
  data$.rows <- NULL
  k <- nrow(data)
  fit <- suppressWarnings(metafor::rma(
    sin(seq_len(k)), rep(1, k), mods = mods, data = data, intercept = intercept, method = "EE", subset = rows
  ))
  list(X = as.vector(fit$X), names = colnames(fit$X), intercept = fit$int.incl)
}

matrix_design <- function(X, intercept) {
  k <- nrow(X)
  data <- data.frame(.rows = rep(TRUE, k))
  fitted_design(X, data, intercept)
}
