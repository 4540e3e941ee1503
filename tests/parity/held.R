# metafor's location-scale models with scale coefficients that are given, and profiles of these.

# the search with most digits first
CONTROLS <- c(
  lapply(c(1e-15, 1e-12), function(tol) list(optimizer = "BFGS", reltol = tol, ndeps = 1e-5, maxit = 10000)),
  lapply(c(1e-12, 1e-10, 1e-8), function(tol) list(rel.tol = tol, eval.max = 10000, iter.max = 10000))
)
OF_BETA <- c("beta", "se", "zval", "pval", "ci.lb", "ci.ub")
OF_ALPHA <- c("alpha", "se.alpha", "zval.alpha", "pval.alpha", "ci.lb.alpha", "ci.ub.alpha")

# data: a list of columns; cases: lists of mods, scale (formulas as text), link, method, test, and alpha, NaN where it is
# estimated, or else profile, a position, with xlim and steps
held_fits <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(case) {
    tryCatch(suppressWarnings(held_fit(data, case)), error = function(e) list(error = conditionMessage(e)))
  })
}

held_fit <- function(data, case) {
  arguments <- list(
    yi = data$yi, vi = data$vi, data = data, mods = text_formula(case$mods), scale = text_formula(case$scale),
    link = case$link, method = case$method, test = case$test
  )
  if (!is.null(case$alpha)) arguments$alpha <- ifelse(is.nan(case$alpha), NA, case$alpha)
  fit <- closest(arguments)
  if (is.null(case$profile)) numbers(fit) else profiled(fit, case)
}

# the first search that converges
closest <- function(arguments) {
  for (control in CONTROLS) {
    q <- ncol(stats::model.matrix(arguments$scale, arguments$data))
    if (!is.null(control$ndeps)) control$ndeps <- rep(control$ndeps, sum(is.na(rep_len(c(arguments$alpha, NA)[1:q], q))))
    fit <- tryCatch(do.call(metafor::rma, c(arguments, list(control = control))), error = identity)
    if (inherits(fit, "error")) next
    control$alpha.init <- as.vector(fit$alpha) # once more from there: a search stops where it sees no more digits
    again <- tryCatch(do.call(metafor::rma, c(arguments, list(control = control))), error = identity)
    return(if (inherits(again, "error")) fit else again)
  }
  stop(conditionMessage(fit))
}

text_formula <- function(text) stats::as.formula(text, env = baseenv())
number <- function(x) if (length(x) == 0) NA_real_ else as.double(x[1])

numbers <- function(fit) {
  columns <- lapply(fit[c(OF_BETA, OF_ALPHA)], as.vector)
  names(columns) <- gsub(".", "_", names(columns), fixed = TRUE)
  c(columns, list(
    tau2 = as.vector(fit$tau2), parms = as.double(fit$parms), ddf_alpha = number(fit$ddf.alpha), QS = number(fit$QS),
    QSp = number(fit$QSp), ML = as.vector(fit$fit.stats$ML), REML = as.vector(fit$fit.stats$REML),
    va = as.vector(fit$va), spread = as.double(stats::predict(fit, newscale = matrix(0.5, 1, fit$q - 1))$pred)
  ))
}

# the limits of the default, and what there is between those that are asked for
profiled <- function(fit, case) {
  along <- function(...) stats::profile(fit, alpha = case$profile, progbar = FALSE, plot = FALSE, ...)
  found <- along(xlim = case$xlim, steps = case$steps)
  columns <- lapply(found[c("beta", "ci.lb", "ci.ub")], function(x) as.vector(as.matrix(x)))
  list(
    limits = range(along(steps = 2)$alpha), ll = as.double(found$ll), maxll = as.double(found$maxll),
    estimate = as.double(found$vc), beta = columns[[1]], ci_lb = columns[[2]], ci_ub = columns[[3]]
  )
}
