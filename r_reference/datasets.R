# A data set of metadat by its name, looked up and never evaluated.
dataset <- function(name) {
  known <- utils::data(package = "metadat")$results[, "Item"]
  if (!name %in% known) stop("metadat has no data set ", name, call. = FALSE)
  as.data.frame(getExportedValue("metadat", name))
}
