# What metafor answers about a fit: tests, inflation factors, robust variances, residuals; many fits of one data set.

CONTROLS <- lapply(c(1e-14, 1e-12, 1e-10, 1e-8), function(threshold) {
  list(threshold = threshold, maxiter = 10000, tol = .Machine$double.eps, tau2.max = 1e4)
})

# data: a list of columns, cl the cluster; cases: lists of method, test and, where there are any, mods (text), weights
questions <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(case) tryCatch(answers(data, case), error = function(e) list(error = conditionMessage(e))))
}

arguments_of <- function(data, case) {
  arguments <- list(yi = data$yi, vi = data$vi, data = data, method = case$method, test = case$test)
  if (!is.null(case$mods)) arguments$mods <- stats::as.formula(case$mods, env = baseenv())
  if (!is.null(case$weights)) arguments$weights <- data[[case$weights]]
  arguments
}

# the fit with the smallest threshold that converges, and whose refits without each study do
tightest <- function(arguments, whole = TRUE) {
  for (control in CONTROLS) {
    fit <- tryCatch(do.call(metafor::rma, c(arguments, list(control = control))), error = identity)
    if (inherits(fit, "error")) next
    if (!whole || control$threshold == 1e-8 || !anyNA(suppressWarnings(rstudent(fit))$resid)) return(fit)
  }
  stop(conditionMessage(fit))
}

number <- function(x) if (is.null(x)) NA_real_ else as.double(x)
bare <- function(x) as.vector(unlist(x))
wald <- function(found) list(QM = number(found$QM), QMp = number(found$QMp), QMdf = number(found$QMdf)[1:2])

answers <- function(data, case) {
  arguments <- arguments_of(data, case)
  fit <- tightest(arguments)
  p <- fit$p
  plain <- if (case$test == "z") fit else tightest(utils::modifyList(arguments, list(test = "z")))
  c(
    list(names = rownames(fit$beta)),
    prefixed("default", wald(anova(fit))),
    prefixed("last", wald(anova(fit, btt = p, rhs = 0.1))),
    prefixed("all", wald(anova(fit, btt = seq_len(p), rhs = 0.2))),
    prefixed("X", contrasts_of(fit, case)),
    prefixed("cr1", robust_of(plain, data, TRUE)),
    prefixed("cr0", robust_of(plain, data, FALSE)),
    prefixed("rstudent", pair_of(rstudent(fit))),
    if (case$test == "z") of_studies(fit, is.null(case$weights)),
    if (p > 2 || (p > 1 && rownames(fit$beta)[1] != "intrcpt")) inflation(fit),
    if (!is.null(case$mods) && case$test == "z") likelihoods(fit, arguments),
    if (case$test != "z") list(knha_factor = knha_factor(fit, plain, data))
  )
}

prefixed <- function(prefix, values) stats::setNames(values, paste0(prefix, "_", names(values)))

contrasts_of <- function(fit, case) {
  C <- rbind(diag(fit$p), rep(1, fit$p), seq_len(fit$p) * rep_len(c(1, -0.5), fit$p))
  rhs <- seq_len(nrow(C)) / 10
  one <- anova(fit, X = C, rhs = rhs)
  full <- anova(fit, X = rbind(rep(1, fit$p)), rhs = 0.3)
  adjusted <- lapply(stats::setNames(stats::p.adjust.methods, stats::p.adjust.methods), stats::p.adjust, p = one$pval)
  c(
    list(Xb = bare(one$Xb), se = bare(one$se), zval = bare(one$zval), pval = bare(one$pval)), prefixed("one", wald(full)),
    if (case$method == "EE" && case$test == "z") prefixed("p", adjusted)
  )
}

robust_of <- function(fit, data, adjust) {
  found <- tryCatch(metafor::robust(fit, cluster = data$cl, adjust = adjust), error = identity)
  if (inherits(found, "error")) return(list(error = TRUE))
  c(list(se = bare(found$se), pval = bare(found$pval), ci_lb = bare(found$ci.lb), vb = bare(found$vb[1, ])), wald(found))
}

# what metafor's CR0 is multiplied by after test="knha"
knha_factor <- function(fit, plain, data) {
  found <- lapply(list(fit, plain), function(x) tryCatch(metafor::robust(x, cluster = data$cl)$vb[1, 1], error = identity))
  if (inherits(found[[1]], "error")) NA_real_ else found[[1]] / found[[2]]
}

pair_of <- function(found) list(se = bare(found$se), z = bare(found$z))

of_studies <- function(fit, blups) {
  c(
    prefixed("rstandard", pair_of(rstandard(fit))),
    if (blups) list(conditional_z = bare(rstandard(fit, type = "conditional")$z)),
    list(
      pearson = bare(residuals(fit, type = "pearson")), hat = bare(hatvalues(fit)),
      hat_row = bare(hatvalues(fit, type = "matrix")[1, 2:4]), fitted = bare(vcov(fit, type = "fitted")[1, 1:3]),
      resid = bare(vcov(fit, type = "resid")[1, 1:3])
    )
  )
}

inflation <- function(fit) {
  coefs <- seq_len(fit$p)[rownames(fit$beta) != "intrcpt"]
  list(vif = bare(metafor::vif(fit)$vifs), gvif = inflation_of(fit, coefs[seq_len(max(1, length(coefs) - 1))]))
}

# older versions give the number itself
inflation_of <- function(fit, btt) {
  found <- metafor::vif(fit, btt = btt)
  number(if (is.null(found$vifs)) found$gvif else found$vifs)
}

likelihoods <- function(fit, arguments) {
  arguments$mods <- NULL
  null <- tightest(arguments, FALSE)
  found <- suppressWarnings(anova(fit, null, refit = TRUE))
  prefixed("LRT", list(
    LRT = found$LRT, pval = found$pval, R2 = found$R2, parms = c(found$parms.f, found$parms.r),
    f = bare(found$fit.stats.f), r = bare(found$fit.stats.r)
  ))
}
