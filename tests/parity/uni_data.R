# The data of the grid of univariate models: metadat's data sets as effects, variances and moderators.
#
#     Rscript tests/parity/uni_data.R > tests/parity/uni_data.csv
#
# Columns: data, yi, vi, then up to two numeric moderators x1, x2 and a factor g, empty where a set has none. The numeric ones
# are standardized: R solves the normal equations, and loses up to five digits to years of 1990.

suppressMessages(library(metafor))

set <- function(name, measure, ..., x1 = NULL, x2 = NULL, g = NULL) {
  rows <- get(name, envir = asNamespace("metadat"))
  if (!is.null(measure)) rows <- eval(substitute(escalc(measure = measure, ..., data = rows)))
  column <- function(x) if (is.null(x)) NA else rows[[x]]
  found <- data.frame(
    data = name, yi = as.vector(rows$yi), vi = rows$vi,
    x1 = standardized(column(x1)), x2 = standardized(column(x2)), g = as.character(column(g))
  )
  wanted <- c("yi", "vi", if (!is.null(x1)) "x1", if (!is.null(x2)) "x2", if (!is.null(g)) "g")
  found[stats::complete.cases(found[wanted]) & found$vi > 0, ]
}

standardized <- function(x) if (all(is.na(x))) NA else round(as.vector(scale(as.numeric(x))), 4)

sets <- list(
  set("dat.assink2016", NULL, x1 = "year", g = "deltype"),
  set("dat.bangertdrowns2004", NULL, x1 = "length", g = "subject"),
  set("dat.bcg", "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, x1 = "ablat", x2 = "year", g = "alloc"),
  set("dat.berkey1998", NULL, x1 = "year", x2 = "ni", g = "outcome"),
  set("dat.bonett2010", "ARAW", ai = ai, mi = mi, ni = ni, x1 = "mi", x2 = "ni"),
  set("dat.cohen1981", "ZCOR", ri = ri, ni = ni, x1 = "ni"),
  set("dat.collins1985b", "OR", ai = pre.xti, n1i = pre.nti, ci = pre.xci, n2i = pre.nci, x1 = "pre.nci"),
  set("dat.curtis1998", "ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, g = "fungrp"),
  set("dat.debruin2009", "PLO", xi = xi, ni = ni, x1 = "scq", g = "ethnicity"),
  set("dat.egger2001", "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, x1 = "year"),
  set("dat.gibson2002", "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, x1 = "n1i"),
  set("dat.hackshaw1998", NULL, x1 = "year", g = "design"),
  set("dat.hart1999", "IRR", x1i = x1i, x2i = x2i, t1i = t1i, t2i = t2i, x1 = "year", g = "prevtype"),
  set("dat.hasselblad1998", "PLO", xi = xi, ni = ni, g = "trt"),
  set("dat.hine1989", "RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i, x1 = "n1i"),
  set("dat.kalaian1996", NULL, x1 = "year", x2 = "hrs", g = "outcome"),
  set("dat.knapp2017", NULL, x1 = "difficulty", x2 = "yi_iq", g = "comp"),
  set("dat.konstantopoulos2011", NULL, x1 = "year"),
  set("dat.laopaiboon2015", "RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, x1 = "year"),
  set("dat.lau1992", "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, x1 = "year"),
  set("dat.lehmann2018", NULL, x1 = "Year", x2 = "Total.SampleSize", g = "Gender"),
  set("dat.li2007", "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, x1 = "year"),
  set("dat.linde2005", "RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, x1 = "duration", g = "country"),
  set("dat.mcdaniel1994", "ZCOR", ri = ri, ni = ni, g = "struct"),
  set("dat.molloy2014", "ZCOR", ri = ri, ni = ni, x1 = "quality", x2 = "meanage", g = "design"),
  set("dat.nielweise2007", "OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, x1 = "n1i"),
  set("dat.normand1999", "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i),
  set("dat.pignon2000", "GEN", yi = OmE / V, vi = 1 / V, x1 = "grp"),
  set("dat.pritz1997", "PFT", xi = xi, ni = ni, x1 = "ni"),
  set("dat.raudenbush1985", NULL, x1 = "weeks", g = "setting"),
  set("dat.senn2013", "MN", mi = mi, sdi = sdi, ni = ni, g = "treatment"),
  set("dat.vanhowe1999", "RR", ai = cir.pos, bi = cir.neg, ci = non.pos, di = non.neg, g = "category"),
  set("dat.viechtbauer2021", "OR", ai = xTi, n1i = nTi, ci = xCi, n2i = nCi, x1 = "dose")
)
utils::write.csv(do.call(rbind, sets), row.names = FALSE, na = "")
