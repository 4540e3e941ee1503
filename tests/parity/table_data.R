# The data of the grid of methods that pool tables themselves: metadat's 2x2 tables, and events in person-times.
#
#     Rscript tests/parity/table_data.R > tests/parity/table_data.csv
#
# Columns: data; ai, n1i, ci, n2i or x1i, t1i, x2i, t2i, empty where a set has none.

suppressMessages(library(metadat))

NAMES <- c("ai", "n1i", "ci", "n2i", "x1i", "t1i", "x2i", "t2i")

set <- function(name, columns, as = c("ai", "n1i", "ci", "n2i"), rows = TRUE) {
  source <- get(name, envir = asNamespace("metadat"))[rows, ]
  found <- as.data.frame(matrix(NA_real_, nrow(source), length(NAMES), dimnames = list(NULL, NAMES)))
  found[as] <- lapply(columns, function(column) as.numeric(eval(parse(text = column), source)))
  cbind(data = name, found)
}

RATES <- c("x1i", "t1i", "x2i", "t2i")
yusuf <- get("dat.yusuf1985", envir = asNamespace("metadat"))
sets <- list(
  set("dat.bcg", c("tpos", "tpos + tneg", "cpos", "cpos + cneg")),
  set("dat.collins1985a", c("b.xti", "nti", "b.xci", "nci")),
  set("dat.collins1985b", c("pre.xti", "pre.nti", "pre.xci", "pre.nci")),
  set("dat.hine1989", c("ai", "n1i", "ci", "n2i")),
  set("dat.li2007", c("ai", "n1i", "ci", "n2i")),
  set("dat.nielweise2007", c("ai", "n1i", "ci", "n2i")),
  set("dat.yusuf1985", c("ai", "n1i", "ci", "n2i"), rows = yusuf$table == "9"),
  set("dat.nielweise2008", RATES, RATES),
  set("dat.hart1999", RATES, RATES)
)
write.csv(do.call(rbind, sets), stdout(), row.names = FALSE, na = "", quote = FALSE)
