# The examples of every help page of installed packages, \dontrun and \donttest included, each a script that loads its package:
#
#   Rscript examples.R FOLDER PACKAGE...
#
# writes FOLDER/PACKAGE-page.R; pages without examples have none.

given <- commandArgs(TRUE)
for (package in given[-1L]) {
  pages <- tools::Rd_db(package)
  for (page in names(pages)) {
    script <- file.path(given[1L], paste0(package, "-", sub("[.]Rd$", "", page), ".R"))
    tools::Rd2ex(pages[[page]], script, commentDontrun = FALSE, commentDonttest = FALSE)
    if (file.exists(script)) writeLines(c(paste0("library(", package, ")"), readLines(script)), script)
  }
}
