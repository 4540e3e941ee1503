# BCG vaccine against tuberculosis: a first look
library(metafor)

dat <- dat.bcg
head(dat, 3)

### log risk ratios and their sampling variances
dat <- escalc(measure="RR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat,
              slab=paste(author, year, sep=", "))
round(dat$yi, 4)   # one a study

# random-effects model, with the interval of Knapp and Hartung
res <- rma(yi, vi, data=dat, method="DL", test="knha")
res
predict(res, transf=exp, digits=2)
confint(res); I2 <- res$I2
cat("I^2 is", round(I2, 1), "percent\n")

forest(res, atransf=exp,
       at=log(c(.05, .25, 1, 4)))

# only some of the studies
res.random <- rma(yi, vi, data=dat, subset=(alloc == "random"), method="DL")
res.first <- rma(yi, vi, data=dat, subset=1:6, method="DL")
res.late <- update(res, subset=-c(1, 2))
coef(res.random)
coef(res.first)
coef(res.late)

mh <- rma.mh(measure="OR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg)
mh$pval
exp(c(mh$beta, mh$ci.lb, mh$ci.ub))
peto <- rma.peto(ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg)
round(coef(peto), 4)
