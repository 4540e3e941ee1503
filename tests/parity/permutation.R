# What metafor's permutest says of fits, with control as tight as its iterations bear.

CONTROLS <- lapply(c(1e-14, 1e-12, 1e-10, 1e-8), function(threshold) list(threshold = threshold, maxiter = 10000, tol = .Machine$double.eps))

# data: columns yi, vi, x; cases: texts of method, test, whether there is a moderator, how many studies, how many
# permutations (0: all), and the kinds of p-value and statistic
of_permutations <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    few <- if (text[4] == "all") data else data[seq_len(min(nrow(data), as.integer(text[4]))), ]
    how <- list(alternative = text[6], p2defn = text[7], stat = text[8])
    iter <- as.integer(text[5])
    for (control in CONTROLS) {
      arguments <- list(yi = few$yi, vi = few$vi, method = text[1], test = text[2], data = few, control = control)
      if (text[3] == "1") arguments$mods <- ~x
      answer <- tryCatch({
        fit <- do.call(metafor::rma, arguments)
        set.seed(1234)
        told(metafor::permutest(fit, exact = iter == 0, iter = max(iter, 2), progbar = FALSE, control = how))
      }, error = identity)
      if (!inherits(answer, "error")) return(answer)
    }
    stop(conditionMessage(answer))
  })
}

told <- function(found) {
  list(pval = as.double(found$pval), QMp = as.double(found$QMp), exact_iter = as.double(found$exact.iter),
       zval = unname(as.matrix(head(found$zval.perm, 15))), beta = unname(as.matrix(head(found$beta.perm, 15))),
       QM = as.double(head(found$QM.perm, 15)), n = as.integer(nrow(found$zval.perm)))
}

# Of location-scale models, whose fits R's optimiser leaves with some five digits.
of_scales <- function(data, cases) {
  data <- as.data.frame(data)
  lapply(strsplit(cases, " "), function(text) {
    few <- data[seq_len(as.integer(text[2])), ]
    fit <- metafor::rma(yi, vi, mods = if (text[1] == "1") ~x else ~1, scale = ~z, test = text[3], data = few)
    set.seed(1234)
    found <- suppressWarnings(metafor::permutest(fit, iter = as.integer(text[4]), progbar = FALSE))
    list(pval = as.double(found$pval), pval_alpha = as.double(found$pval.alpha), QMp = as.double(found$QMp),
         QSp = as.double(found$QSp), exact_iter = as.double(found$exact.iter), Z_exact_iter = as.double(found$Z.exact.iter),
         zval = unname(as.matrix(found$zval.perm)), zval_alpha = unname(as.matrix(found$zval.alpha.perm)))
  })
}
