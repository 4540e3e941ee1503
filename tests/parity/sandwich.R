# What other packages say of metafor's fits: clubSandwich of robust variances, emmeans of marginal means.

# data: a list of columns, cl the cluster; cases: lists of method and, where there are any, mods (text), weights
club <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(case) {
    fit <- fitted_as(data, case)
    p <- fit$p
    kinds <- c("CR0", "CR1", "CR1p", "CR2")
    lapply(stats::setNames(kinds, kinds), function(kind) {
      V <- clubSandwich::vcovCR(fit, cluster = data$cl, type = kind)
      found <- clubSandwich::coef_test(fit, vcov = V, test = "Satterthwaite")
      together <- clubSandwich::Wald_test(fit, constraints = diag(p), vcov = V, test = "HTZ")
      list(
        vb = as.vector(as.matrix(V)[1, ]), se = found$SE, df = if (is.null(found$df_Satt)) found$df else found$df_Satt,
        pval = found$p_Satt, F = as.double(together$Fstat), F_df = as.double(together$df_denom), F_p = as.double(together$p_val)
      )
    })
  })
}

fitted_as <- function(data, case) {
  arguments <- list(yi = data$yi, vi = data$vi, data = data, method = case$method, test = case$test)
  if (!is.null(case$mods)) arguments$mods <- stats::as.formula(case$mods, env = baseenv())
  if (!is.null(case$weights)) arguments$weights <- data[[case$weights]]
  arguments$control <- list(threshold = 1e-12, maxiter = 10000)
  do.call(metafor::rma, arguments)
}

# specs: names of variables, "1" for none; at: values of numbers
means <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(case) {
    fit <- fitted_as(data, case)
    grid <- emmeans::qdrg(
      stats::as.formula(case$mods, env = baseenv()), data, coef = as.vector(fit$beta), vcov = fit$vb,
      df = if (case$test == "z") Inf else fit$k - fit$p, at = case$at, cov.keep = character(0)
    )
    found <- summary(emmeans::emmeans(grid, specs = case$specs, weights = case$weighting), infer = c(TRUE, FALSE))
    bounds <- intersect(c("asymp.LCL", "lower.CL", "asymp.UCL", "upper.CL"), names(found))
    list(emmean = found$emmean, se = found$SE, ci_lb = found[[bounds[1]]], ci_ub = found[[bounds[2]]])
  })
}

# subgroups as metafor's site compares them: a fit each, then the estimates by a fixed-effects model; or one model
subgroup <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(case) {
    groups <- sort(unique(data$g))
    fits <- lapply(groups, function(g) fitted_as(data[data$g == g, ], case))
    fit <- fitted_as(data, c(case, list(mods = "~ g")))
    apart <- fitted_as(data, c(case, list(mods = "~ g - 1")))
    each <- function(name) vapply(fits, function(one) as.double(one[[name]]), 0)
    between <- metafor::rma(each("beta"), sei = each("se"), method = "FE")
    list(
      beta = each("beta"), se = each("se"), tau2 = each("tau2"), I2 = each("I2"), QE = each("QE"), QB = between$QE,
      QBp = between$QEp, common_beta = as.vector(apart$beta), common_se = apart$se, common_ub = apart$ci.ub,
      common_QB = fit$QM, common_QBp = fit$QMp
    )
  })
}
