# what base R does around the models
library(metafor)

x <- c(3, 1, 2, NA)
mean(x, na.rm=TRUE)
x[4] <- 10
sort(x); order(x)
x[-1]
x[x > 1.5]
which(x == 2)
lambda <- 0.25         # a word of Python's
my.list <- list(a=1:3, b="text")
sum(my.list$a^2)

studies <- data.frame(id = 1:5, yi = c(.1, .3, -.2, .5, .25), vi = c(.02, .04, .03, .05, .01),
                      group = rep(c("A", "B"), times=c(2, 3)))
studies$z <- with(studies, yi / sqrt(vi))
few <- subset(studies, group == "B" & vi < .05, select=c(id, yi))
few
studies <- transform(studies, w = 1 / vi)
nrow(studies[studies$group == "A", ])
studies$yi[2] <- 0.35
studies[studies$id == 3, "vi"] <- 0.06
tapply(studies$yi, studies$group, mean)
names(studies)[1] <- "study"

pool <- function(y, v, scale = 1) {
  w <- 1 / v
  return(scale * sum(w * y) / sum(w))
}
pool(studies$yi, studies$vi)

est <- sapply(c("DL", "HE", "SJ"), function(m) rma(yi, vi, data=studies, method=m)$tau2)
round(unname(est), 4)
fits <- lapply(1:5, function(i) rma(yi, vi, data=studies, subset=-i, method="DL"))
for (i in 1:5) {
  cat(sprintf("without %d: %.4f", i, fits[[i]]$tau2), "\n")
}
if (mean(studies$yi) > 0) {
  print("positive")
} else {
  print("negative")
}
2 * pnorm(-abs(1.96))
qnorm(.975)
set.seed(1)
noise <- rnorm(5)
noise + 1
