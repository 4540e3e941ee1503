# One outcome pooled by metafor: the R side of `pymeta validate`.
#
# Runs alone under Rscript, on a CSV with the columns study and metafor's names of the data:
#     Rscript r_reference/pool.R FILE.csv MEASURE METHOD [LEVEL]
#     Rscript r_reference/pool.R fixtures/ketamine/nausea.csv RR revman5
#
# METHOD is EE, FE, CE, DL or REML (rma), MH (rma.mh) or revman5 (Review Manager 5).

# Every number that pymeta is compared on, as one named list.
#
# data: a list of the measure's columns (ai, n1i, ci, n2i; n1i, m1i, ...; yi, vi); slab: study labels
# control: for rma's iterations; list() is metafor's default
pool <- function(measure, method, data, slab, level = 95, control = list()) {
  switch(method,
    MH = pool_mh(measure, data, slab, level),
    revman5 = pool_revman5(measure, data, slab, level),
    pool_rma(measure, method, data, slab, level, control)
  )
}

pool_rma <- function(measure, method, data, slab, level, control) {
  effects <- study_effects(measure, data)
  fit <- metafor::rma(effects$yi, effects$vi, method = method, slab = slab, level = level, control = control)
  numbers(fit, fit$yi, fit$vi, fit$slab[fit$not.na], tau2 = fit$tau2, se_tau2 = se_tau2(fit), df = fit$k - fit$p)
}

pool_mh <- function(measure, data, slab, level) {
  fit <- do.call(metafor::rma.mh, c(data, list(measure = measure, slab = slab, level = level)))
  if (measure == "RR" && all_or_nobody(data)) fit$se <- 0 # metafor's is what rounding leaves of it
  numbers(fit, fit$yi, fit$vi, fit$slab[fit$not.na.yivi], tau2 = 0, se_tau2 = NULL, df = fit$k.yi - 1)
}

# Whether each study has no events, or nothing but events
all_or_nobody <- function(data) {
  others1 <- if (is.null(data$bi)) data$n1i - data$ai else data$bi
  others2 <- if (is.null(data$di)) data$n2i - data$ci else data$di
  isTRUE(all(data$ai + data$ci == 0 | others1 + others2 == 0, na.rm = TRUE))
}

# metafor's escalc, or the effects as they are
study_effects <- function(measure, data, ...) {
  if (measure == "GEN") {
    vi <- if (is.null(data$vi)) data$sei^2 else data$vi
    return(list(yi = data$yi, vi = vi))
  }
  effects <- do.call(metafor::escalc, c(list(measure = measure), data, list(...)))
  list(yi = as.vector(effects$yi), vi = effects$vi)
}

# the standard error of tau2, where the method has one
se_tau2 <- function(fit) if (is.na(fit$se.tau2)) NULL else fit$se.tau2

# An estimate or a standard error of NA or 0 is metafor's way to say that there is none; here an error, as it is in pymeta
numbers <- function(fit, yi, vi, slab, tau2, se_tau2, df, Q = fit$QE, Qp = fit$QEp, I2 = fit$I2, H2 = fit$H2) {
  if (anyNA(c(fit$beta, fit$se)) || fit$se == 0) stop("the estimate is not defined for these data")
  answer <- list(
    estimate = as.vector(fit$beta),
    se = fit$se, ci_lb = fit$ci.lb, ci_ub = fit$ci.ub, zval = fit$zval, pval = fit$pval,
    tau2 = tau2, se_tau2 = se_tau2,
    QE = Q, QE_df = as.double(df), QEp = Qp, I2 = I2, H2 = H2, k = as.double(fit$k),
    slab = as.character(slab), yi = as.vector(yi), vi = as.vector(vi),
    weights = as.vector(stats::weights(fit))
  )
  answer[!vapply(answer, is.null, NA)]
}

# Random effects as Review Manager 5 computes them (Deeks & Higgins 2010), put together from metafor's parts.
# Q and tau2 are about RevMan's fixed-effect estimate: for 2x2 tables that of Mantel and Haenszel.
pool_revman5 <- function(measure, data, slab, level) {
  effects <- revman5_effects(measure, data)
  there <- !is.na(effects$yi) & !is.na(effects$vi)
  yi <- effects$yi[there]
  vi <- effects$vi[there]
  w <- 1 / vi
  df <- length(yi) - 1
  tables <- measure %in% c("OR", "RR", "RD")
  centre <- if (tables && df > 0) {
    as.vector(do.call(metafor::rma.mh, c(data, list(measure = measure)))$beta)
  } else {
    as.vector(metafor::rma(yi, vi, method = "EE")$beta)
  }
  Q <- sum(w * (yi - centre)^2)
  tau2 <- if (df > 0) max(0, (Q - df) / (sum(w) - sum(w^2) / sum(w))) else 0
  fit <- metafor::rma(yi, vi, tau2 = tau2, level = level, method = "DL")
  Q <- if (df > 0) Q else 0
  numbers(fit, yi, vi, slab[there], tau2 = tau2, se_tau2 = NULL, df = df,
    Q = Q, Qp = if (df > 0) stats::pchisq(Q, df, lower.tail = FALSE) else 1,
    I2 = if (Q > 0) 100 * max(0, (Q - df) / Q) else 0, H2 = if (df > 0) Q / df else 1
  )
}

# 0.5 in all cells of a study with a zero cell; no ratio where neither arm, or both arms entirely, had the event.
# A risk difference needs the 0.5 only where its variance would be 0. SMD: RevMan's own Hedges' g.
revman5_effects <- function(measure, data) {
  if (measure %in% c("OR", "RR")) {
    return(study_effects(measure, data, add = 1 / 2, to = "only0", drop00 = TRUE))
  }
  if (measure == "RD") {
    raw <- study_effects("RD", data, to = "none")
    added <- study_effects("RD", data, add = 1 / 2, to = "all")
    flat <- !is.na(raw$vi) & raw$vi == 0
    return(list(yi = ifelse(flat, added$yi, raw$yi), vi = ifelse(flat, added$vi, raw$vi)))
  }
  if (measure == "SMD") {
    N <- data$n1i + data$n2i
    sd <- sqrt(((data$n1i - 1) * data$sd1i^2 + (data$n2i - 1) * data$sd2i^2) / (N - 2))
    yi <- (data$m1i - data$m2i) / sd * (1 - 3 / (4 * N - 9))
    return(list(yi = yi, vi = N / (data$n1i * data$n2i) + yi^2 / (2 * (N - 3.94))))
  }
  study_effects(measure, data)
}

if (sys.nframe() == 0L && any(grepl("pool\\.R$", commandArgs(FALSE)))) {
  arguments <- commandArgs(TRUE)
  if (length(arguments) < 3L) stop("usage: Rscript pool.R FILE.csv MEASURE METHOD [LEVEL]")
  rows <- utils::read.csv(arguments[[1]], stringsAsFactors = FALSE, check.names = FALSE)
  level <- if (length(arguments) > 3L) as.numeric(arguments[[4]]) else 95
  columns <- as.list(rows[setdiff(names(rows), "study")])
  print(pool(arguments[[2]], arguments[[3]], columns, rows$study, level), digits = 15)
}
