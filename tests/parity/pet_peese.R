# PET and PEESE by R's own lm(): no package is needed, and metafor has neither.

# data: columns yi and vi; cases: texts of test, level and side
of_lines <- function(data, cases) {
  data <- as.data.frame(data)
  lines <- list(
    pet = lm(yi ~ sqrt(vi), weights = 1 / vi, data = data),
    peese = lm(yi ~ vi, weights = 1 / vi, data = data)
  )
  lapply(strsplit(cases, " "), function(text) {
    level <- as.double(text[2]) / 100
    answer <- unlist(lapply(names(lines), function(name) {
      found <- tabled(lines[[name]], text[1], level)
      stats::setNames(found, paste(name, names(found), sep = "."))
    }), recursive = FALSE)
    t <- answer$pet.zval[1]
    df <- if (text[1] == "t") nrow(data) - 2 else Inf
    one_sided <- pt(t, df, lower.tail = text[3] == "left")
    chosen <- if (one_sided < 0.1) "peese" else "pet"
    answer$pval_pet <- one_sided
    answer$conditional <- vapply(c("beta", "se", "ci_lb", "ci_ub"), function(one) answer[[paste0(chosen, ".", one)]][1], 0)
    names(answer$conditional) <- NULL
    answer
  })
}

tabled <- function(fit, test, level) {
  found <- summary(fit)
  table <- found$coefficients
  bounds <- confint(fit, level = level)
  p <- table[, 4]
  if (test == "z") {
    bounds <- table[, 1] + outer(table[, 2], qnorm(c(1 - level, 1 + level) / 2))
    p <- 2 * pnorm(-abs(table[, 3]))
  }
  answer <- list(beta = table[, 1], se = table[, 2], zval = table[, 3], pval = p, ci_lb = bounds[, 1], ci_ub = bounds[, 2])
  c(lapply(answer, unname), list(dispersion = found$sigma^2))
}
