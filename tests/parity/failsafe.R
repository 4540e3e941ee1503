# What metafor's fsn says: of effects by every type, of models by every path of the type "General".

# data: columns yi and vi; cases: texts of type, alpha and target (or -); of General, also method, test and whether exact
of_drawers <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    if (utils::packageVersion("metafor") < "4.0" && text[1] == "General") return(NULL)
    found <- drawer_of(data, text)
    names <- c("fsnum", "est", "tau2", "pval", "target", "est.fsn", "tau2.fsn", "pval.fsn")
    if (utils::packageVersion("metafor") < "4.0") found$est <- found$meanes
    answer <- lapply(names, function(name) if (is.null(found[[name]])) NA_real_ else as.double(found[[name]]))
    stats::setNames(answer, names)
  })
}

drawer_of <- function(data, text) {
  arguments <- list(alpha = as.double(text[2]))
  if (text[3] != "-") arguments$target <- as.double(text[3])
  if (text[1] == "General") {
    fit <- metafor::rma(data$yi, data$vi, method = text[4], test = text[5])
    return(do.call(metafor::fsn, c(list(fit, exact = text[6] == "1"), arguments)))
  }
  arguments$type <- sub("0", "", text[1])
  if (text[1] == "Orwin0") return(do.call(metafor::fsn, c(list(data$yi), arguments)))
  if (text[1] == "Orwin" && utils::packageVersion("metafor") < "4.0") arguments$weighted <- TRUE
  do.call(metafor::fsn, c(list(data$yi, data$vi), arguments))
}
