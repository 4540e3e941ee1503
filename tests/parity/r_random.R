# R's random numbers of a seed: n draws of each kind, told by a checksum of their bits and a few of them.

draws <- function(seed, n, prob) {
  kinds <- list(
    runif = function() stats::runif(n),
    rnorm = function() stats::rnorm(n),
    sample = function() sample(n),
    sample_some = function() sample(1000, 500),
    sample_signs = function() sample(c(-1, 1), n, replace = TRUE),
    sample_wide = function() sample(70000, n, replace = TRUE),
    sample_weighted = function() sample(seq_along(prob), n, replace = TRUE, prob = prob)
  )
  found <- lapply(kinds, function(kind) { set.seed(seed); told(kind()) })
  set.seed(seed)
  c(found, list(mixed = told(unlist(lapply(1:50, function(i) c(stats::runif(i), sample(i), stats::rnorm(1)))))))
}

told <- function(x) {
  bytes <- writeBin(as.double(x), raw(), endian = "little")
  words <- readBin(bytes, "integer", 4 * length(x), size = 2, signed = FALSE, endian = "little")
  checksum <- 0
  for (word in words) checksum <- (31 * checksum + word) %% 2147483647
  c(checksum, length(x), x[unique(c(1:3, seq(1, length(x), length.out = 20), length(x)))])
}
