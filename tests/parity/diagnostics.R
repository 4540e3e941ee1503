# What metafor says of a model without each study, of more and more studies, and of each study's influence.

CONTROLS <- lapply(c(1e-14, 1e-12, 1e-10, 1e-8), function(threshold) list(threshold = threshold, maxiter = 10000))
VERSION <- utils::packageVersion("metafor")
COLUMNS <- c("estimate", "se", "zval", "tval", "pval", "ci.lb", "ci.ub", "Q", "Qp", "tau2", "I2", "H2")

# data: columns yi, vi, x and g; cases: texts of method, test, whether there is a moderator and whether there are own weights
of_studies <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    arguments <- list(yi = data$yi, vi = data$vi, data = data, method = text[1], test = text[2])
    if (text[3] == "1") arguments$mods <- ~x
    if (text[4] == "1") arguments$weights <- data$w
    fit <- tightest(arguments)
    answer <- influences(fit)
    if (text[3] == "1") answer else c(answer, refits(fit))
  })
}

# data: columns ai, bi, ci, di, x and g; cases: measures, "PETO" for Peto's method
of_tables <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(measure) {
    fit <- if (measure == "PETO") {
      metafor::rma.peto(ai = data$ai, bi = data$bi, ci = data$ci, di = data$di, data = data)
    } else {
      metafor::rma.mh(ai = data$ai, bi = data$bi, ci = data$ci, di = data$di, data = data, measure = measure)
    }
    c(refits(fit), outliers(fit), deleted(fit))
  })
}

# the fit with the smallest threshold with which it, and all without a study, converge
tightest <- function(arguments) {
  for (control in CONTROLS) {
    fit <- tryCatch({
      fit <- suppressWarnings(do.call(metafor::rma, c(arguments, list(control = control))))
      without <- stats::influence(fit)$inf$tau2.del
      if (anyNA(without)) stop("a model did not converge")
      fit
    }, error = identity)
    if (!inherits(fit, "error")) return(fit)
  }
  stop(conditionMessage(fit))
}

columns <- function(found, under) {
  found <- unclass(found)
  names(found)[names(found) == "tval"] <- "zval"
  kept <- lapply(found[intersect(COLUMNS, names(found))], as.double)
  stats::setNames(kept, paste0(under, ".", gsub(".", "_", names(kept), fixed = TRUE)))
}

refits <- function(fit) suppressWarnings({
  answer <- c(
    columns(metafor::leave1out(fit), "leave"), columns(unclass(metafor::leave1out(fit, transf = exp))[c("estimate", "ci.lb", "ci.ub")], "exp"),
    columns(metafor::cumul(fit), "cumul")
  )
  if (VERSION < "5") return(answer)
  c(
    answer, columns(metafor::leave1out(fit, cluster = g), "cluster"), columns(metafor::cumul(fit, order = x), "order"),
    columns(metafor::cumul(fit, order = g, collapse = TRUE), "collapse")
  )
})

outliers <- function(fit) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  found <- suppressWarnings(metafor::baujat(fit))
  list(baujat.x = as.double(found$x), baujat.y = as.double(found$y))
}

deleted <- function(fit) suppressWarnings({
  standard <- unclass(stats::rstandard(fit))
  student <- unclass(stats::rstudent(fit))
  c(
    list(residuals = as.double(stats::residuals(fit)), fitted = as.double(stats::fitted(fit)), df = stats::df.residual(fit)),
    stats::setNames(lapply(standard[c("resid", "se", "z")], as.double), c("rstandard.resid", "rstandard.se", "rstandard.z")),
    stats::setNames(lapply(student[c("resid", "se", "z")], as.double), c("rstudent.resid", "rstudent.se", "rstudent.z"))
  )
})

influences <- function(fit) {
  found <- suppressWarnings(stats::influence(fit))
  inf <- unclass(found$inf)[c("rstudent", "dffits", "cook.d", "cov.r", "tau2.del", "QE.del", "hat", "weight")]
  names(inf) <- gsub(".", "_", names(inf), fixed = TRUE)
  dfbs <- unclass(found$dfbs)
  dfbs <- dfbs[seq_len(fit$p)]
  c(lapply(inf, as.double), list(dfbs = as.double(unlist(dfbs)), is_infl = as.double(found$is.infl)), outliers(fit))
}
