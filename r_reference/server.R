# The R side of every live back end: a list in, a list out, both as R's own `serialize` has them. A request is its length in
# bytes on a line, then its bytes, in binary form; a reply is text, see codec.R and `serve`.
#
#   list(do = "ping")                                                       -> list(pong = <process id>)
#   list(do = "describe", packages = <names>)                               -> list(r_version, platform, blas, ...)
#   list(do = "run", fun = "pkg::name" or "name", args = <list>, seed = <integer or NULL>,
#        adapter = NULL or list(path = , source = <text, or NULL: as sent before>)) -> list(value = , seconds = ), beside them
#        error, warnings and messages where there are any
#
# A request that cannot be served is answered by list(failed = <why>, spent = <TRUE if R should be started afresh>). What a
# request holds is data: functions are looked up, never parsed, and an adapter (R source that comes with the project) is
# evaluated once, in an environment of its own. What a call may leave behind is put back after it, whether it ended well or in
# an error (see `tidy`); loaded namespaces and what C code keeps to itself are not, for which there is the back end `rscript`.
# Every call starts from RNGkind("Mersenne-Twister", "Inversion", "Rejection"), its stream where the call before left it;
# `seed` is given to set.seed() first. Alone: Rscript r_reference/server.R (`mark` is "@" then).

if (!exists("travelling", mode = "function")) { # run as a script; the back ends load both files themselves
  script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  source(file.path(dirname(script[1L]), "codec.R"))
}

handle <- function(request) {
  reply <- tryCatch(travelling(answer(unserialize(request))), error = failed)
  if (is.character(reply)) reply else travelling(reply)
}

failed <- function(e) list(failed = enc2utf8(conditionMessage(e)), spent = is_spent(e))

# Out of memory, stack or time: nothing that the function has to say, so no answer, not even an error to be matched.
is_spent <- function(e) {
  inherits(e, "stackOverflowError") || grepl(paste0(
    "(cannot|could not) allocate|memory (limit of .* reached|exhausted)|stack overflow|nested too deeply|",
    "C stack usage .* is too close|reached (elapsed|CPU) time limit"
  ), conditionMessage(e)[1L])
}

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
  loaded <- length(loadedNamespaces())
  if (kept$guest || loaded != kept$loaded) {
    kept$state <- state()
    kept$loaded <- loaded
  }
  on.exit(settle_speech(kept$state))
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
  if (is.null(adapter[["source"]]) && is.null(known)) stop("adapter ", path, ": its source was never sent", call. = FALSE)
  if (!is.null(known) && (is.null(adapter[["source"]]) || identical(known[["source"]], adapter[["source"]]))) return(known[["home"]])
  home <- new.env(parent = globalenv())
  tryCatch(
    eval(parse(text = adapter[["source"]], keep.source = FALSE, encoding = "UTF-8"), envir = home),
    error = function(e) stop("adapter ", path, ": ", conditionMessage(e), call. = FALSE)
  )
  adapters[[path]] <- list(source = adapter[["source"]], home = home)
  kept$loaded <- 0L
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
  if (raised && is_spent(value)) stop(value)
  reply <- list(value = if (!raised) value[[1L]], seconds = seconds)
  if (raised) reply$error <- list(condition(value))
  if (length(warnings)) reply$warnings <- warnings
  if (length(messages)) reply$messages <- messages
  reply
}

condition <- function(cond) list(classes = class(cond), message = paste(conditionMessage(cond), collapse = "\n"))

# A call must not leave its mark on the next one, but for the random stream, which goes on. What is put back is looked at once,
# and again when a namespace was loaded or an adapter read (what these set and attach is meant to last); a guest always looks.
kept <- list2env(list(state = NULL, loaded = 0L, guest = FALSE))

state <- function() list(
  options = options(), folder = getwd(), sinks = sink.number(), connections = getAllConnections(), search = search(),
  variables = Sys.getenv(), unsorted = variables(), locale = Sys.getlocale(),
  locales = vapply(locale_categories, Sys.getlocale, ""), devices = grDevices::dev.list(), globals = globals()
)

locale_categories <- c("LC_COLLATE", "LC_CTYPE", "LC_MONETARY", "LC_NUMERIC", "LC_TIME")

globals <- function() {
  names <- setdiff(ls(globalenv(), all.names = TRUE, sorted = FALSE), ".Random.seed")
  mget(names, envir = globalenv())
}

# What the reply itself depends on, before it is made; the rest while Python reads the reply (`tidy`).
settle_speech <- function(before) {
  setTimeLimit()
  while (sink.number() > before$sinks) sink()
  if (sink.number(type = "message") != 2L) sink(type = "message")
  if (Sys.getlocale() != before$locale) Map(Sys.setlocale, locale_categories, before$locales)
}

tidy <- function() {
  before <- kept$state
  if (is.null(before)) return("nothing was called yet")
  # Most calls change nothing of this, and to see that takes a tenth of the time of putting it back.
  if (!identical(getAllConnections(), before$connections))
    for (id in setdiff(getAllConnections(), before$connections)) close(getConnection(id))
  for (device in setdiff(grDevices::dev.list(), before$devices)) grDevices::dev.off(device)
  options(before$options)
  if (!is.null(before$folder)) setwd(before$folder)
  if (!identical(search(), before$search))
    for (entry in setdiff(search(), before$search)) detach(entry, character.only = TRUE)
  if (!identical(variables(), before$unsorted)) settle_variables(before$variables, Sys.getenv())
  if (!identical(now <- globals(), before$globals)) settle_globals(before$globals, now)
  "tidy"
}

# The environment as it is kept, "NAME=value" each: Sys.getenv() sorts, which takes four times as long.
variables <- function() .Internal(Sys.getenv(character(), ""))

settle_variables <- function(before, now) {
  Sys.unsetenv(setdiff(names(now), names(before)))
  do.call(Sys.setenv, as.list(before))
}

settle_globals <- function(before, now) {
  rm(list = setdiff(names(now), names(before)), envir = globalenv())
  list2env(before, globalenv())
}

# For an R that is a guest in a Python process: quit() would end its host, too, and errors are known by their English text.
be_guest <- function() {
  kept$guest <- TRUE
  Sys.setenv(LANGUAGE = "en")
  for (name in c("quit", "q")) {
    unlockBinding(name, baseenv())
    assign(name, function(...) stop("quit() would end the Python that this R is in", call. = FALSE), envir = baseenv())
    lockBinding(name, baseenv())
  }
  "ready"
}

handle_within <- function(request, seconds) {
  setTimeLimit(elapsed = seconds)
  on.exit({
    setTimeLimit()
    tidy()
  })
  handle(request)
}

# ---- describe ---------------------------------------------------------------------------------------------------------

version_of <- function(package) { # as its authors write it: packageVersion() would make 3.8.1 of 3.8-1
  version <- suppressWarnings(utils::packageDescription(package, fields = "Version"))
  if (is.na(version)) stop("there is no package called ", package, call. = FALSE)
  version
}

# What all functions of a package's namespace are made of, as one MD5; compiled code is no part of it. "" for the packages
# that are R itself. Syntax trees are hashed, not text: that takes a tenth of the time, and no option can change it.
digest_of <- function(package) {
  if (identical(utils::packageDescription(package, fields = "Priority"), "base")) return("")
  namespace <- asNamespace(package)
  names <- sort(ls(namespace, all.names = TRUE), method = "radix")
  functions <- mget(names, envir = namespace, mode = "function", ifnotfound = list(NULL))
  trees <- lapply(functions, function(f) if (typeof(f) == "closure") list(formals(f), body(f)))
  file <- tempfile()
  on.exit(unlink(file))
  writeBin(serialize(trees, NULL, version = 2L)[-(1:14)], file) # without the version of R in its head
  unname(tools::md5sum(file))
}

digests <- new.env() # package -> digest, made once

known_digest <- function(package) {
  if (is.null(digests[[package]])) digests[[package]] <- digest_of(package)
  digests[[package]]
}

describe <- function(packages) {
  versions <- vapply(packages, version_of, "")
  hashes <- vapply(packages, known_digest, "")
  list(
    r_version = paste(R.version$major, R.version$minor, sep = "."), platform = R.version$platform,
    packages = stats::setNames(as.list(versions), packages),
    digests = stats::setNames(as.list(hashes), packages)[nzchar(hashes)],
    # names, not paths: which library answered matters, where this machine keeps it does not
    blas = basename(paste0("", extSoftVersion()["BLAS"])), lapack = paste(La_version(), basename(La_library())),
    rng_kind = documented_rng, locale = Sys.getlocale()
  )
}

# ---- serve ------------------------------------------------------------------------------------------------------------

# Replies go to standard output, each on new lines: `mark` and the reply's length in bytes, the reply, `mark` again. What a
# call prints there lacks the mark, and what a child of R prints amid a reply moves the second one.
serve <- function(requests, mark) {
  while (length(size <- readLines(requests, n = 1L, warn = FALSE))) {
    reply <- handle(readBin(requests, "raw", as.numeric(size)))
    writeLines(c(paste0("\n", mark, nchar(reply, "bytes"), "\n"), reply, mark, "\n"), stdout(), sep = "", useBytes = TRUE)
    flush(stdout())
    tidy()
  }
}

if (exists("script", inherits = FALSE)) serve(file("stdin", open = "rb"), "@")
