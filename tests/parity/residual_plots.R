# The points of metafor's radial plots and normal QQ plots, which it returns unseen, and Cook's distances of robust().

# data: columns yi, vi and x; cases: texts of method and of whether there is a moderator, clusters or a scale;
# alpha: its coefficients
of_residual_plots <- function(data, cases, alpha) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    arguments <- list(yi = data$yi, vi = data$vi, method = text[1], data = data)
    arguments$control <- list(threshold = 1e-12, maxiter = 10000)
    if (text[2] %in% c("1", "robust_1")) arguments$mods <- ~x
    if (text[2] == "scale") {
      fit <- do.call(metafor::rma, c(arguments[c("yi", "vi", "method", "data")], list(scale = ~x, alpha = alpha)))
      quantiles <- stats::qqnorm(fit, type = "rstandard", envelope = FALSE)
      return(list(rstandard.x = as.double(quantiles$x), rstandard.y = as.double(quantiles$y)))
    }
    fit <- do.call(metafor::rma, arguments)
    if (startsWith(text[2], "robust")) {
      return(list(cooks_distance = as.double(stats::cooks.distance(metafor::robust(fit, cluster = data$x)))))
    }
    quantiles <- lapply(c(rstandard = "rstandard", rstudent = "rstudent"), function(type) {
      lapply(stats::qqnorm(fit, type = type, envelope = FALSE)[c("x", "y")], as.double)
    })
    answer <- unlist(quantiles, recursive = FALSE)
    if (text[2] == "1") return(answer)
    plain <- metafor::radial(fit)
    centred <- metafor::radial(fit, center = TRUE)
    c(answer, list(x = as.double(plain$x), y = as.double(plain$y), centred = as.double(centred$y)))
  })
}
