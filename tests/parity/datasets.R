# The real data sets of the parity tests: metadat's, by name, under the columns of a family of measures.
#
#     dataset("dat.bcg") -> list(slab = , columns = list(ai = , bi = , ci = , di = ))

dataset <- function(name) {
  rows <- switch(name,
    dat.bcg = tables(metadat::dat.bcg, "author", c("tpos", "tneg", "cpos", "cneg"), c("ai", "bi", "ci", "di")),
    dat.nielweise2007 = tables(metadat::dat.nielweise2007, "author"),
    dat.hine1989 = tables(metadat::dat.hine1989, "source"),
    dat.li2007 = tables(metadat::dat.li2007, "study"),
    dat.collins1985a = tables(metadat::dat.collins1985a, "trial", c("b.xti", "nti", "b.xci", "nci")),
    dat.collins1985b = tables(metadat::dat.collins1985b, "author", c("pre.xti", "pre.nti", "pre.xci", "pre.nci")),
    dat.yusuf1985 = tables(subset(metadat::dat.yusuf1985, table == 6), "trial"),
    dat.normand1999 = means(metadat::dat.normand1999, "source"),
    dat.curtis1998 = means(metadat::dat.curtis1998, "id"),
    dat.senn2013 = contrasts_with_placebo(metadat::dat.senn2013),
    dat.molloy2014 = given(metafor::escalc("ZCOR", ri = ri, ni = ni, data = metadat::dat.molloy2014), "authors"),
    dat.konstantopoulos2011 = given(metadat::dat.konstantopoulos2011, "study"),
    stop("no such data set here: ", name, call. = FALSE)
  )
  complete <- stats::complete.cases(as.data.frame(rows$columns))
  # metafor renames labels that repeat ("Foco" to "Foco.1", "Foco.2"), pymeta leaves them as they are
  list(slab = make.unique(rows$slab[complete]), columns = lapply(rows$columns, function(x) as.double(x[complete])))
}

tables <- function(data, slab, from = c("ai", "n1i", "ci", "n2i"), to = c("ai", "n1i", "ci", "n2i")) {
  chosen(data, slab, from, to)
}

means <- function(data, slab) chosen(data, slab, c("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"))

given <- function(data, slab) chosen(data, slab, c("yi", "vi"))

chosen <- function(data, slab, from, to = from) {
  columns <- stats::setNames(lapply(from, function(name) as.vector(data[[name]])), to)
  list(slab = as.character(data[[slab]]), columns = columns)
}

# each arm of a trial against its placebo arm
contrasts_with_placebo <- function(data) {
  placebo <- data[data$treatment == "placebo", ]
  active <- data[data$treatment != "placebo" & data$study %in% placebo$study, ]
  control <- placebo[match(active$study, placebo$study), ]
  columns <- list(
    n1i = active$ni, m1i = active$mi, sd1i = active$sdi,
    n2i = control$ni, m2i = control$mi, sd2i = control$sdi
  )
  list(slab = paste(active$study, active$treatment), columns = columns)
}
