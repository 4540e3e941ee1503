# What metafor's test of excess significance says of effects and of models.

# data: columns yi and vi; cases: texts of x (an estimator of tau2, or -), test, tes.alternative, alternative, H0, alpha,
# theta and tau2 (or -)
of_excess <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    arguments <- list(test = text[2], tes.alternative = text[3], alternative = text[4], H0 = as.double(text[5]))
    arguments <- c(arguments, list(alpha = as.double(text[6]), progbar = FALSE))
    if (text[7] != "-") arguments$theta <- as.double(text[7])
    if (text[8] != "-") arguments$tau2 <- as.double(text[8])
    x <- if (text[1] == "-") list(data$yi, data$vi) else list(metafor::rma(data$yi, data$vi, method = text[1]))
    found <- do.call(metafor::tes, c(x, arguments))
    limit <- c(as.double(found$theta.lim), NA, NA)[1:2]
    X2 <- if (is.null(found$X2)) NA else found$X2
    list(
      O = as.double(found$O), E = found$E, X2 = as.double(X2), pval = found$pval, power = as.double(found$power),
      sig = as.double(found$sig), theta = as.double(found$theta), limit = limit
    )
  })
}
