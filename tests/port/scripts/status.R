# ends with a status of its own
library(metafor)
res <- rma(c(0.1, 0.3, 0.8), c(0.1, 0.2, 0.1))
quit(status = 3)
