# What R prints of a fit, as lines: summary or not.
printed <- function(yi, vi, data, options, mods, summarised) {
  arguments <- c(list(yi = yi, vi = vi, data = as.data.frame(data), control = list(threshold = 1e-12, maxiter = 1000)), options)
  if (!is.null(mods)) arguments$mods <- stats::as.formula(mods, env = baseenv())
  fit <- do.call(metafor::rma, arguments)
  utils::capture.output(if (summarised) print(summary(fit)) else print(fit))
}
