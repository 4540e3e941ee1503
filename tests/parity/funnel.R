# The points of metafor's funnel plots, and in which band of p-values they lie, by R's own cut().

YAXES <- c("sei", "vi", "seinv", "vinv", "ni", "ninv", "sqrtni", "sqrtninv", "lni", "wi")

# data: columns yi, vi, n and x; cases: texts of method (- for plain effects), type, and what is done to the model
of_points <- function(data, cases) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    if (text[1] == "-") {
      drawn <- function(yaxis) metafor::funnel(data$yi, data$vi, ni = data$n, yaxis = yaxis)
      about <- 0
    } else {
      fit <- fitted_model(data, text)
      drawn <- function(yaxis) metafor::funnel(fit, yaxis = yaxis, type = text[2])
      about <- if (text[3] == "mods") 0 else as.double(coef(fit))
    }
    axes <- if (text[3] == "fill") YAXES[c(1:4, 10)] else YAXES
    points <- lapply(stats::setNames(axes, axes), drawn)
    first <- points$sei
    p <- 2 * stats::pnorm(-abs(first$x - about) / first$y)
    answer <- lapply(points, function(one) as.double(one$y))
    c(answer, list(
      x = as.double(first$x), fill = as.double(if (is.null(first$fill)) NA else first$fill), p = as.double(p),
      crossed = 3 - as.double(cut(p, c(-1, 0.01, 0.05, 0.1, 2), labels = FALSE) - 1)
    ))
  })
}

fitted_model <- function(data, text) {
  arguments <- list(yi = data$yi, vi = data$vi, ni = data$n, method = text[1], data = data)
  arguments$control <- list(threshold = 1e-12, maxiter = 10000)
  if (text[3] == "mods") arguments$mods <- ~x
  if (text[3] == "equal") arguments$weighted <- FALSE
  fit <- do.call(metafor::rma, arguments)
  if (text[3] == "fill") metafor::trimfill(fit) else fit
}
