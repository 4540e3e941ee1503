# Makes the call of a comparison again, in plain R:  Rscript case.R
#
# Needs base R, the package of the function, and the files beside this one: call.rds (the call; call.json is the same for
# people and for case.py), codec.R and server.R (which make it) and, where the function is not a package's, adapter.R.

file <- gsub("~+~", " ", sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1L]), fixed = TRUE)
path <- function(name) file.path(dirname(file), name)
beside <- function(name) paste(readLines(path(name), warn = FALSE, encoding = "UTF-8"), collapse = "\n")

harness <- new.env(parent = baseenv())
for (name in c("codec.R", "server.R")) eval(parse(text = beside(name), keep.source = FALSE, encoding = "UTF-8"), envir = harness)

tell <- function(request) {
  if (!is.null(request[["adapter"]])) request[["adapter"]][["source"]] <- beside("adapter.R")
  cat("\n", request[["fun"]], " of\n", sep = "")
  utils::str(request[["args"]], give.attr = FALSE)
  said <- harness$run(request)
  for (one in said[["warnings"]]) cat("warning:", one[["message"]], "\n")
  for (one in said[["messages"]]) cat("message:", one[["message"]], "\n")
  for (one in said[["error"]]) cat("error:", one[["message"]], "\n")
  if (is.null(said[["error"]])) print(unclass(said[["value"]]), digits = 17)
}

calls <- readRDS(path("call.rds"))
for (request in calls[!vapply(calls, is.null, NA)]) tell(request)
