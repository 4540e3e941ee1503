# Tests of small-study effects, limit meta-analysis and the LFK index, from the papers, by R's own lm(): the packages that
# have them, meta, metamisc and metasens, are not among Debian's.

# data: columns ai, bi, ci, di; cases: texts of test and measure
of_tables <- function(data, cases) {
  d <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    es <- metafor::escalc(text[2], ai = ai, bi = bi, ci = ci, di = di, data = d, drop00 = TRUE)
    d <- transform(d, yi = as.numeric(es$yi), vi = es$vi, e = ai + ci, h = bi + di, n = ai + bi + ci + di, n1 = ai + bi)
    d <- d[!is.na(d$yi), ]
    # hypergeometric mean and variance of ai, given the margins
    d$Z <- d$ai - d$n1 * d$e / d$n
    d$V <- d$n1 * (d$n - d$n1) * d$e * d$h / (d$n * d$n * (d$n - 1))
    made <- switch(text[1],
      "Harbord" = lm(Z / sqrt(V) ~ sqrt(V), data = d[d$V > 0, ]),  # its intercept is the bias, as the paper writes it
      "Peters" = lm(yi ~ I(1 / n), data = d, weights = e * h / n),
      "Macaskill" = lm(yi ~ n, data = d, weights = e * h / n),
      "Macaskill-FIV" = lm(yi ~ n, data = d, weights = 1 / vi),
      "Debray" = lm(yi ~ I(1 / e), data = d[d$ai * d$ci > 0, ], weights = 1 / (1 / ai + 1 / ci)),
      "Debray-FIV" = lm(yi ~ I(1 / e), data = d[d$e > 0, ], weights = 1 / vi)
    )
    found <- summary(made)$coefficients
    if (text[1] == "Harbord") found <- found[2:1, ]
    list(intercept = found[1, 1], se_intercept = found[1, 2], bias = found[2, 1], se_bias = found[2, 2], tval = found[2, 3],
         pval = found[2, 4], df = made$df.residual, dispersion = summary(made)$sigma^2)
  })
}

# data: columns yi and vi; methods: of tau²
of_effects <- function(data, methods) {
  yi <- data$yi
  vi <- data$vi
  lapply(methods, function(method) {
    fit <- metafor::rma(yi, vi, method = method, control = list(threshold = 1e-12, maxiter = 10000))
    tau2 <- fit$tau2
    radial <- function(y, s) lm(I(y / s) ~ I(1 / s))
    line <- coef(radial(yi, sqrt(vi + tau2)))
    beta0 <- unname(line[2] + sqrt(tau2) * line[1])
    limit <- beta0 + sqrt(tau2 / (vi + tau2)) * (yi - beta0)
    own <- radial(yi, sqrt(vi))
    rest <- sum(residuals(own)^2)
    slope_se <- 1 / sqrt(sum((1 / sqrt(vi) - mean(1 / sqrt(vi)))^2))
    size <- max(vi) / vi * 100
    o <- order(yi, vi)
    z <- qnorm((cumsum(size[o]) - size[o] / 2 - 1 / 2) / sum(size))
    away <- yi[o] - yi[o][which.min(abs(z))]
    lfk <- 5 / (2 * length(yi)) * sum(z + away * diff(range(z)) / diff(range(yi)))
    list(alpha = unname(line[1]), slope = unname(line[2]), beta0 = beta0, se0 = slope_se,
         betalim = unname(coef(radial(limit, sqrt(vi)))[2]), mulim = weighted.mean(limit, 1 / vi), se = sqrt(1 / sum(1 / vi)),
         ci.lb = beta0 + qnorm(.025) * slope_se, pval = 2 * pnorm(-abs(beta0 / slope_se)), limit = limit,
         Q_resid = rest, Q_resid_p = pchisq(rest, length(yi) - 2, lower.tail = FALSE), Q_small = fit$QE - rest,
         Q_small_p = pchisq(fit$QE - rest, 1, lower.tail = FALSE), lfk = lfk, zscore = z)
  })
}
