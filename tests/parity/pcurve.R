# The p-curve of z-values with base R, from Simonsohn, Nelson & Simmons (2014; 2015): no package was run.

CRITICAL <- qnorm(c(full = 0.975, half = 0.9875))

# data: columns yi and vi; cases: "right" or "left"
of_curves <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(cases, function(side) {
    z <- data$yi / sqrt(data$vi)
    if (side == "left") z <- -z
    parts <- list(full = z[z > CRITICAL["full"]], half = z[z > CRITICAL["half"]])
    counts <- lengths(parts)
    low <- mean_for(1 / 3)
    share <- power_of(low, CRITICAL[["half"]]) / power_of(low, CRITICAL[["full"]])
    binomial <- c(
      pbinom(counts[["half"]] - 1, counts[["full"]], 0.5, lower.tail = FALSE),
      pbinom(counts[["half"]], counts[["full"]], share)
    )
    answer <- list(counts = as.double(counts), binomial = binomial, power = powers(parts$full))
    for (name in names(parts)) {
      found <- if (counts[[name]]) c(-combined(parts[[name]], 0, name), combined(parts[[name]], low, name)) else c(NA, NA)
      answer[[paste0(name, ".z")]] <- as.double(found)
      answer[[paste0(name, ".p")]] <- pnorm(as.double(found))
    }
    answer
  })
}

# P(|Z| > z) for Z of this mean
power_of <- function(mean, z) pnorm(z, mean, lower.tail = FALSE) + pnorm(-z, mean)

mean_for <- function(power) uniroot(function(mean) power_of(mean, CRITICAL[["full"]]) - power, c(0, 10), tol = 1e-15)$root

# Stouffer's score of the chances of a result at most as extreme, by their complements
combined <- function(z, mean, part) {
  more <- power_of(mean, z) / power_of(mean, CRITICAL[[part]])
  sum(qnorm(more, lower.tail = FALSE)) / sqrt(length(z))
}

powers <- function(z) {
  score <- function(power) if (power <= 0.05) combined(z, 0, "full") else combined(z, mean_for(power), "full")
  vapply(c(0.5, 0.95, 0.05), function(chance) {
    away <- function(power) pnorm(score(power)) - chance
    if (away(0.05) <= 0) return(0.05)
    if (away(0.99) >= 0) return(0.99)
    uniroot(away, c(0.05, 0.99), tol = 1e-13)$root
  }, 0)
}
