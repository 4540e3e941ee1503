# What the conformance suite of the back ends asks of R.

echo <- function(x) x

# as.numeric("-0"): R's compiler takes the constants 0 and -0 for one
made <- function(what) switch(what,
  doubles = c(1.5, NA, NaN, Inf, -Inf, as.numeric("-0"), 0, 5e-324, 2.2250738585072014e-308, .Machine$double.xmax, 0.1),
  integers = c(1L, NA, -2147483647L, 2147483647L),
  logicals = c(TRUE, NA, FALSE),
  texts = c("a", NA, "NA", "", "\"quoted\"", "back\\slash", "\\n", "line\nbreak\r\t", "\u2028\u00e9\u6f22", "\U1F600\U10FFFF", "\u0001\u001f\u007f"),
  complexes = c(complex(real = 1, imaginary = -0), complex(real = NA, imaginary = NaN), NA),
  raws = as.raw(0:255),
  null = NULL,
  factor = factor(c("u", NA, "v"), levels = c("v", "u", "unused")),
  ordered = factor(c("lo", "hi"), levels = c("lo", "hi"), ordered = TRUE),
  date = as.Date(c("2024-02-29", NA)),
  posixct = as.POSIXct(c(0.25, NA), origin = "1970-01-01", tz = "America/New_York"),
  posixlt = as.POSIXlt(as.POSIXct(0, origin = "1970-01-01", tz = "UTC")),
  matrix = matrix(c(1, NA, 3, 4, 5, 6), 2, dimnames = list(NULL, c("a", "b", "c"))),
  array = array(1:24, c(2, 3, 4)),
  frame = data.frame(a = c(1, 2), a = c("x", NA), f = factor(c("p", "q")), check.names = FALSE),
  frame_without_rows = data.frame(a = numeric(), b = character()),
  frame_of_nothing = data.frame(),
  named_vector = c(one = 1, two = 2),
  named_list = list(a = 1, b = list(c = NULL, d = "x")),
  odd_names = structure(list(1, 2, 3, 4), names = c("a", "a", "", NA)),
  empty_list = list(),
  empty_named_list = structure(list(), names = character()),
  empty_vectors = list(double(), integer(), logical(), character(), complex(), raw()),
  nested = list(list(list(1L, "a"), NULL), list("a", "b")),
  integer64 = structure(readBin(as.raw(c(rep(255, 8), 1, 1, 1, 1, 1, 1, 1, 0, rep(0, 7), 128)), "double", n = 3), class = "integer64"),
  attributes = structure(1:3, note = structure("deep", more = list(1, TRUE)), class = c("x", "y"))
)

same_as_made <- function(x, what) identical(x, made(what), num.eq = FALSE, single.NA = TRUE)

complain <- function() {
  message("first")
  warning("one")
  message("second \u00e9")
  warning(structure(class = c("special", "warning", "condition"), list(message = "two", call = NULL)))
  stop(structure(class = c("broken", "error", "condition"), list(message = "it broke", call = NULL)))
}

noisy <- function() {
  cat("{\"t\":\"null\"}\n@@ no newline at the end")
  print(1:3)
  system("echo from a child; echo to stderr >&2")
  write("on standard error", stderr())
  sink(tempfile())
  "quiet"
}

forever <- function() repeat NULL
deep <- function(n) deep(n + 1) + 1
die <- function() tools::pskill(Sys.getpid(), 9L)
leave <- function() {
  write("last words", stderr())
  quit(status = 7)
}
litter <- function() {
  options(digits = 3, warn = 2)
  setwd(tempdir())
  RNGkind("Wichmann-Hill")
}
left <- function() list(options("digits", "warn"), basename(getwd()), RNGkind())
draw <- function() runif(2)
caller <- function(x) deparse(sys.call()[[1L]])
function_value <- function() list(fine = 1, f = mean)
formula_value <- function() list(ok = 1, model = list(y ~ x))
environment_value <- function() structure(list(1), where = globalenv())
s4_value <- function() methods::getClass("numeric")
bytes_value <- function() rawToChar(as.raw(c(255, 254)))
the_object <- structure(new.env(), class = "special")
an_object <- function() list(the_object)
class_of_the_object <- function() class(the_object)
