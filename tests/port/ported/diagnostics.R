library(metafor)
dat <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
res <- rma(yi, vi, data = dat)
leave1out(res, transf = exp)
cumul(res, order = year)
inf <- influence(res)
inf
max(cooks.distance(res))
reg <- regtest(res, model = "lm", predictor = "sei")
reg
reg$pval
ranktest(res)
tf <- trimfill(res, estimator = "L0")
tf
tf$k0
tes(res)
hc(res, control = list(tol = 1e-12))
sel <- selmodel(res, type = "stepfun", steps = c(.025, .5), alternative = "less")
sel
sel$delta
confint(res)
