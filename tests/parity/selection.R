# metafor's selection models on one data set, with all the digits that its likelihood has.
#
# Its optimisers stop with four to six digits. But a fit that may take no step (maxit = 0) tells the likelihood where it
# starts, and so Newton's steps on that lead to its maximum; the model is then told for these parameters.

EXACT <- list(intCtrl = list(rel.tol = 1e-12, subdivisions = 1000))
STILL <- list(optimizer = "BFGS", maxit = 0)
TIGHT <- list(control = list(threshold = 1e-13, maxiter = 10000))
DIFFERENCES <- list(eps = 0.1, d = 1e-8, zero.tol = 1e9, r = 4)
EDGE <- 1e-3 # parameters that are nearer to the end of where they may be are told as R leaves them

# data: columns yi, vi, ni, z and s; cases: lists of method, mods ("0" or "1") and of what selmodel is given
selection_fits <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(case) {
    tryCatch(suppressWarnings(selection_fit(data, case)), error = function(e) list(error = conditionMessage(e)))
  })
}

selection_fit <- function(data, case) {
  arguments <- list(yi = data$yi, vi = data$vi, ni = data$ni, data = data, method = case$method)
  if (case$mods == "1") arguments$mods <- ~z
  given <- case[!names(case) %in% c("method", "mods", "subset")]
  if (!is.null(case$subset)) given$subset <- data$s == 1
  if (!is.null(given$steps)) given$steps <- unlist(given$steps)
  if (!is.null(given$delta)) given$delta <- unlist(given$delta)
  asked <- c(list(do.call(metafor::rma, c(arguments, TIGHT))), given)
  first <- started(asked)
  start <- list(start = unlist(parameters(first), use.names = FALSE), start_ll = likelihood(asked, first))
  found <- if (!isTRUE(given$decreasing)) polished(asked, first)
  if (is.null(found)) return(start)
  without <- NA_real_
  if (case$method != "EE") {
    arguments$method <- "EE"
    asked[[1]] <- do.call(metafor::rma, arguments)
    null <- started(asked)
    nearer <- polished(asked, null)
    without <- if (is.null(nearer)) null$fit.stats$ML[1] else nearer$fit.stats$ML[1]
  }
  c(start, numbers(found), list(LRT_tau2 = 2 * (found$fit.stats$ML[1] - without)))
}

# as exactly as metafor has it: by integrals with a tolerance of their own, or at once
likelihood <- function(asked, fit) {
  if (fit$type %in% c("stepfun", "trunc", "truncest")) return(fit$fit.stats$ML[1])
  told <- list(skiphes = TRUE, skiphet = TRUE, control = starting(parameters(fit)))
  do.call(metafor::selmodel, c(asked, told))$fit.stats$ML[1]
}

started <- function(asked) {
  for (control in list(list(maxit = 1000), list(optimizer = "nlminb"), list(optimizer = "Nelder-Mead", maxit = 10000))) {
    found <- tryCatch(do.call(metafor::selmodel, c(asked, list(control = control))), error = identity)
    if (!inherits(found, "error")) return(found)
  }
  stop(found)
}

parameters <- function(fit) list(beta = as.vector(fit$beta), tau2 = fit$tau2, delta = as.vector(fit$delta))

starting <- function(theta, ...) {
  tau2 <- if (theta$tau2 > 0) list(tau2.init = theta$tau2)
  c(EXACT, STILL, list(beta.init = theta$beta, delta.init = theta$delta), tau2, list(...))
}

# the fit at the end of Newton's steps on metafor's own likelihood; NULL where a parameter has no place inside
polished <- function(asked, first) {
  theta <- parameters(first)
  free <- c(rep(TRUE, length(theta$beta)), !first$tau2.fix && !first$method %in% c("EE", "FE", "CE"), !first$delta.fix)
  where <- unlist(theta, use.names = FALSE)
  size <- c(first$se, if (length(first$se.tau2)) first$se.tau2 else NA, first$se.delta)
  inside <- c(theta$tau2, theta$delta) > EDGE & c(theta$tau2, theta$delta) < 90
  if (!all(is.finite(size[free])) || !all(inside[free[-seq_along(theta$beta)]])) return(NULL)
  size <- pmin(size[free], c(rep(Inf, length(theta$beta)), rep(2, length(inside)) * c(theta$tau2, theta$delta))[free])
  height <- function(u) {
    where[free] <- where[free] + size * u
    told <- list(skiphes = TRUE, skiphet = TRUE, control = starting(utils::relist(where, theta)))
    do.call(metafor::selmodel, c(asked, told))$fit.stats$ML[1]
  }
  u <- 0 * size
  H <- numDeriv::hessian(height, u, method.args = DIFFERENCES)
  for (i in 1:3) {
    step <- -solve(H, numDeriv::grad(height, u, method.args = DIFFERENCES))
    if (!all(is.finite(step)) || max(abs(step)) > 0.3) return(NULL)
    u <- u + step
  }
  where[free] <- where[free] + size * u
  steps <- c(DIFFERENCES[-1], list(eps = if (first$type == "stepfun" || all(free)) 0.1 * size else 0.1 * min(size)))
  control <- starting(utils::relist(where, theta), hessianCtrl = steps, tau2tol = 0, deltatol = 0)
  do.call(metafor::selmodel, c(asked, list(skiphet = TRUE, control = control)))
}

number <- function(x) if (length(x) == 0) NA_real_ else as.double(x[1])

numbers <- function(fit) {
  list(
    beta = as.vector(fit$beta), se = fit$se, zval = fit$zval, pval = fit$pval, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub,
    vb = as.vector(fit$vb), tau2 = fit$tau2, se_tau2 = number(fit$se.tau2), QM = number(fit$QM), QMp = number(fit$QMp),
    ci_lb_tau2 = number(fit$ci.lb.tau2), ci_ub_tau2 = number(fit$ci.ub.tau2), parms = as.double(fit$parms),
    delta = as.vector(fit$delta), se_delta = fit$se.delta, zval_delta = fit$zval.delta, pval_delta = fit$pval.delta,
    ci_lb_delta = fit$ci.lb.delta, ci_ub_delta = fit$ci.ub.delta, vd = as.vector(fit$vd), ML = as.vector(fit$fit.stats$ML),
    LRT = number(fit$LRT), LRTdf = number(fit$LRTdf), LRTp = number(fit$LRTp),
    counts = if (is.data.frame(fit$ptable)) as.double(fit$ptable$k) else as.double(fit$ptable), pvals = as.vector(fit$pvals)
  )
}
