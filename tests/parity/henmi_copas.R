# What metafor's hc says of models, with the search for its quantile as tight as uniroot() goes.

CONTROL <- list(tol = 1e-14, maxiter = 10000)

# data: columns yi and vi; cases: texts of method, test, level and of what all effects are multiplied by
of_averages <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    yi <- data$yi * as.double(text[4])
    fit <- metafor::rma(yi, data$vi, method = text[1], test = text[2], level = as.double(text[3]))
    found <- tryCatch(metafor::hc(fit, control = CONTROL), error = identity)
    if (inherits(found, "error")) NULL else numbers_of(found)
  })
}

numbers_of <- function(found) {
  names <- c("beta", "se", "ci.lb", "ci.ub", "tau2", "beta.rma", "se.rma", "ci.lb.rma", "ci.ub.rma", "tau2.rma")
  stats::setNames(lapply(names, function(name) as.double(found[[name]])), names)
}
