# What metafor's trimfill makes of models: by every estimator, on both sides and on the one that it chooses.

CONTROLS <- lapply(c(1e-14, 1e-12, 1e-10, 1e-8), function(threshold) list(threshold = threshold, maxiter = 10000))

# data: columns yi and vi; cases: texts of method, test, side (or -), estimator and how it is weighted
of_funnels_filled <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    arguments <- list(yi = data$yi, vi = data$vi, method = text[1], test = text[2])
    if (text[5] == "own") arguments$weights <- 1 / sqrt(data$vi)
    if (text[5] == "none") arguments$weighted <- FALSE
    asked <- list(estimator = text[4])
    if (text[3] != "-") asked$side <- text[3]
    found <- tightest_filled(arguments, asked)
    numbers <- c("k0", "se.k0", "p.k0", "k", "beta", "se", "pval", "ci.lb", "ci.ub", "tau2", "QE", "I2", "yi", "vi")
    answer <- lapply(numbers, function(name) if (is.null(found[[name]])) NA_real_ else as.double(found[[name]]))
    c(stats::setNames(answer, numbers), list(right = as.double(found$side == "right"), fill = as.double(found$fill)))
  })
}

tightest_filled <- function(arguments, asked) {
  for (control in CONTROLS) {
    found <- tryCatch({
      fit <- do.call(metafor::rma, c(arguments, list(control = control)))
      suppressWarnings(do.call(metafor::trimfill, c(list(fit), asked)))
    }, error = identity)
    if (!inherits(found, "error")) return(found)
  }
  list()
}
