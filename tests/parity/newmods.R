# What metafor predicts at moderators that are given by name.

# data: a list of columns; cases: lists of mods (a formula), of names and of values, perhaps of several rows
# Where it refuses them, its words as `error`.
named <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(case) {
    fit <- metafor::rma(yi, vi, mods = stats::as.formula(case$mods, env = baseenv()), data = data, method = "FE")
    rows <- matrix(case$values, ncol = length(case$names), byrow = TRUE, dimnames = list(NULL, case$names))
    if (nrow(rows) == 1) rows <- rows[1, ]
    tryCatch(numbers(stats::predict(fit, newmods = rows)), error = function(e) list(error = conditionMessage(e)))
  })
}

numbers <- function(found) list(pred = as.double(found$pred), se = as.double(found$se))
