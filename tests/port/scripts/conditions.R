# errors that the script survives, warnings, both with what R says to the console
library(metafor)
try(rma(1:3, 1:3, method = "NOPE"))
failed <- tryCatch(rma(1:3), error = function(e) conditionMessage(e))
failed
rma(c(0.1, 0.2, NA, 0.4), c(0.1, 0.2, 0.1, 0.3))
tryCatch(rma(c(0.1, 0.2, NA), c(0.1, 0.2, 0.1)), warning = function(w) cat("a warning\n"))
quiet <- suppressWarnings(rma(c(0.1, 0.2, NA), c(0.1, 0.2, 0.1)))
rma(1:3, 1:3, level = as.numeric("ninety"))
try(rma(1:3, 1:3, digits = stop("no digits")))
wrapped <- function(y, v, ...) rma(y, v, ...)
wrapped(1:3, 1:3, method = "FE")
try(wrapped(1:3))
