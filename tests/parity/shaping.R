# The functions of metafor that put data into another shape, as bare numbers and texts: many cases that share data sets.
#
# data: lists of columns by name. cases: lists of fun (below) and args, whose names are metafor's. "$set.column" and "$set" in
# arguments stand for data; list(names = , values = ) for a matrix with names. What R refuses is told in its words.

many_shapings <- function(data, cases) {
  lapply(cases, function(case) {
    tryCatch(
      suppressMessages(suppressWarnings(shapings[[case[["fun"]]]](resolved(case[["args"]], data)))),
      error = function(e) list(error = conditionMessage(e))
    )
  })
}

resolved <- function(value, data) {
  if (is.list(value) && identical(names(value), c("names", "values")))
    return(matrix(value$values, nrow = length(value$names), dimnames = list(value$names, value$names)))
  if (is.list(value)) return(lapply(value, resolved, data))
  if (is.double(value)) return(replace(value, is.nan(value), NA)) # Python has but one missing number
  if (!is.character(value) || length(value) != 1L || !startsWith(value, "$")) return(value)
  at <- strsplit(substring(value, 2L), ".", fixed = TRUE)[[1L]]
  if (length(at) == 1L) return(table_of(data[[at]]))
  data[[at[1L]]][[paste(at[-1L], collapse = ".")]]
}

table_of <- function(columns) {
  columns <- lapply(columns, function(x) if (is.double(x)) replace(x, is.nan(x), NA) else x)
  as.data.frame(columns, stringsAsFactors = FALSE, check.names = FALSE)
}

asked <- function(name, args) do.call(getExportedValue("metafor", name), args)

# Columns by name; where two share one, as metafor lets them, each by its place.
columns_of <- function(frame) {
  out <- lapply(seq_along(frame), function(i) {
    x <- frame[[i]]
    if (is.factor(x)) as.character(x) else as.vector(x)
  })
  stats::setNames(out, names(frame))
}

bare <- function(x) unname(as.matrix(unclass(x)))

# A symmetric matrix by what is not 0 in its lower triangle; a matrix with zeros would fill the recordings.
sparse <- function(x) {
  V <- bare(x)
  stopifnot(isSymmetric(V))
  at <- which(lower.tri(V, diag = TRUE) & (is.na(V) | V != 0), arr.ind = TRUE)
  list(row = at[, 1L], column = at[, 2L], V = V[at])
}

shapings <- list(
  vcalc = function(args) {
    if (!is.null(args$rvars)) args$rvars <- as.call(c(list(as.name("c")), lapply(args$rvars, as.name)))
    sparse(asked("vcalc", args))
  },
  to_long = function(args) columns_of(asked("to.long", args)),
  to_table = function(args) {
    x <- asked("to.table", args)
    list(values = as.vector(aperm(x, c(2L, 1L, 3L))), rows = dimnames(x)[[1L]], cols = dimnames(x)[[2L]], slab = dimnames(x)[[3L]])
  },
  to_wide = function(args) columns_of(asked("to.wide", args)),
  contrmat = function(args) columns_of(as.data.frame(asked("contrmat", args), check.names = FALSE)),
  aggregate = function(args) {
    x <- metafor::escalc(measure = "GEN", yi = args$x$yi, vi = args$x$vi, data = args$x)
    rest <- args[names(args) != "x"]
    columns_of(as.data.frame(do.call(stats::aggregate, c(list(x), rest))))
  },
  rcalc = function(args) {
    if (is.character(args$x)) args$x <- stats::as.formula(args$x)
    found <- asked("rcalc", args)
    c(columns_of(found$dat), sparse(found$V))
  },
  matreg = function(args) {
    found <- asked("matreg", args)
    tab <- as.list(found$tab)
    c(tab, list(vb = bare(found$vb), R2 = found$R2), if (is.null(args$V)) list(F = unname(found$F[1L])) else list(QM = found$QM, QMp = found$QMp))
  },
  matreg_fit = function(args) {
    found <- asked("matreg", args)
    if (is.null(found$fit.stats)) stop("this metafor has no fit.stats")
    list(ML = found$fit.stats$ML, REML = found$fit.stats$REML, sigma2 = c(found$sigma2.ml, found$sigma2.reml),
         R2adj = found$R2adj, Fp = found$Fp)
  },
  blsplit = function(args) {
    V <- asked("vcalc", args$vcalc)
    blocks <- metafor::blsplit(V, cluster = args$cluster, sort = isTRUE(args$sort))
    stats::setNames(lapply(blocks, bare), names(blocks))
  },
  bldiag = function(args) list(V = bare(do.call(metafor::bldiag, c(list(args$blocks), args["order"][!is.null(args$order)])))),
  vec2mat = function(args) list(V = bare(asked("vec2mat", args))),
  replmiss = function(args) list(x = asked("replmiss", args)),
  dfround = function(args) columns_of(asked("dfround", args)),
  pairmat = function(args) {
    res <- suppressWarnings(metafor::rma(args$yi, args$vi, mods = stats::as.formula(args$mods), data = args$data, method = "DL"))
    found <- do.call(getExportedValue("metafor", "pairmat"), c(list(res), args[names(args) %in% c("btt", "btt2")]))
    list(names = rownames(res$beta), rows = rownames(found), X = bare(found))
  }
)
