# columns of data, by name and by expression; variables of the workspace; the value printed
library(metafor)
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg, slab = paste(author, year))
squared <- dat$ablat^2
res <- rma(yi, vi, mods = ~ ablat + squared, data = dat, subset = alloc == "random")
res
rma(yi, sei = sqrt(vi), data = dat, level = 90)
do.call("rma", list(yi = quote(yi), vi = quote(vi), data = quote(dat), method = "DL"))
within <- with(dat, rma(yi, vi))
within$tau2
