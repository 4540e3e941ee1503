# p-uniform* by base R, from van Aert & van Assen (2018); the package puniform was not at hand and not run. Maxima are where
# the derivative by one parameter is 0 at the best value of the other, of all such values on a grid.

# data: columns yi and vi; cases: texts of side, alpha and level
of_truncated <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) one_case(data, text[1], as.double(text[2]), as.double(text[3])))
}

one_case <- function(data, side, alpha, level) {
  turn <- if (side == "left") -1 else 1
  m <- model_of(turn * data$yi, data$vi, alpha)
  plain <- metafor::rma(turn * data$yi, data$vi, method = "ML", control = list(threshold = 1e-13, maxiter = 10000))
  re <- c(as.double(coef(plain)), plain$tau2)
  centre <- seq(min(m$y) - 1, max(m$y) + 1, length.out = 301)
  heights <- vapply(centre, function(mu) m$log_likelihood(mu, m$best_tau2(mu)), 0)
  top <- which.max(heights)
  mu <- stats::uniroot(function(mu) m$by_mu(mu, m$best_tau2(mu)), centre[top + c(-1, 1)], tol = 1e-14)$root
  tau2 <- m$best_tau2(mu)
  peak <- m$log_likelihood(mu, tau2)
  enough <- peak - stats::qchisq(level / 100, 1) / 2
  of_mu <- function(mu) m$log_likelihood(mu, m$best_tau2(mu)) - enough
  of_tau2 <- function(tau2) m$log_likelihood(m$best_mu(tau2), tau2) - enough
  bounds <- turn * c(bound(of_mu, mu, -0.05), bound(of_mu, mu, 0.05))
  lower <- if (tau2 == 0 || of_tau2(0) >= 0) 0 else stats::uniroot(of_tau2, c(0, tau2), tol = 1e-15)$root
  L <- 2 * (peak - c(
    m$log_likelihood(0, m$best_tau2(0)), m$log_likelihood(m$best_mu(0), 0), m$log_likelihood(re[1], re[2])
  ))
  list(
    est = turn * mu, ci = sort(bounds), tau2 = tau2, tau2_ci = c(lower, bound(of_tau2, tau2, 0.01)), L = L,
    p = stats::pchisq(L, c(1, 1, 2), lower.tail = FALSE), ll = peak, re = c(turn * re[1], re[2]), k_sig = m$k_sig
  )
}

# where f, above 0 at `from`, is 0: steps in one direction, each longer than the last
bound <- function(f, from, step) {
  near <- from
  repeat {
    far <- near + step
    if (f(far) < 0) return(stats::uniroot(f, sort(c(near, far)), tol = 1e-14)$root)
    near <- far
    step <- 1.5 * step
  }
}

model_of <- function(y, v, alpha) {
  limit <- stats::qnorm(1 - alpha / 2) * sqrt(v)
  above <- y >= limit
  log_likelihood <- function(mu, tau2) {
    s <- sqrt(v + tau2)
    chance <- ifelse(above, stats::pnorm(limit, mu, s, FALSE, TRUE), stats::pnorm(limit, mu, s, TRUE, TRUE))
    sum(stats::dnorm(y, mu, s, log = TRUE) - chance)
  }
  # derivatives of the logarithm of the chance to be on one's own side, by mu, and by s
  at_limit <- function(mu, s) {
    log_hazard <- stats::dnorm(limit, mu, s, log = TRUE) -
      ifelse(above, stats::pnorm(limit, mu, s, FALSE, TRUE), stats::pnorm(limit, mu, s, TRUE, TRUE))
    hazard <- exp(log_hazard) * ifelse(above, 1, -1)
    list(mu = hazard, s = hazard * (limit - mu) / s)
  }
  by_mu <- function(mu, tau2) {
    s <- sqrt(v + tau2)
    sum((y - mu) / s^2 - at_limit(mu, s)$mu)
  }
  by_tau2 <- function(mu, tau2) {
    s <- sqrt(v + tau2)
    sum((((y - mu)^2 / s^2 - 1) / s - at_limit(mu, s)$s) / (2 * s))
  }
  highest <- function(slope, height, grid, edge) {
    slopes <- vapply(grid, slope, 0)
    falls <- which(slopes[-1] <= 0 & slopes[-length(slopes)] > 0)
    roots <- vapply(falls, function(i) stats::uniroot(slope, grid[i + 0:1], tol = 1e-15)$root, 0)
    found <- c(edge, roots)
    found[which.max(vapply(found, height, 0))]
  }
  spreads <- c(0, 10^seq(-6, 2, length.out = 49)) * mean(v + (y - mean(y))^2)
  centres <- mean(y) + c(-rev(1.15^(0:40)), 0, 1.15^(0:40)) * 0.05 * sqrt(mean(v + (y - mean(y))^2))
  list(
    y = y, k_sig = as.double(sum(above)), log_likelihood = log_likelihood, by_mu = by_mu,
    best_tau2 = function(mu) highest(function(t) by_tau2(mu, t), function(t) log_likelihood(mu, t), spreads, 0),
    best_mu = function(t) highest(function(mu) by_mu(mu, t), function(mu) log_likelihood(mu, t), centres, NULL)
  )
}

# ---- p-uniform, of significant effects alone ----------------------------------------------------------------------------

# cases: texts of side, alpha, level and method
of_significant <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    turn <- if (text[1] == "left") -1 else 1
    y <- turn * data$yi
    z <- stats::qnorm(1 - as.double(text[2]) / 2)
    average <- stats::weighted.mean(y, 1 / data$vi)
    chosen <- y / sqrt(data$vi) >= z
    s <- sqrt(data$vi[chosen])
    answer <- (if (text[4] == "P") by_sum else by_likelihood)(y[chosen], s, z * s, as.double(text[3]) / 100, average)
    answer$est <- turn * answer$est
    answer$ci <- sort(turn * answer$ci)
    c(answer, list(fe = turn * average, k_sig = as.double(sum(chosen))))
  })
}

wide_root <- function(f, s) stats::uniroot(f, c(-60, 60) * max(s), tol = 1e-15)$root

by_sum <- function(y, s, limit, level, average) {
  k <- length(y)
  total <- function(mu) sum(exp(stats::pnorm(y, mu, s, FALSE, TRUE) - stats::pnorm(limit, mu, s, FALSE, TRUE)))
  at <- c(0, average)
  sums <- vapply(at, total, 0)
  list(
    est = wide_root(function(mu) total(mu) - k / 2, s),
    ci = c(
      wide_root(function(mu) sum_of_uniforms(total(mu), k) - (1 - level) / 2, s),
      wide_root(function(mu) sum_of_uniforms(k - total(mu), k) - (1 - level) / 2, s)
    ),
    L = sums, p = c(sum_of_uniforms(sums[1], k), sum_of_uniforms(k - sums[2], k))
  )
}

# P(the sum of k uniform numbers is x or less)
sum_of_uniforms <- function(x, k) {
  j <- 0:floor(x)
  sum((-1)^j * exp(lchoose(k, j) + k * log(pmax(x - j, 0)) - lfactorial(k)))
}

by_likelihood <- function(y, s, limit, level, average) {
  height <- function(mu) sum(stats::dnorm(y, mu, s, log = TRUE) - stats::pnorm(limit, mu, s, FALSE, TRUE))
  slope <- function(mu) {
    hazard <- exp(stats::dnorm(limit, mu, s, log = TRUE) - stats::pnorm(limit, mu, s, FALSE, TRUE))
    sum((y - mu) / s^2 - hazard)
  }
  est <- wide_root(slope, s)
  left <- function(mu) height(mu) - height(est) + stats::qchisq(level, 1) / 2
  L <- 2 * (height(est) - vapply(c(0, average), height, 0))
  list(est = est, ci = c(bound(left, est, -0.05), bound(left, est, 0.05)), L = L, p = stats::pchisq(L, 1, lower.tail = FALSE))
}
