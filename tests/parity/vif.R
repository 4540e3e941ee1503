# What metafor says of inflation: of scale coefficients, and of moderators that are shuffled. metafor 3.8 has neither.

TIGHT <- list(threshold = 1e-12, maxiter = 10000)

formula_of <- function(text) stats::as.formula(text, env = baseenv())
factors <- function(found) as.vector(unlist(found$vifs))

# Inflation of a location-scale model: of both parts, of a set of scale coefficients, and with models fitted again.
scale_inflation <- function(data, mods, scale, set) {
  arguments <- list(
    yi = data$yi, vi = data$vi, data = as.data.frame(data), mods = formula_of(mods), scale = formula_of(scale)
  )
  fit <- polished(arguments)
  both <- unclass(metafor::vif(fit))
  list(
    beta = factors(both$beta), alpha = factors(both$alpha), set = factors(unclass(metafor::vif(fit, att = set))$alpha),
    again = again(fit, arguments, set)
  )
}

# vif(reestimate = TRUE) fits the part alone with the default search; here its definition, with the digits there are
again <- function(fit, arguments, set) {
  terms <- attr(stats::terms(arguments$scale), "term.labels")[set - 1]
  alone <- polished(utils::modifyList(arguments, list(scale = stats::reformulate(terms, env = baseenv()))))
  places <- seq_along(set) + 1
  near <- unclass(metafor::vif(fit, att = set, reestimate = TRUE))$alpha$vifs
  found <- det(fit$va[set, set, drop = FALSE]) / det(alone$va[places, places, drop = FALSE])
  if (isTRUE(abs(near / found - 1) > 1e-3)) stop("vif(reestimate = TRUE): ", near, ", and by its definition ", found)
  found
}

# the fit at the end of Newton's steps on metafor's own likelihood, which it tells for alpha that are given
polished <- function(arguments) {
  likelihood <- function(alpha) do.call(metafor::rma, c(arguments, list(alpha = alpha)))$fit.stats$REML[1]
  fit <- do.call(metafor::rma, arguments)
  alpha <- as.vector(fit$alpha)
  size <- pmin(0.1 * fit$se.alpha, 0.2)
  for (i in 1:3) {
    f <- function(u) likelihood(alpha + size * u)
    slope <- numDeriv::grad(f, 0 * alpha, method.args = list(eps = 1, d = 1e-8, zero.tol = 1e9, r = 4)) / size
    alpha <- alpha + solve(fit$H, slope)
    fit <- stayed(arguments, alpha, min(size))
  }
  fit
}

# for metafor's numerical Hessian, the same steps; and an optimiser that stays at its start
stayed <- function(arguments, alpha, eps) {
  arguments$control <- list(
    alpha.init = alpha, hessianCtrl = list(eps = eps, d = 1e-8, zero.tol = 1e9, r = 4), optimizer = "BFGS", maxit = 0
  )
  suppressWarnings(do.call(metafor::rma, arguments))
}

# Moderators that are shuffled: the proportions, and quantiles of the factors. columns: names of moderators without a formula
simulated <- function(data, case, shares) {
  data <- as.data.frame(data)
  arguments <- list(yi = data$yi, vi = data$vi, method = case$method, control = if (case$method == "REML") TIGHT else list())
  arguments <- if (is.null(case$columns)) {
    c(arguments, list(data = data, mods = formula_of(case$mods)))
  } else {
    c(arguments, list(mods = as.matrix(data[case$columns])))
  }
  if (!is.null(case$scale)) arguments <- c(arguments[names(arguments) != "control"], list(scale = formula_of(case$scale)))
  fit <- do.call(metafor::rma, arguments)
  asked <- list(fit, sim = case$sim, seed = 1, progbar = FALSE, reestimate = isTRUE(case$reestimate))
  if (!is.null(case$btt)) asked$btt <- lapply(case$btt, identity)
  found <- unclass(do.call(metafor::vif, asked))
  parts <- if (is.null(case$scale)) list(found) else found[c("beta", "alpha")]
  told <- lapply(parts, function(part) {
    part <- unclass(part)
    quantiles <- apply(part$sim, 2, stats::quantile, probs = shares, type = 1)
    list(vif = factors(part), prop = as.vector(part$prop), quantiles = as.vector(quantiles))
  })
  do.call(Map, c(list(c), unname(told)))
}
