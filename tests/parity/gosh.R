# What metafor's gosh says of fits, with control as tight as its iterations bear.

CONTROLS <- lapply(c(1e-14, 1e-12, 1e-10, 1e-8),
                   function(threshold) list(threshold = threshold, maxiter = 10000, tol = .Machine$double.eps))

# data: columns yi, vi, x, ai, n1i, ci, n2i (counts that belong to the variances); cases: texts of function and method or
# measure, test, whether there is a moderator, how many studies, and how many subsets (0: all)
of_subsets <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    few <- data[seq_len(min(nrow(data), as.integer(text[5]))), ]
    for (control in CONTROLS) {
      answer <- tryCatch(told(fitted_by(text, few, control), as.integer(text[6])), error = identity)
      if (!inherits(answer, "error")) return(answer)
    }
    stop(conditionMessage(answer))
  })
}

fitted_by <- function(text, data, control) {
  tables <- list(ai = data$ai, n1i = data$n1i, ci = data$ci, n2i = data$n2i)
  switch(text[1],
    rma = do.call(metafor::rma, c(
      list(yi = data$yi, vi = data$vi, method = text[2], test = text[3], data = data, control = control),
      if (text[4] == "1") list(mods = ~x)
    )),
    mh = if (text[2] %in% c("IRR", "IRD")) {
      metafor::rma.mh(x1i = data$ai, t1i = data$n1i, x2i = data$ci, t2i = data$n2i, measure = text[2])
    } else do.call(metafor::rma.mh, c(tables, measure = text[2])),
    peto = do.call(metafor::rma.peto, tables)
  )
}

told <- function(fit, n) {
  set.seed(1234)
  found <- suppressWarnings(if (n == 0) metafor::gosh(fit, progbar = FALSE) else metafor::gosh(fit, subsets = n, progbar = FALSE))
  res <- found$res
  last <- setdiff(names(res), c("k", "QE", "I2", "H2", "tau2", "tau"))
  list(k = as.double(res$k), QE = as.double(res$QE), I2 = as.double(res$I2), H2 = as.double(res$H2),
       tau2 = as.double(res$tau2), beta = unname(as.matrix(res[last])), incl = unname(as.matrix(found$incl)) + 0)
}
