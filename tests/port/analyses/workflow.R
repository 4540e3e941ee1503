# Harrer et al.-like workflow, with base R data
library(metafor)
ThirdWave <- data.frame(
  Author = c("Call","Cavanagh","DanitzOrsillo","de Vibe","Frazier","Frogeli","Gallego","Hazlett","Hintz","Kang","Kuhlmann","Lever","Phang","Rasanen","Ratanasiripong","Shapiro","Song","Warnecke"),
  TE = c(.7091,.3549,1.7912,.1825,.4219,.63,.7249,.5287,.284,1.2751,.1036,.3884,.5407,.4262,.5154,1.4797,.6126,.6),
  seTE = c(.2608,.1964,.3456,.1178,.1448,.196,.2247,.2105,.168,.3372,.1947,.2308,.2443,.2579,.3513,.3153,.2267,.249),
  Risk = c("high","low","high","low","low","low","high","low","low","low","high","high","low","low","high","high","high","low"),
  n = c(100,120,30,288,250,110,90,100,180,60,110,90,80,70,40,50,90,80), stringsAsFactors = FALSE)
m.gen <- rma(yi = TE, sei = seTE, slab = Author, data = ThirdWave, method = "REML", test = "knha")
summary(m.gen)
m.dl <- rma(TE, sei = seTE, data = ThirdWave, method = "DL"); m.pm <- rma(TE, sei = seTE, data = ThirdWave, method = "PM")
c(m.dl$tau2, m.pm$tau2, m.gen$tau2)
predict(m.gen); predict(m.gen, level = 80)
confint(m.gen, digits = 3)
m.risk <- rma(yi = TE, sei = seTE, data = ThirdWave, mods = ~ Risk, method = "ML", test = "knha")
m.both <- rma(yi = TE, sei = seTE, data = ThirdWave, mods = ~ Risk * n, method = "ML", test = "knha")
anova(m.risk, m.both)
sub <- lapply(split(ThirdWave, ThirdWave$Risk), function(d) rma(TE, sei = seTE, data = d, method = "DL"))
sapply(sub, function(m) c(b = coef(m), se = m$se, i2 = m$I2))
pooled <- rma(yi = sapply(sub, coef), sei = sapply(sub, function(x) x$se), mods = ~ names(sub), method = "FE")
pooled
hv <- hatvalues(m.gen); cd <- cooks.distance(m.gen); rs <- rstudent(m.gen)
which(abs(rs$z) > 1.96)
ThirdWave$w <- weights(m.gen)
rma(TE, sei = seTE, weights = w, data = ThirdWave)
l1 <- leave1out(m.gen); range(l1$estimate)
regtest(m.gen, model = "lm", predictor = "sei"); regtest(x = ThirdWave$TE, sei = ThirdWave$seTE)
ranktest(ThirdWave$TE, sei = ThirdWave$seTE)
for (r in c("high", "low")) print(rma(TE, sei = seTE, data = ThirdWave, subset = Risk == r))
rma(TE, sei = seTE, data = ThirdWave, subset = order(n)[1:8])
res <- rma(TE ~ n + Risk, sei = seTE, data = ThirdWave); predict(res, newmods = c(100, 1)); predict(res, newmods = rbind(c(n=50, Risklow=0), c(200, 1)))
fitstats(m.risk, m.both); AIC(m.risk); BIC(m.both); logLik(m.gen, REML = TRUE)
coef(summary(m.both))
vif(m.both)
profile(m.gen, plot = FALSE, progbar = FALSE, steps = 5)
simulate(m.gen, nsim = 2, seed = 42)
blup(m.gen)[1:3,]
