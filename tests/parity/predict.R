# What metafor says of fitted models: predictions, intervals of tau^2, random effects, profiles, numbers of plots.

CONTROLS <- lapply(c(1e-14, 1e-12, 1e-10, 1e-8), function(threshold) {
  list(threshold = threshold, maxiter = 10000, tol = .Machine$double.eps, tau2.max = 1e4)
})
SEARCH <- list(tol = .Machine$double.eps, maxiter = 10000, tau2.max = 1e6)
VERSION <- utils::packageVersion("metafor")

# data: a list of columns; cases: texts of method, test, whether there are moderators and own weights, "REML z 1 0";
# formula: of the moderators; rows: new ones, a list; first: how many studies are told of
# The answer is compact: `layouts`, texts such as "tau2:1 pred.se:2"; and of each case the place of its layout among
# them and then its numbers.
of_fits <- function(data, cases, formula, rows, first) {
  data <- as.data.frame(data)
  found <- lapply(strsplit(cases, " "), function(text) {
    case <- list(method = text[1], test = text[2], mods = if (text[3] == "1") formula, weights = if (text[4] == "1") "w")
    flat(suppressWarnings(of_fit(data, case, do.call(rbind, rows), first)), "")
  })
  layouts <- vapply(found, function(one) paste0(names(one), ":", lengths(one), collapse = " "), "")
  known <- unique(layouts)
  list(layouts = known, answers = lapply(seq_along(found), function(i) {
    c(match(layouts[i], known), as.double(unlist(found[[i]])))
  }))
}

flat <- function(answer, under) {
  if (is.null(answer)) return(list())
  if (!is.list(answer)) return(stats::setNames(list(answer), under))
  names <- paste0(under, if (nzchar(under)) ".", gsub(".", "_", names(answer), fixed = TRUE))
  do.call(c, Map(flat, answer, names, USE.NAMES = FALSE))
}

of_fit <- function(data, case, rows, first) {
  arguments <- list(yi = data$yi, vi = data$vi, data = data, method = case$method, test = case$test)
  if (!is.null(case$mods)) arguments$mods <- stats::as.formula(case$mods, env = baseenv())
  if (!is.null(case$weights)) arguments$weights <- data[[case$weights]]
  fit <- tightest(arguments)
  random <- !case$method %in% c("EE", "FE")
  moderated <- !is.null(case$mods)
  answer <- list(tau2 = as.double(fit$tau2), pred = numbers(stats::predict(fit), first))
  if (moderated) answer$at <- numbers(stats::predict(fit, newmods = rows, level = 80), first)[-1]
  if (is.null(case$weights)) {
    answer$blup <- numbers(metafor::blup(fit), first)[-1]
    answer$ranef <- numbers(metafor::ranef(fit), first)[-1]
  }
  if (case$test %in% c("z", "t") && random) answer <- c(answer, kinds(fit))
  if (case$test != "z") return(answer)
  if (moderated) answer <- c(answer, with_moderators(fit, rows, first))
  if (random) answer <- c(answer, intervals(fit, !moderated), profiled(fit))
  answer$fixed <- as.double(stats::confint(fit, fixed = TRUE, random = FALSE, level = 90)$fixed)
  if (moderated && case$method %in% c("EE", "REML")) c(answer, plotted(fit, random, first)) else answer
}

# the fit with the smallest threshold that converges
tightest <- function(arguments) {
  for (control in CONTROLS) {
    fit <- tryCatch(do.call(metafor::rma, c(arguments, list(control = control))), error = identity)
    if (!inherits(fit, "error")) return(fit)
  }
  stop(conditionMessage(fit))
}

numbers <- function(found, first) {
  columns <- unclass(found)[c("pred", "se", "ci.lb", "ci.ub", "pi.lb", "pi.ub")]
  lapply(columns[!vapply(columns, is.null, TRUE)], function(x) as.double(utils::head(x, first)))
}

with_moderators <- function(fit, rows, first) {
  adjusted <- if (VERSION >= "4") numbers(stats::predict(fit, newmods = rows, adjust = TRUE), first)[-(1:2)]
  list(
    vcov = as.double(stats::predict(fit, newmods = rows, vcov = TRUE)$vcov), adjusted = adjusted,
    bare = numbers(stats::predict(fit, newmods = rows, intercept = FALSE), first)[1:2],
    exp = numbers(stats::predict(fit, newmods = rows, transf = exp), first)[-2]
  )
}

# prediction intervals of each kind, and probabilities, where this metafor has them
kinds <- function(fit) {
  name <- if (VERSION >= "5") "predtype" else "pi.type"
  if (VERSION < "4") return(list())
  one <- function(kind) {
    found <- do.call(stats::predict, c(list(fit), stats::setNames(list(kind), name)))
    as.double(c(found$pi.lb[1], found$pi.ub[1]))
  }
  answer <- list(riley = one("Riley"), simple = one("simple"), t = one("t"))
  answer$new <- as.double(stats::predict(fit, newvi = 0.3)$pi.ub[1])
  if (VERSION < "5") return(answer)
  answer$below <- as.double(stats::predict(fit, prob = "<0.1")$prob[1])
  answer$above <- as.double(stats::predict(fit, prob = ">0.1", predtype = "t")$prob[1])
  answer$hetvar <- as.double(stats::predict(fit, hetvar = 0.2)$pi.ub[1])
  answer
}

intervals <- function(fit, plain) {
  one <- function(type) {
    found <- stats::confint(fit, type = type, control = SEARCH)
    list(bounds = as.double(found$random[c(1, 3), 2:3]), empty = found$ci.null, estimate = as.double(found$random[, 1]))
  }
  answer <- list(QP = one("QP"))
  if (fit$method %in% c("ML", "REML", "PM")) answer$PL <- one("PL")[1:2]
  if (plain && VERSION >= "4" && fit$k > 2) answer$HT <- one("HT")[1]
  answer
}

profiled <- function(fit) {
  found <- stats::profile(fit, xlim = c(0, 1), steps = 3, progbar = FALSE, plot = FALSE)
  list(profile = c(list(ll = as.double(found$ll)), lapply(found[c("beta", "ci.lb", "ci.ub")], function(x) as.double(as.matrix(x)))))
}

plotted <- function(fit, random, first) {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  draw <- function(...) metafor::regplot(fit, mod = "x1", ...)
  some <- function(found, what = "psize") as.double(utils::head(found[[what]], first))
  found <- draw(label = if (random) "piout" else "ciout", transf = exp, pi = random)
  list(regplot = list(
    xi = some(found, "xi"), yi = some(found, "yi"), label = found$label, ids = some(found, "ids"), psize = some(found),
    seinv = some(draw(psize = "seinv")), vinv = some(draw(psize = "vinv")), low = some(draw(plim = c(1, NA))),
    high = some(draw(plim = c(NA, 2, 1))), ciout = draw(label = "ciout")$label,
    limited = some(draw(olim = c(-0.2, 0.2)), "yi")
  ))
}
