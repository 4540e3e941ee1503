# metafor's location-scale models on one data set, asked many times, with all the digits that its likelihood has.

LOOKED_AT <- 6 # studies whose tau^2, I^2 and predictions are told
STEPS <- c(log = 3, identity = 4) # the default optimiser for the latter stops early

# data: a list of columns; cases: lists of mods, scale (formulas as text), link, method, test and, perhaps, confint
scale_fits <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(case) {
    tryCatch(suppressWarnings(scale_fit(data, case)), error = function(e) list(error = conditionMessage(e)))
  })
}

scale_fit <- function(data, case) {
  arguments <- list(
    yi = data$yi, vi = data$vi, data = data, mods = text_formula(case$mods), scale = text_formula(case$scale),
    link = case$link, method = case$method, test = case$test
  )
  fit <- do.call(metafor::rma, arguments)
  near <- polished(arguments, fit)
  found <- numbers(if (is.null(near)) fit else near)
  # an identity link's optimiser moves away from its start: what follows from alpha is told for the one that is given
  if (!is.null(near) && case$link == "identity") {
    given <- numbers(do.call(metafor::rma, c(arguments, list(alpha = near$start))))
    found[OF_ALPHA] <- given[OF_ALPHA]
  }
  c(found, if (!is.null(case$confint)) list(confint = bounds(fit)))
}

OF_ALPHA <- c(
  "alpha", "beta", "se", "zval", "pval", "ci_lb", "ci_ub", "vb", "QM", "QMp", "tau2", "I2", "H2", "weights", "predicted"
)

text_formula <- function(text) stats::as.formula(text, env = baseenv())

# the fit at the end of Newton's steps on metafor's own likelihood, which it tells for alpha that are given
polished <- function(arguments, fit) {
  likelihood <- function(alpha) {
    one <- tryCatch(do.call(metafor::rma, c(arguments, list(alpha = alpha))), error = identity)
    if (inherits(one, "error")) NA_real_ else one$fit.stats[[arguments$method]][1]
  }
  alpha <- as.vector(fit$alpha)
  # an identity link bears no step beyond a tau^2 of 0
  room <- if (arguments$link == "log") 0.2 else 0.2 * min(fit$tau2) / max(abs(fit$Z)) / length(alpha)
  if (!isTRUE(room > 1e-6)) return(NULL)
  if (!all(is.finite(fit$H)) && is.null(fit <- stayed(arguments, alpha, room))) return(NULL)
  size <- pmin(0.1 * fit$se.alpha, room)
  if (!all(is.finite(c(size, fit$H))) || any(fit$se.alpha > 300)) return(NULL)
  H <- fit$H
  for (i in 1:STEPS[[arguments$link]]) {
    f <- function(u) likelihood(alpha + size * u)
    slope <- numDeriv::grad(f, 0 * alpha, method.args = list(eps = 1, d = 1e-8, zero.tol = 1e9, r = 4)) / size
    if (!all(is.finite(c(slope, H)))) return(NULL)
    alpha <- alpha + solve(H, slope)
    found <- stayed(arguments, alpha, min(size))
    if (is.null(found)) return(NULL)
    H <- found$H
  }
  found$start <- alpha
  found
}

# for metafor's numerical Hessian, the same steps; and an optimiser that stays at its start
stayed <- function(arguments, alpha, eps) {
  arguments$control <- list(alpha.init = alpha, hessianCtrl = list(eps = eps, d = 1e-8, zero.tol = 1e9, r = 4))
  if (arguments$link == "log") arguments$control <- c(arguments$control, list(optimizer = "BFGS", maxit = 0))
  tryCatch(do.call(metafor::rma, arguments), error = function(e) NULL)
}

number <- function(x) if (length(x) == 0) NA_real_ else as.double(x[1])

numbers <- function(fit) {
  some <- seq_len(min(LOOKED_AT, fit$k))
  stats <- fit$fit.stats
  effects <- unclass(stats::predict(fit))
  rows <- if (fit$Z.int.only) 1 else unname(fit$Z[some, seq_len(fit$q) > fit$Z.int.incl, drop = FALSE])
  spread <- unclass(stats::predict(fit, newscale = rows))
  list(
    beta = as.vector(fit$beta), se = fit$se, zval = fit$zval, pval = fit$pval, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub,
    vb = as.vector(fit$vb), QM = number(fit$QM), QMp = number(fit$QMp), QE = fit$QE, QEp = fit$QEp,
    alpha = as.vector(fit$alpha), se_alpha = fit$se.alpha, zval_alpha = fit$zval.alpha, pval_alpha = fit$pval.alpha,
    ci_lb_alpha = fit$ci.lb.alpha, ci_ub_alpha = fit$ci.ub.alpha, va = as.vector(fit$va), QS = number(fit$QS),
    QSp = number(fit$QSp), tau2 = fit$tau2[some], I2 = fit$I2[some], H2 = fit$H2[some], parms = as.double(fit$parms),
    ML = as.vector(stats$ML), REML = as.vector(stats$REML), ddf = number(fit$ddf), ddf_alpha = number(fit$ddf.alpha),
    s2w = fit$s2w, weights = as.vector(stats::weights(fit))[some],
    predicted = told(effects[c("pred", "se", "ci.lb", "ci.ub", "pi.lb", "pi.ub")], max(some)),
    predicted_scale = told(spread[c("pred", "se", "ci.lb", "ci.ub")], NROW(rows))
  )
}

told <- function(columns, n) unlist(lapply(columns, function(x) rep_len(as.double(x), n)), use.names = FALSE)

# profile likelihood intervals of alpha: estimate, lower and upper bound of each
bounds <- function(fit) {
  confint.rma.ls <- utils::getS3method("confint", "rma.ls", envir = asNamespace("metafor")) # 3.8 calls it from here
  found <- stats::confint(fit, control = list(tol = 1e-12, vc.min = -40, vc.max = 40))
  parts <- if (inherits(found, "list.confint.rma")) found[vapply(found, is.list, NA)] else list(found)
  unlist(lapply(parts, function(part) as.double(part$random[1, ])), use.names = FALSE)
}
