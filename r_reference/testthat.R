# Runs a testthat file whether testthat is installed or not: Rscript testthat.R FILE
#
# Blocks of test_that() are run one after another; one that fails does not keep the next from running. What is expected is
# evaluated and not judged: the calls are of interest here. Under trace.R (with PYMETA_TRACE_DRIVEN=1) the trace is told
# which expression runs and which blocks ended in an error.
# Base R only.

local({

  tracer <- getOption("pymeta.trace")
  options(pymeta.trace = NULL)
  running <- 0L

  skipped <- function(...) {
    stop(structure(list(message = "skipped", call = NULL), class = c("pymeta_skip", "error", "condition")))
  }

  block <- function(name, code, env) {
    tryCatch(eval(code, new.env(parent = env)), pymeta_skip = function(e) NULL,
             error = function(e) failed(name, conditionMessage(e)))
    invisible()
  }

  failed <- function(name, words) {
    message("test ", encodeString(name, quote = "'"), ": ", words)
    if (!is.null(tracer))
      tracer$record("{\"t\":\"failed\",\"test\":", tracer$text(name), ",\"expr\":", running,
                    ",\"err\":", tracer$text(words), "}")
  }

  quietly <- function(object, kinds) {
    muffle <- function(w) if (any(class(w) %in% kinds))
      tryInvokeRestart(if (inherits(w, "message")) "muffleMessage" else "muffleWarning")
    invisible(withCallingHandlers(object, condition = muffle))
  }

  both <- function(object, expected = NULL, ...) {
    force(object)
    force(expected)
    invisible(object)
  }

  known <- list(
    test_that = function(desc, code) block(desc, substitute(code), parent.frame()),
    describe = function(description, code) block(description, substitute(code), parent.frame()),
    it = function(description, code = NULL) block(description, substitute(code), parent.frame()),
    expect_error = function(object, ...) invisible(tryCatch(object, error = function(e) e)),
    expect_condition = function(object, ...) invisible(tryCatch(quietly(object, "condition"), error = function(e) e)),
    expect_warning = function(object, ...) quietly(object, "warning"),
    expect_message = function(object, ...) quietly(object, "message"),
    expect_output = function(object, ...) invisible(utils::capture.output(object)),
    expect_snapshot_output = function(x, ...) invisible(utils::capture.output(x)),
    expect_snapshot = function(x, ...) invisible(tryCatch(quietly(x, c("warning", "message")), error = function(e) e)),
    expect_snapshot_error = function(x, ...) invisible(tryCatch(x, error = function(e) e)),
    skip = skipped,
    skip_if = function(condition, ...) if (isTRUE(condition)) skipped(),
    skip_if_not = function(condition, ...) if (!isTRUE(condition)) skipped(),
    skip_if_not_installed = function(pkg, ...) if (!requireNamespace(pkg, quietly = TRUE)) skipped(),
    local_edition = function(...) invisible(),
    local_reproducible_output = function(...) invisible())

  for (name in c("all_equal", "contains", "disjoint", "equal", "equal_to_reference", "equivalent", "failure", "false",
                 "gt", "gte", "identical", "in", "invisible", "is", "known_hash", "known_output", "known_value",
                 "length", "less_than", "lt", "lte", "mapequal", "match", "more_than", "named", "names",
                 "no_condition", "no_error", "no_match", "no_message", "no_warning", "null", "r6_class", "reference",
                 "s3_class", "s4_class", "s7_class", "setequal", "shape", "silent", "snapshot_value", "success",
                 "that", "true", "type", "vector", "visible"))
    known[[paste0("expect_", name)]] <- both
  for (name in c("context", "expect", "fail", "setup", "skip_if_offline", "skip_if_translated", "skip_on_appveyor",
                 "skip_on_bioc", "skip_on_ci", "skip_on_covr", "skip_on_cran", "skip_on_os", "skip_on_travis",
                 "skip_unless_r", "succeed", "teardown"))
    known[[name]] <- function(...) invisible()

  # library(testthat) and testthat::expect_equal() are these
  is_testthat <- function(name) identical(as.character(name), "testthat")
  loader <- function(load) function(package, ...) {
    if (is_testthat(substitute(package))) return(invisible(TRUE))
    call <- sys.call()
    call[[1L]] <- load
    eval(call, parent.frame())
  }
  known$library <- loader(base::library)
  known$require <- loader(base::require)
  known[["::"]] <- function(pkg, name) {
    pkg <- as.character(substitute(pkg))
    name <- as.character(substitute(name))
    if (is_testthat(pkg) && !is.null(known[[name]])) known[[name]] else getExportedValue(pkg, name)
  }

  path <- commandArgs(TRUE)[1L]
  expressions <- tryCatch(parse(path, keep.source = TRUE, encoding = "UTF-8"), error = function(e) {
    if (!is.null(tracer)) tracer$stop(conditionMessage(e), syntax = TRUE)
    message("Error: ", conditionMessage(e))
    quit(status = 1L)
  })
  lines <- vapply(attr(expressions, "srcref"), function(r) as.integer(r)[1L], 1L)
  attach(known, name = "pymeta:testthat", warn.conflicts = FALSE)
  for (running in seq_along(expressions) - 1L) {
    if (!is.null(tracer)) tracer$expression(running, lines[running + 1L])
    eval(expressions[[running + 1L]], globalenv())
  }
})
