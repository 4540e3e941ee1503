# metafor's escalc and rma with their options, for the parity tests.

# yi and vi, NA where there is no effect
effects <- function(measure, data, options = list()) {
  found <- do.call(metafor::escalc, c(list(measure = measure), data, options))
  list(yi = as.double(as.vector(found$yi)), vi = as.double(found$vi))
}

# rma's own reading of raw data: rma(measure = , ai = , ..., options)
uni <- function(data, options) {
  fit <- do.call(metafor::rma, c(data, options))
  pooled(fit, fit$slab[fit$not.na])
}

mh <- function(data, options) {
  fit <- do.call(metafor::rma.mh, c(data, options))
  pooled(fit, fit$slab[fit$not.na])
}

pooled <- function(fit, slab) {
  list(
    estimate = as.vector(fit$beta), se = fit$se, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub, zval = fit$zval, pval = fit$pval,
    QE = fit$QE, QEp = fit$QEp, k = as.double(fit$k), slab = as.character(slab)
  )
}

# what control sets, by estimators at once
controlled <- function(data, methods, control) {
  lapply(stats::setNames(methods, methods), function(method) {
    fit <- do.call(metafor::rma, c(data, list(method = method, control = control)))
    c(fit$tau2, fit$se.tau2, fit$beta, fit$se, fit$I2, fit$H2)
  })
}

# generalised variance inflation factors against models of each set alone; btt: sets of positions from 1
reestimated <- function(data, mods, btt, method, control) {
  data <- as.data.frame(data)
  fit <- metafor::rma(yi, vi, mods = stats::as.formula(mods, env = baseenv()), data = data, method = method, control = control)
  found <- metafor::vif(fit, btt = btt, reestimate = TRUE)
  list(vif = unname(vapply(found$vif, function(one) as.double(one$vif), 0)))
}
