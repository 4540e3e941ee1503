library(metafor)
d <- dat.bcg
for (m in c("OR","RR","RD")) {
  f <- rma.mh(measure=m, ai=tpos, bi=tneg, ci=cpos, di=cneg, data=d)
  print(f); print(confint(f)); print(summary(f)); print(coef(f)); print(vcov(f))
  print(predict(f, transf=exp)); print(predict(f))
}
rma.mh(ai=tpos, bi=tneg, ci=cpos, di=cneg, data=d, correct=FALSE)
rma.mh(tpos, tneg, cpos, cneg, data=d, measure="RR", level=90)
d2 <- data.frame(ev=c(0,3,5,0,12), n1=c(20,30,44,25,100), cv=c(2,0,8,0,15), n2=c(21,28,40,25,98))
rma.mh(ai=ev, n1i=n1, ci=cv, n2i=n2, data=d2, measure="OR", add=c(.5,0), to=c("only0","none"), drop00=c(TRUE,TRUE))
rma.mh(ai=ev, n1i=n1, ci=cv, n2i=n2, data=d2, measure="OR", add=1/2, to="all")
rma.mh(ai=ev, n1i=n1, ci=cv, n2i=n2, data=d2, measure="RR", add=c(1/2,1/2), to="only0", drop00=FALSE)
rma.mh(ai=ev, n1i=n1, ci=cv, n2i=n2, data=d2, measure="RD", subset=-1)
x <- rma.peto(ai=ev, n1i=n1, ci=cv, n2i=n2, data=d2)
x; predict(x, transf=exp); confint(x, transf=exp); coef(x); vcov(x); summary(x); weights(x); logLik(x); AIC(x)
rma.peto(ai=ev, n1i=n1, ci=cv, n2i=n2, data=d2, add=c(.5,.5), to=c("only0","only0"), drop00=FALSE, level=99, subset=ev>0)
nw <- dat.nielweise2008
i1 <- rma.mh(measure="IRR", x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i, data=nw)
i2 <- rma.mh(measure="IRD", x1i=x1i, t1i=t1i, x2i=x2i, t2i=t2i, data=nw, correct=TRUE)
i3 <- rma.mh(measure="IRR", x1i=x1i, t1i=t1i/100, x2i=x2i, t2i=t2i/100, data=nw, correct=FALSE)
predict(i1, transf=exp); confint(i2, level=90); rstandard(i1); rstudent(x); weights(i1, type="diagonal")
rstudent(i2); residuals(i1); residuals(x); fitted(i1); df.residual(i1); nobs(x); BIC(i1); deviance(i1); fitstats(i2)
cd <- dat.collins1985b
with(cd, rma.mh(measure="OR", ai=pre.xti, n1i=pre.nti, ci=pre.xci, n2i=pre.nci, slab=author))
with(cd, rma.peto(ai=pre.xti, n1i=pre.nti, ci=pre.xci, n2i=pre.nci))
mh <- rma.mh(ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
pe <- rma.peto(ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
for (fit in list(mh, pe)) { print(regtest(fit, model = "lm")); print(ranktest(fit)); print(tes(fit)); funnel(fit); radial(fit) }
ranktest(rma(yi, vi, scale = ~ ablat, data = escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)))
