library(metafor)
# correlations and proportions
dat <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014, slab = paste(authors, year, sep = ", "))
res <- rma(yi, vi, data = dat)
predict(res, digits = 3, transf = transf.ztor)
b_res <- rma(yi, vi, data = dat, slab = 1:16)
inf <- influence(b_res); print(inf); inf$is.infl
ranktest(b_res); regtest(b_res)
res.modtest <- rma(yi, vi, mods = ~ quality, data = dat); res.modtest
rma(yi, vi, mods = ~ factor(controls), data = dat)
dat2 <- dat.mcdaniel1994
dat2 <- escalc(measure = "COR", ri = ri, ni = ni, data = dat2, vtype = "AV")
rma(yi, vi, weights = ni, data = dat2, method = "HS")
rma(yi, vi, weights = ni, data = dat2, method = "FE")
d3 <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.mcdaniel1994)
r3 <- rma(yi, vi, mods = ~ factor(type) - 1 + I(struct == "s"), data = d3); r3
prop <- dat.pritz1997
prop <- escalc(measure = "PLO", xi = xi, ni = ni, data = prop)
res <- rma(yi, vi, data = prop); predict(res, transf = transf.ilogit, digits = 3)
res <- rma(measure = "PLO", xi = xi, ni = ni, data = prop, method = "DL", test = "t", level = 90)
predict(res, transf = plogis)
escalc(measure = "PFT", xi = xi, ni = ni, data = dat.pritz1997)
pf <- rma(measure = "PFT", xi = xi, ni = ni, data = dat.pritz1997)
predict(pf, transf = transf.ipft.hm, targs = list(ni = dat.pritz1997$ni))
escalc(measure = "PAS", xi = xi, ni = ni, data = dat.pritz1997)
ir <- escalc(measure = "IRLN", xi = x1i, ti = t1i, data = dat.hart1999)
rma(yi, vi, data = ir); rma.mh(x1i = x1i, x2i = x2i, t1i = t1i, t2i = t2i, measure = "IRR", data = dat.hart1999)
m <- dat.normand1999; m <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = m)
sapply(c("DL","REML","EB","PM"), function(x) confint(rma(yi, vi, data = m, method = x))$random[1,])
md <- escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
rma(yi, vi, data = md, method = "DL"); rma(yi ~ 1, vi, data = md)
ro <- escalc("ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999); rma(ro)
to.long(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg[1:3,])
agg <- aggregate(escalc(measure = "COR", yi = yi, vi = vi, data = dat.berkey1998), cluster = trial, struct = "ID"); agg
