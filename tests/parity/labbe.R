# The points of metafor's L'Abbe plots, which it returns unseen.

# data: columns ai, n1i, ci, n2i or x1i, t1i, x2i, t2i; cases: texts of measure, model, add and to (or - for defaults)
of_labbe <- function(data, cases) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    columns <- if ("ai" %in% names(data)) c("ai", "n1i", "ci", "n2i") else c("x1i", "t1i", "x2i", "t2i")
    arguments <- c(list(measure = text[1]), data[columns])
    if (text[2] != "MH") arguments$method <- text[2]
    fit <- suppressWarnings(do.call(if (text[2] == "MH") metafor::rma.mh else metafor::rma, arguments))
    more <- if (text[3] == "-") list() else list(add = as.double(text[3]), to = text[4])
    found <- do.call(metafor::labbe, c(list(fit), more))
    list(x = as.double(found$x), y = as.double(found$y), cex = as.double(found$cex), ids = as.double(found$ids))
  })
}
