library("metafor")
data("dat.bcg", package="metadat")

dat <- escalc(measure="OR", ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg)
dat$period <- ifelse(dat$year < 1960, "early", "late")
dat$lat10 <- dat$ablat / 10
dat <- dat[order(dat$year, -dat$ablat), ]

full <- rma(yi, vi, mods = ~ lat10 + factor(period), data=dat, method="ML",
            control=list(threshold=1e-14, maxiter=10000))
reduced <- rma(yi, vi, mods = ~ lat10, data=dat, method="ML",
            control=list(threshold=1e-14, maxiter=10000))
anova(full, reduced)
anova(full, btt=2:3)
anova(full, X=rbind(c(0, 1, 0), c(0, 1, 1)))

summary(full)
round(full$pval[2], 6)
vcov(reduced)

pr <- predict(reduced, newmods=c(1, 3, 5), transf=exp)
pr
pr$pred[2] / pr$pred[1]
predict(full, newmods=cbind(seq(1, 5, by=2), 1), digits=3)
predict(full, newmods=c("late"=1, lat10=2))

round(robust(reduced, cluster=dat$alloc)$se, 5)
no_int <- rma(yi ~ 0 + alloc, vi, data=dat, method="EE")
print(coef(no_int))
