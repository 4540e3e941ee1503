# metafor's rma on one data set, asked many times, with control as tight as its iterations bear.

CONTROLS <- lapply(c(1e-14, 1e-12, 1e-10, 1e-8), function(threshold) {
  list(threshold = threshold, maxiter = 10000, tol = .Machine$double.eps, tau2.max = 1e4)
})
WEIGHED <- c("FE", "DL", "REML")
TESTS <- c("z", "t", "knha", "adhoc")

# data: a list of columns; cases: lists of method and, where there are any, mods (text), weights, weighted, tau2
uni_fits <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(case) {
    tryCatch(uni_fit(data, case), error = function(e) list(error = conditionMessage(e)))
  })
}

uni_fit <- function(data, case) {
  arguments <- list(yi = data$yi, vi = data$vi, data = data, method = case$method)
  if (!is.null(case$mods)) arguments$mods <- stats::as.formula(case$mods, env = baseenv())
  if (!is.null(case$weights)) arguments$weights <- data[[case$weights]]
  for (name in c("weighted", "tau2")) arguments[[name]] <- case[[name]]
  fit <- tightest(arguments)
  tests <- lapply(stats::setNames(TESTS, TESTS), function(test) {
    tested(do.call(metafor::rma, c(arguments, list(test = test, control = fit$control))))
  })
  shares <- if (case$method %in% WEIGHED && is.null(case$mods)) list(weights = as.vector(stats::weights(fit)))
  c(shared(fit), shares, list(tests = tests))
}

# the fit with the smallest threshold that converges
tightest <- function(arguments) {
  for (control in CONTROLS) {
    fit <- tryCatch(do.call(metafor::rma, c(arguments, list(control = control))), error = identity)
    if (!inherits(fit, "error")) {
      fit$control <- control
      return(fit)
    }
  }
  stop(conditionMessage(fit))
}

number <- function(x) if (is.null(x)) NA_real_ else as.double(x)

shared <- function(fit) {
  numbers <- lapply(fit[c("tau2", "se.tau2", "I2", "H2", "R2", "QE", "QEp", "k", "p", "m", "parms")], number)
  list(names = rownames(fit$beta), numbers = unlist(numbers, use.names = FALSE), stats = c(fit$fit.stats$ML, fit$fit.stats$REML))
}

# in one vector, of which uni_grid.PARTS has the order: recordings are a third as long
tested <- function(fit) {
  c(
    fit$beta, fit$se, fit$zval, fit$pval, fit$ci.lb, fit$ci.ub, fit$vb, number(fit$QM), number(fit$QMp), number(fit$s2w),
    if (length(fit$ddf)) number(fit$ddf[1]) else NA_real_
  )
}
