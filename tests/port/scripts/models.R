# model objects: update, lists, lapply, nested calls, fields set by the script
library(metafor)
dat <- dat.hasselblad1998[1:20, ]
dat <- escalc(measure = "OR", ai = xi, n1i = ni, ci = rev(xi), n2i = rev(ni), data = dat, add = 1/2, to = "all")
first <- rma(yi, vi, data = dat)
second <- update(first, method = "DL")
fits <- lapply(c("EB", "ML"), function(method) rma(yi, vi, data = dat, method = method))
sapply(fits, function(fit) confint(fit)$random["tau^2", "estimate"])
named <- list(a = first, b = fits[[2]])
for (fit in named) print(predict(fit, transf = exp, digits = 3))
predict(named$b)$pred
anova(rma(yi, vi, mods = ~ ni, data = dat, method = "ML"), named[["b"]])
first$slab <- paste("study", 1:20)
leave1out(first, digits = 2)[1:2]
test <- regtest(second)
coef(test$fit)
coef(summary(second))
