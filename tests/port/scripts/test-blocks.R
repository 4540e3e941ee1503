# a testthat file
library(testthat)
library(metafor)
context("blocks")
tolerance <- c(est = 0.01)
test_that("a model", {
  expect_error(rma(1:3))
  res <- rma(c(0.1, 0.2, 0.4), c(0.1, 0.1, 0.2))
  expect_equal(c(coef(res)), 0.2, tolerance = tolerance[["est"]])
  expect_output(print(res))
})
test_that("one that fails", {
  skip_on_cran()
  stop("half-way")
  rma(1:3, 1:3)
})
test_that("a warning", testthat::expect_warning(rma(c(1, 2, NA), c(1, 1, 1))))
test_that("skipped", {
  skip_if_not_installed("no.such.package")
  rma(1:3, 1:3)
})
