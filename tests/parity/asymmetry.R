# What metafor's tests of funnel plot asymmetry say of fits, with control as tight as its iterations bear.

CONTROLS <- lapply(c(1e-14, 1e-12, 1e-10, 1e-8), function(threshold) list(threshold = threshold, maxiter = 10000))
PREDICTORS <- c("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv")

# data: columns yi, vi, n and x; cases: texts of method, test and whether there is a moderator
of_funnels <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    arguments <- list(yi = data$yi, vi = data$vi, method = text[1], test = text[2], data = data)
    if (text[3] == "1") arguments$mods <- ~x
    fit <- tightest(arguments)
    fit$ni <- data$n
    answer <- unlist(lapply(PREDICTORS, function(predictor) c(
      tested(metafor::regtest(fit, predictor = predictor), paste0("rma.", predictor)),
      tested(metafor::regtest(fit, model = "lm", predictor = predictor), paste0("lm.", predictor))
    )), recursive = FALSE)
    if (text[3] == "1") return(answer)
    ranks <- suppressWarnings(metafor::ranktest(fit))
    c(answer, list(tau = as.double(ranks$tau), rank_p = as.double(ranks$pval)))
  })
}

tightest <- function(arguments) {
  for (control in CONTROLS) {
    fit <- tryCatch({
      fit <- do.call(metafor::rma, c(arguments, list(control = control)))
      for (predictor in PREDICTORS) {
        fit$ni <- arguments$data$n
        metafor::regtest(fit, predictor = predictor)
      }
      fit
    }, error = identity)
    if (!inherits(fit, "error")) return(fit)
  }
  stop(conditionMessage(fit))
}

tested <- function(found, under) {
  limit <- if (is.null(found$est)) c(NA, NA, NA) else c(found$est, found$ci.lb, found$ci.ub)
  answer <- list(as.double(found$zval), as.double(found$pval), as.double(limit))
  stats::setNames(answer, paste0(under, c(".zval", ".pval", ".limit")))
}
