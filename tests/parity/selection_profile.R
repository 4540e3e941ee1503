# Profile likelihoods of metafor's selection models by a step function, and the intervals from them, with tight searches.

EXACT <- list(reltol = 1e-15, maxit = 100000)

# data: columns yi and vi; steps; alternative; at: the values of the last delta to profile at, evenly spaced
of_profiles <- function(data, steps, alternative, at) {
  fit <- metafor::rma(data$yi, data$vi, method = "ML", control = list(threshold = 1e-13, maxiter = 10000))
  model <- metafor::selmodel(fit, type = "stepfun", steps = steps, alternative = alternative, control = EXACT)
  last <- length(model$delta)
  bounds <- function(...) unname(confint(model, ..., control = list(tol = 1e-10, vc.max = 100))$random[1, 2:3])
  along <- function(...) profile(model, ..., plot = FALSE, progbar = FALSE, steps = length(at))
  list(tau2 = bounds(tau2 = TRUE), deltas = lapply(seq_len(last)[-1], function(j) bounds(delta = j)),
       ll = along(delta = last, xlim = range(at))$ll)
}
