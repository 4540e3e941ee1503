library(metafor)
res <- rma(c(0.1, 0.3), c(0.1, 0.2))
library(no.such.package)
coef(res)
