# A meta-regression on one moderator by metafor: the R side of `pymeta fuzz moderator-METHOD`.

# Thresholds at which metafor's iterations for tau2 stop, from the tightest: not every fit converges at that.
THRESHOLDS <- c(1e-14, 1e-12, 1e-10)

# yi, vi, x: effects, variances and the moderator; weights: a person's own, or NULL; method, test: of rma
# scale: the size of tau2, which thresholds are shares of
regression <- function(yi, vi, x, weights = NULL, method = "REML", test = "z", scale = 1) {
  arguments <- list(yi = yi, vi = vi, mods = ~x, method = method, test = test, data = data.frame(x = x))
  if (!is.null(weights)) arguments$weights <- weights
  for (threshold in THRESHOLDS) {
    control <- list(threshold = threshold * scale, maxiter = 10000, tol = threshold * scale, tau2.max = 1e6 * scale)
    fit <- tryCatch(do.call(metafor::rma, c(arguments, list(control = control))), error = identity)
    if (!inherits(fit, "error")) return(regression_numbers(fit))
  }
  stop(conditionMessage(fit))
}

regression_numbers <- function(fit) {
  answer <- list(
    beta = as.vector(fit$beta), se = fit$se, zval = fit$zval, pval = fit$pval, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub,
    QE = fit$QE, QEp = fit$QEp, QM = as.double(fit$QM), QMp = as.double(fit$QMp), k = as.double(fit$k), tau2 = fit$tau2,
    se_tau2 = if (!is.na(fit$se.tau2)) fit$se.tau2
  )
  answer[!vapply(answer, is.null, NA)]
}
