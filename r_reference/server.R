# The R side of every live back end: one line of JSON in, one line out (codec.R gives the form of both).
#
#   list(do = "ping")                                                       -> list(pong = <process id>)
#   list(do = "describe", packages = <names>)                               -> list(r_version, platform, blas, ...)
#   list(do = "run", fun = "pkg::name" or "name", args = <list>, seed = <integer or NULL>,
#        adapter = NULL or list(path = , source = ))                        -> list(value, error, warnings, messages, seconds)
#
# A request that cannot be served is answered by list(failed = <why>). What a request holds is data: functions are looked up,
# never parsed, and an adapter (R source that comes with the project) is evaluated once, in an environment of its own.
# Every call starts from RNGkind("Mersenne-Twister", "Inversion", "Rejection"), its stream where the call before left it;
# `seed` is given to set.seed() first. Alone: Rscript r_reference/server.R (each reply is preceded by an empty line).

if (!exists("decode_text", mode = "function")) { # run as a script; the back ends load both files themselves
  script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  source(file.path(dirname(script[1L]), "codec.R"))
}

handle <- function(request_text) {
  reply <- tryCatch(encode_text(answer(decode_text(request_text))), error = failed)
  if (is.character(reply)) reply else encode_text(reply)
}

failed <- function(e) list(failed = enc2utf8(conditionMessage(e)))

answer <- function(request) {
  switch(request[["do"]],
    ping = list(pong = Sys.getpid()),
    describe = describe(request[["packages"]]),
    run = run(request),
    stop("no such request: ", request[["do"]], call. = FALSE)
  )
}

# ---- run --------------------------------------------------------------------------------------------------------------

documented_rng <- c("Mersenne-Twister", "Inversion", "Rejection")

run <- function(request) {
  call <- call_of(request)
  settled <- list(options = options(), folder = getwd(), sinks = sink.number())
  on.exit(settle(settled))
  # RNGkind() with arguments moves the stream even when nothing changes
  if (!identical(RNGkind(), documented_rng)) do.call(RNGkind, as.list(documented_rng))
  if (!is.null(request[["seed"]])) set.seed(request[["seed"]])
  observe(call)
}

# The call as the user would have typed it, by the function's name, so that match.call() and sys.call() look as ever; the
# values stand in it themselves, where no column of some `data` argument can mask them.
call_of <- function(request) {
  name <- strsplit(request[["fun"]], "::", fixed = TRUE)[[1L]]
  if (length(name) == 2L) {
    home <- new.env(parent = globalenv())
    assign(name[2L], getExportedValue(name[1L], name[2L]), envir = home)
  } else {
    home <- adapter_environment(request[["adapter"]])
  }
  bare <- name[length(name)]
  if (!exists(bare, envir = home, mode = "function", inherits = FALSE))
    stop(request[["fun"]], ": no such function", if (length(name) == 1L) paste(" in", request[["adapter"]][["path"]]), call. = FALSE)
  list(expression = as.call(c(list(as.name(bare)), request[["args"]])), frame = new.env(parent = home))
}

adapters <- new.env() # one environment for each adapter seen, kept with the text it was made of

adapter_environment <- function(adapter) {
  if (is.null(adapter)) stop("a function is \"package::name\", or a name that an adapter defines", call. = FALSE)
  path <- adapter[["path"]]
  known <- adapters[[path]]
  if (!is.null(known) && identical(known[["source"]], adapter[["source"]])) return(known[["home"]])
  home <- new.env(parent = globalenv())
  tryCatch(
    eval(parse(text = adapter[["source"]], keep.source = FALSE, encoding = "UTF-8"), envir = home),
    error = function(e) stop("adapter ", path, ": ", conditionMessage(e), call. = FALSE)
  )
  adapters[[path]] <- list(source = adapter[["source"]], home = home)
  home
}

observe <- function(call) {
  warnings <- list()
  messages <- list()
  began <- Sys.time()
  value <- withCallingHandlers(
    tryCatch(list(eval(call$expression, call$frame)), error = identity),
    warning = function(w) {
      warnings[[length(warnings) + 1L]] <<- condition(w)
      tryInvokeRestart("muffleWarning")
    },
    message = function(m) {
      messages[[length(messages) + 1L]] <<- condition(m)
      tryInvokeRestart("muffleMessage")
    }
  )
  seconds <- as.numeric(Sys.time()) - as.numeric(began)
  raised <- inherits(value, "error")
  list(
    value = if (!raised) value[[1L]], error = if (raised) list(condition(value)),
    warnings = warnings, messages = messages, seconds = seconds
  )
}

condition <- function(cond) list(classes = class(cond), message = paste(conditionMessage(cond), collapse = "\n"))

# A call must not leave its mark on the next one.
settle <- function(before) {
  while (sink.number() > before$sinks) sink()
  if (sink.number(type = "message") != 2L) sink(type = "message")
  options(before$options)
  if (!is.null(before$folder)) setwd(before$folder)
}

# ---- describe ---------------------------------------------------------------------------------------------------------

version_of <- function(package) { # as its authors write it: packageVersion() would make 3.8.1 of 3.8-1
  version <- suppressWarnings(utils::packageDescription(package, fields = "Version"))
  if (is.na(version)) stop("there is no package called ", package, call. = FALSE)
  version
}

describe <- function(packages) {
  versions <- vapply(packages, version_of, "")
  list(
    r_version = paste(R.version$major, R.version$minor, sep = "."), platform = R.version$platform,
    packages = stats::setNames(as.list(versions), packages),
    # names, not paths: which library answered matters, where this machine keeps it does not
    blas = basename(paste0("", extSoftVersion()["BLAS"])), lapack = paste(La_version(), basename(La_library())),
    rng_kind = documented_rng, locale = Sys.getlocale()
  )
}

# ---- serve ------------------------------------------------------------------------------------------------------------

# Replies go to standard output, each on a line that begins with `mark`; what a call prints there meanwhile lacks the mark.
serve <- function(requests, mark) {
  while (length(line <- readLines(requests, n = 1L, warn = FALSE))) {
    writeLines(paste0("\n", mark, handle(line)), stdout(), useBytes = TRUE)
    flush(stdout())
  }
}

if (exists("script", inherits = FALSE)) serve(file("stdin", open = "r"), "")
