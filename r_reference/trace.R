# Records the calls that an R script makes to one package, as JSON lines (docs/trace-format.md). The script is not edited:
#
#   PYMETA_TRACE=out.jsonl R_PROFILE_USER=trace.R Rscript script.R
#
# PYMETA_TRACE_PACKAGE   the package (metafor)
# PYMETA_TRACE_KEEP      records kept of one call text (25); the rest is counted
# PYMETA_TRACE_LONGEST   longest vector of a result that is kept whole (20000); of an argument: a hundred times that
# PYMETA_TRACE_PROFILE   the profile that this file stands in for
# PYMETA_TRACE_SCRIPT    name of the script, where R is given another file in its place
# PYMETA_TRACE_DRIVEN    1: a driver (testthat.R) tells which expression runs; its handle is options("pymeta.trace")
#
# Each exported function and S3 method of the package is extended in place,
#     { on.exit(<leave>); if (<enter>) { <watch conditions>; <evaluate arguments>; <taken> }; <the body it had> }
# and bound wherever the original was: namespace, attached copy, every table of S3 methods. The function keeps its own frame,
# so match.call(), missing(), parent.frame(), substitute(), dispatch and recorded calls see what they always saw.
# Base R only, 4.0 or later.

local({

  setting <- function(name, otherwise) {
    value <- Sys.getenv(name)
    if (nzchar(value)) value else otherwise
  }

  package <- setting("PYMETA_TRACE_PACKAGE", "metafor")
  out <- setting("PYMETA_TRACE", "trace.jsonl")
  keep <- as.integer(setting("PYMETA_TRACE_KEEP", "25"))
  longest <- as.numeric(setting("PYMETA_TRACE_LONGEST", "20000"))
  own_profile <- setting("PYMETA_TRACE_PROFILE", "")
  script_name <- setting("PYMETA_TRACE_SCRIPT", "")
  driven <- nzchar(setting("PYMETA_TRACE_DRIVEN", ""))
  left_out <- c("data", "time", "res.FE", "res.QE", "res.ML")  # of results: input, clocks, objects of other packages
  shares <- 1500L                                              # JSON texts longer than this are written once

  # R processes that the script starts (parallel = "snow") are not traced
  Sys.unsetenv(c("PYMETA_TRACE", "R_PROFILE_USER", "PYMETA_TRACE_PROFILE", "PYMETA_TRACE_DRIVEN", "PYMETA_TRACE_SCRIPT"))
  if (nzchar(own_profile)) Sys.setenv(R_PROFILE_USER = own_profile)

  state <- new.env(parent = emptyenv())
  state$pid <- Sys.getpid()
  state$open <- list()        # records of the calls under way
  state$id <- 0L
  state$busy <- FALSE         # the tracer itself is at work
  state$overhead <- 0
  state$shared <- character() # JSON texts already written as data
  state$light <- new.env(parent = emptyenv())
  state$repeats <- new.env(parent = emptyenv())
  state$models <- new.env(parent = emptyenv())  # class -> what calls returned
  state$traced <- character()
  state$expr <- 0L
  state$line <- NA_integer_
  state$stop <- NULL

  nothing <- structure(list(), class = "pymeta_nothing")  # what returnValue() gives where a call returned nothing

  # ------------------------------------------------------------------------------------------------------------ JSON
  text <- function(x) {
    if (!length(x)) return(character())
    x <- enc2utf8(as.character(x))
    missed <- is.na(x)
    broken <- !missed & !validUTF8(x)
    x[broken] <- iconv(x[broken], "latin1", "UTF-8")
    x <- gsub("\\", "\\\\", x, fixed = TRUE)
    x <- gsub("\"", "\\\"", x, fixed = TRUE)
    x <- gsub("\n", "\\n", x, fixed = TRUE)
    if (any(grepl("[\001-\037]", x))) x <- controls(x)
    x <- paste0("\"", x, "\"")
    x[missed] <- "null"
    x
  }

  controls <- function(x) {
    for (code in 1:31) x <- gsub(intToUtf8(code), sprintf("\\u%04x", code), x, fixed = TRUE)
    x
  }

  # 15 digits where they read back as the same number, else 17
  number <- function(x) {
    x <- as.double(x)
    s <- sprintf("%.15g", x)
    long <- is.finite(x)
    long[long] <- as.double(s[long]) != x[long]
    s[long] <- sprintf("%.17g", x[long])
    s[is.na(x)] <- "null"
    s[is.nan(x)] <- "\"NaN\""
    s[!is.na(x) & x == Inf] <- "\"Inf\""
    s[!is.na(x) & x == -Inf] <- "\"-Inf\""
    s
  }

  array <- function(s) paste0("[", paste(s, collapse = ","), "]")

  object <- function(names, values) {
    if (!length(values)) return("{}")
    paste0("{", paste0(text(names), ":", values, collapse = ","), "}")
  }

  code <- function(x) paste(deparse(x, width.cutoff = 500L), collapse = "\n")

  clipped <- function(s, most = 4000L) if (nchar(s) > most) paste0(substr(s, 1L, most), "...") else s

  write <- function(...) {
    if (Sys.getpid() != state$pid) return(invisible())  # a fork of the script
    # opened and closed each time: a script may close all connections, or be killed
    to <- file(out, "ab")
    on.exit(close(to))
    writeBin(charToRaw(enc2utf8(paste0(..., "\n"))), to)
  }

  # ---------------------------------------------------------------------------------------------------------- values
  # An R value as JSON; `part` is "arg" or "result", `depth` how far inside the argument or result it is.
  encode <- function(x, part = "arg", depth = 0L) {
    if (is.null(x)) return("null")
    if (depth > 8L) return("{\"k\":\"deep\"}")
    if (inherits(x, "formula")) return(encode_formula(x))
    if (is.function(x)) return(encode_function(x))
    if (is.environment(x)) return("{\"k\":\"env\"}")
    if (is.language(x)) return(paste0("{\"k\":\"lang\",\"v\":", text(code(x)), "}"))
    if (isS4(x)) return(encode_s4(x, part, depth))
    if (is.data.frame(x)) return(encode_frame(x, part, depth))
    if (is.list(x)) return(encode_list(x, part, depth))
    encode_atomic(x, part, depth)
  }

  encode_list <- function(x, part, depth) {
    classes <- oldClass(x)
    if (!is.null(classes) && part == "arg") {  # a result is kept whole, whatever it is made of
      found <- reference(x)
      if (!is.null(found)) return(found)
      if (seen_model(x))
        return(paste0("{\"k\":\"obj\",\"c\":", array(text(classes)), ",\"f\":", encode_fields(x, part, depth), "}"))
    }
    paste0("{\"k\":\"list\"", if (!is.null(classes)) paste0(",\"c\":", array(text(classes))),
           if (is.null(names(x))) paste0(",\"v\":", array(encode_each(x, part, depth)))
           else paste0(",\"f\":", encode_fields(x, part, depth)), "}")
  }

  encode_each <- function(x, part, depth) {
    x <- unclass(x)
    vapply(seq_along(x), function(i) encode(x[[i]], part, depth + 1L), "")
  }

  encode_fields <- function(x, part, depth) {
    x <- unclass(x)
    object(field_names(x), encode_each(x, part, depth))
  }

  field_names <- function(x) {
    given <- names(x)
    if (is.null(given)) given <- rep("", length(x))
    bare <- is.na(given) | given == ""
    given[bare] <- paste0("..", seq_along(x))[bare]
    make.unique(given)
  }

  encode_frame <- function(x, part, depth) {
    rows <- attr(x, "row.names")
    share(paste0("{\"k\":\"df\",\"n\":", length(rows), ",\"c\":", array(text(oldClass(x))),
                 ",\"cols\":", encode_fields(x, part, depth),
                 if (is.character(rows)) paste0(",\"rn\":", array(text(rows))),
                 encode_attributes(x, c("names", "row.names", "class"), part, depth), "}"), "df")
  }

  encode_attributes <- function(x, known, part, depth) {
    given <- attributes(x)
    given <- given[setdiff(names(given), c(known, "srcref", "tsp", "assign"))]
    if (!length(given)) return("")
    paste0(",\"a\":", encode_fields(given, part, depth + 1L))
  }

  encode_s4 <- function(x, part, depth) {
    dense <- tryCatch(as.matrix(x), error = function(e) NULL)
    kind <- text(class(x)[1L])
    if (!is.atomic(dense) || is.null(dense)) return(paste0("{\"k\":\"s4\",\"c\":", kind, "}"))
    paste0("{\"k\":\"sparse\",\"c\":", kind, ",\"v\":", encode(dense, part, depth + 1L), "}")
  }

  encode_atomic <- function(x, part, depth) {
    if (length(x) > (if (part == "arg") 100 else 1) * longest) return(encode_big(x))
    at <- attributes(x)
    rest <- paste0(
      if (!is.null(at$names)) paste0(",\"n\":", array(text(at$names))),
      if (!is.null(at$dim)) paste0(",\"d\":", array(at$dim)),
      if (!is.null(at$dimnames)) paste0(",\"dn\":", array(vapply(at$dimnames, dim_names, ""))),
      if (!is.null(at$class) && !is.factor(x)) paste0(",\"c\":", array(text(at$class))),
      encode_attributes(x, c("names", "dim", "dimnames", "class", "levels", "contrasts"), part, depth))
    s <- paste0("{", encode_elements(x), rest, "}")
    if (nchar(s, "bytes") > shares) share(s, "vec") else s
  }

  dim_names <- function(x) if (is.null(x)) "null" else array(text(x))

  encode_elements <- function(x) {
    if (is.factor(x)) return(paste0("\"k\":\"fac\",\"lv\":", array(text(levels(x))), ",\"ord\":", tolower(is.ordered(x)),
                                    if (!is.null(attr(x, "contrasts"))) ",\"con\":true",
                                    ",\"v\":", array(number(unclass(x)))))
    x <- unclass(x)
    switch(typeof(x),
      logical = paste0("\"k\":\"lgl\",\"v\":", array(ifelse(is.na(x), "null", ifelse(x, "true", "false")))),
      integer = paste0("\"k\":\"int\",\"v\":", array(number(x))),
      double = paste0("\"k\":\"num\",\"v\":", array(number(x))),
      complex = paste0("\"k\":\"cplx\",\"re\":", array(number(Re(x))), ",\"im\":", array(number(Im(x)))),
      character = paste0("\"k\":\"chr\",\"v\":", array(text(x))),
      paste0("\"k\":\"raw\",\"len\":", length(x)))
  }

  # beyond the cap: what was cut is stated
  encode_big <- function(x) {
    first <- seq_len(50L)
    size <- paste0("{\"k\":\"big\",\"len\":", length(x), ",\"of\":", text(typeof(x)),
                   if (!is.null(dim(x))) paste0(",\"d\":", array(dim(x))))
    if (!is.numeric(x)) return(paste0(size, ",\"head\":", array(text(as.character(x[first]))), "}"))
    x <- as.double(x)
    paste0(size, ",\"sum\":", number(sum(x, na.rm = TRUE)), ",\"head\":", array(number(x[first])), "}")
  }

  # with the variables that are not in data but where the formula was made, and such parts of frames as dat$x; and with
  # what R calls the functions that the script calls otherwise: u <- scale; ~ u(x)
  encode_formula <- function(f) {
    from <- environment(f)
    found <- functions <- character()
    keep <- function(name, value) if (is.atomic(value) && !is.null(value)) found[name] <<- encode(value, "arg", 1L)
    if (is.environment(from)) {
      for (v in setdiff(all.vars(f), ".")) keep(v, tryCatch(get0(v, envir = from), error = function(e) NULL))
      for (e in parts_of_frames(f, from)) keep(code(e), tryCatch(eval(e, from), error = function(e) NULL))
      for (n in setdiff(all.names(f, unique = TRUE), c(all.vars(f), of_formulas))) {
        g <- get0(n, envir = from, mode = "function")
        usual <- get0(n, asNamespace("stats"), inherits = FALSE, ifnotfound = get0(n, baseenv(), inherits = FALSE))
        if (is.null(g) || identical(g, usual)) next
        functions[n] <- if (is.null(name <- function_name(g))) NA else name
      }
      functions <- functions[!is.na(functions)]
    }
    attributes(f) <- list(class = "formula")
    paste0("{\"k\":\"formula\",\"v\":", text(paste(deparse(f, width.cutoff = 500L), collapse = " ")),
           if (length(found)) paste0(",\"vars\":", object(names(found), found)),
           if (length(functions)) paste0(",\"funs\":", object(names(functions), text(functions))), "}")
  }

  # the largest expressions in e that take something out of a frame or list: dat$x, log(dat[["x"]]), names(fits)
  parts_of_frames <- function(e, from) {
    if (!is.call(e)) return(list())
    if (!as.character(e[[1L]])[1L] %in% of_formulas && is.list(get0(base_of(e), envir = from, ifnotfound = NULL)) &&
        all(setdiff(all.names(e), all.vars(e)) %in% pure)) return(list(e))
    unlist(lapply(as.list(e)[-1L], parts_of_frames, from), recursive = FALSE)
  }

  of_formulas <- c("~", "+", "-", "*", "/", ":", "^", "%in%", "(")

  base_of <- function(e) {
    while (is.call(e) && length(e) > 1L) e <- e[[2L]]
    if (is.symbol(e)) as.character(e) else "~"  # which is no list
  }

  encode_function <- function(f) {
    name <- function_name(f)
    if (!is.null(name)) return(paste0("{\"k\":\"fun\",\"name\":", text(name), "}"))
    attr(f, "srcref") <- NULL
    paste0("{\"k\":\"fun\",\"src\":", text(code(f)), "}")
  }

  # exp, transf.ilogit, stats::dnorm is dnorm; of other packages with the package's name
  function_name <- function(f) {
    home <- if (is.primitive(f)) baseenv() else environment(f)
    if (!isNamespace(home) && !identical(home, baseenv())) return(NULL)
    for (n in names(home)) if (is.function(g <- get0(n, home, inherits = FALSE)) && identical(f, g)) {
      from <- if (identical(home, baseenv())) "base" else getNamespaceName(home)[[1L]]
      return(if (from %in% c("base", "stats", "utils", package)) n else paste0(from, "::", n))
    }
    NULL
  }

  # A text that calls share is written once, before its first use. R keeps one copy of equal strings, so this is quick.
  share <- function(s, kind) {
    h <- match(s, state$shared)
    if (is.na(h)) {
      state$shared <- c(state$shared, s)
      h <- length(state$shared)
      write("{\"t\":\"data\",\"h\":\"", h, "\",\"kind\":\"", kind, "\",\"v\":", s, "}")
    }
    paste0("{\"k\":\"data\",\"h\":\"", h, "\",\"kind\":\"", kind, "\"}")
  }

  # A result without its data, environments and the like
  encode_result <- function(x) {
    if (!is.list(x) || is.data.frame(x)) return(encode(x, "result"))
    classes <- oldClass(x)
    x <- unclass(x)
    cut <- vapply(x, is.environment, NA)
    if (!is.null(names(x)) && !is.null(classes)) cut <- cut | names(x) %in% left_out
    fields <- x[!cut]
    paste0("{\"k\":\"obj\",\"c\":", array(text(classes)), ",\"f\":", encode_fields(fields, "result", 0L), "}")
  }

  # ---------------------------------------------------------------------------------------------------- model objects
  # What tells an object from another: its numbers and texts, not its environments, calls and attributes.
  essence <- function(x, depth = 0L) {
    if (is.function(x) || is.environment(x) || is.language(x) || isS4(x) || depth > 5L) return(NULL)
    if (is.list(x)) {
      given <- names(x)
      x <- lapply(unclass(x), essence, depth = depth + 1L)
      attributes(x) <- list(names = given)
      return(x)
    }
    kept <- attributes(x)[c("names", "dim", "levels")]
    attributes(x) <- kept[lengths(kept) > 0L]
    x
  }

  model_key <- function(x) paste(oldClass(x), collapse = "/")

  is_model <- function(x) is.list(x) && !is.data.frame(x) && !is.null(oldClass(x))

  seen_model <- function(x) !is.null(state$models[[model_key(x)]])

  remember <- function(x, id, path = "", depth = 0L) {
    if (is_model(x) && !inherits(x, "formula")) {
      key <- model_key(x)
      known <- state$models[[key]]
      core <- essence(x)
      if (depth == 0L || is.null(find_same(core, known)))
        assign(key, c(known, list(list(id = id, path = path, core = core))), envir = state$models)
    }
    if (depth > 1L || !is.list(x) || is.data.frame(x)) return(invisible())
    inner <- unclass(x)
    labels <- field_names(inner)
    for (i in seq_along(inner)) if (is.list(inner[[i]]) && !is.data.frame(inner[[i]]))
      remember(inner[[i]], id, if (nzchar(path)) paste0(path, "$", labels[i]) else labels[i], depth + 1L)
  }

  find_same <- function(core, known) {
    for (one in rev(known)) if (identical(one$core, core)) return(one)
    NULL
  }

  # The call that returned x, or that returned what x was before the script set a few of its fields
  reference <- function(x) {
    known <- state$models[[model_key(x)]]
    if (is.null(known)) return(NULL)
    core <- essence(x)
    one <- find_same(core, known)
    if (!is.null(one)) return(encode_reference(one, x, NULL))
    best <- NULL
    for (one in rev(known)) {
      changed <- differing(core, one$core)
      if (!is.null(changed) && (is.null(best) || length(changed) < length(best$changed)))
        best <- list(one = one, changed = changed)
    }
    if (!is.null(best)) encode_reference(best$one, x, best$changed)
  }

  # names of the fields in which two objects differ; NULL where that is more than three or most of them
  differing <- function(new, old) {
    every <- unique(c(names(new), names(old)))
    if (!length(every)) return(NULL)
    other <- every[!vapply(every, function(n) identical(new[[n]], old[[n]]), NA)]
    if (length(other) > 3L || 3L * length(other) > length(every)) NULL else other
  }

  encode_reference <- function(one, x, changed) {
    paste0("{\"k\":\"ref\",\"id\":", one$id, if (nzchar(one$path)) paste0(",\"path\":", text(one$path)),
           ",\"c\":", text(oldClass(x)[1L]),
           if (!is.null(changed)) paste0(",\"modified\":true,\"changed\":",
                                         encode_fields(unclass(x)[intersect(changed, names(x))], "arg", 1L)), "}")
  }

  # ------------------------------------------------------------------------------------------- where the script stands
  script <- NULL     # its expressions, and the same with the lines they stand on
  sourced <- NULL
  unparsable <- FALSE

  script_path <- function() {
    given <- grep("^--file=", commandArgs(), value = TRUE)
    gsub("~+~", " ", sub("^--file=", "", given), fixed = TRUE)  # Rscript's way with spaces
  }

  read_script <- function() {
    path <- script_path()
    if (driven || !length(path) || !file.exists(path)) return(invisible())
    script <<- tryCatch(parse(path, keep.source = FALSE), error = function(e) NULL)
    unparsable <<- is.null(script)
    sourced <<- if (!unparsable) parse(path, keep.source = TRUE)
  }

  # Lines of the places where `target` stands in the expression `e`; negative where it is inside a loop
  places <- function(e, s, target, line, looped = FALSE) {
    if (!is.call(e)) return(integer())
    found <- if (identical(e, target)) (if (looped) -line else line) else integer()
    head <- if (is.symbol(e[[1L]])) as.character(e[[1L]]) else ""
    looped <- looped || head %in% c("for", "while", "repeat")
    lines <- if (head == "{") vapply(attr(s, "srcref"), function(r) as.integer(r)[1L], 1L)
    for (i in seq_along(e)) if (is.call(e[[i]]) && i <= length(s))
      found <- c(found, places(e[[i]], s[[i]], target, if (is.null(lines)) line else lines[i], looped))
    found
  }

  # R does not say which expression of a file is running: the outermost call under way is looked for, from the last one on
  locate <- function(target, frame) {
    if (is.null(script) || is.null(target)) return(invisible())
    if (identical(frame, state$outermost)) return(invisible())
    state$outermost <- frame
    lines <- vapply(attr(sourced, "srcref"), function(r) as.integer(r)[1L], 1L)
    for (k in seq_along(script)) if (k > state$expr) {
      where <- places(script[[k]], sourced[[k]], target, lines[k])
      used <- if (k == state$expr + 1L) sum(vapply(state$used, identical, NA, target)) else 0L
      if (!length(where) || (used >= length(where) && all(where > 0L) && later(target, k))) next
      if (k != state$expr + 1L) state$used <- list()
      state$used <- c(state$used, list(target))
      state$expr <- k - 1L
      state$line <- abs(where[min(used + 1L, length(where))])
      return(invisible())
    }
    state$line <- NA_integer_
  }

  later <- function(target, k) {
    for (j in seq_along(script)) if (j > k && length(places(script[[j]], sourced[[j]], target, 1L))) return(TRUE)
    FALSE
  }

  # ------------------------------------------------------------------------------------------------------------ hooks
  seed <- function() get0(".Random.seed", envir = globalenv(), inherits = FALSE)

  clock <- function() proc.time()[[3L]]

  # methods that print or reshape are only counted
  shaping <- c("print", "[", "[<-", "[[<-", "$<-", "head", "tail", "cbind", "rbind", "as.matrix", "format", "toString")
  # functions whose call of another function of the package is the user's own call
  transparent <- function(fun) startsWith(fun, "update.")

  # TRUE where the call is to be recorded: then its arguments are evaluated next, in its own frame
  enter <- function(fun, first, nse, frame, call, caller, matched) {
    if (state$busy) return(FALSE)
    depth <- sys.nframe()
    state$open <- Filter(function(one) one$depth < depth, state$open)  # frames that are gone
    for (one in state$open) if (!one$lets_in && !is_argument(call, one)) return(FALSE)
    began <- clock()
    state$busy <- TRUE
    on.exit({
      state$busy <- FALSE
      state$overhead <- state$overhead + clock() - began
    })
    state$stop <- NULL   # the script goes on, so whatever it was did not stop it
    one <- list(fun = fun, frame = frame, depth = depth, lets_in = FALSE, kept = FALSE)
    if (fun %in% state$shapers) count(state$light, fun)
    else one <- c(one, tryCatch(begin(fun, first, nse, frame, as_written(call, frame), caller, matched),
                                error = function(e) lost(fun, e)))
    one$kept <- one$lets_in <- !is.null(one$words)
    state$open <- c(state$open, list(one))
    one$kept
  }

  count <- function(where, name) {
    n <- get0(name, envir = where, inherits = FALSE, ifnotfound = 0L) + 1L
    assign(name, n, envir = where)
    n
  }

  # What is known of a call before its arguments are; NULL where as many of its kind are kept as are wanted
  begin <- function(fun, first, nse, frame, call, caller, matched) {
    words <- clipped(code(call))
    if (count(state$repeats, paste0(fun, "|", words)) > keep) return(NULL)
    if (driven) state$line <- driven_line()
    else locate(sys.calls()[[1L]], sys.frame(1L))
    given <- setdiff(as.character(names(matched)), c("...", ""))
    dispatched <- if (!is.null(get0(".Generic", envir = frame, inherits = FALSE))) first
    ready <- Filter(function(a) a %in% dispatched || ready_to_evaluate(a, matched[[a]], frame, caller), setdiff(given, nse))
    quiet <- Filter(function(a) harmless(matched[[a]], caller), setdiff(ready, dispatched))
    values <- lapply(stats::setNames(nm = quiet), function(a)
      tryCatch(suppressWarnings(list(eval(matched[[a]], caller))), error = function(e) NULL))
    dots <- as.list(matched[["..."]])
    list(words = words, call = call, caller = caller, matched = matched, given = given, ready = setdiff(ready, quiet),
         values = lapply(Filter(length, values), `[[`, 1L), dots = dots,
         dots_ready = length(dots) > 0L && !transparent(fun) && all(vapply(dots, resolvable, NA, from = caller)),
         from = environmentName(topenv(caller)), via = applied(), expr = state$expr, line = state$line)
  }

  # Whether a call is written in the arguments of an open one, which may evaluate them itself: regtest(rma(yi, vi))
  is_argument <- function(call, one) any(vapply(as.list(one$matched), contains, NA, call))

  contains <- function(e, call) {
    is.call(e) && (identical(e, call) || any(vapply(as.list(e), function(part) contains_part(part, call), NA)))
  }

  contains_part <- function(part, call) !identical(part, quote(expr = )) && contains(part, call)

  # R gives a method's call the name of the method
  as_written <- function(call, frame) {
    generic <- get0(".Generic", envir = frame, inherits = FALSE)
    if (is.character(generic) && is.symbol(call[[1L]])) call[[1L]] <- as.name(generic)
    call
  }

  driven_line <- function() {
    for (call in rev(sys.calls())) if (!is.null(s <- attr(call, "srcref"))) return(as.integer(s)[1L])
    state$first_line
  }

  ready_to_evaluate <- function(name, expression, frame, caller) {
    !eval(call("missing", as.name(name)), frame) && resolvable(expression, caller)
  }

  # Whether every variable of an expression is there. One that is not may be a column of data: the function's own matter.
  resolvable <- function(expression, from) {
    if (identical(expression, quote(expr = ))) return(FALSE)
    if (any(c("stop", "warning") %in% all.names(expression))) return(FALSE)  # such an error is the function's to meet
    for (v in free(expression)) if (!exists(v, envir = from)) return(FALSE)
    TRUE
  }

  # Constants, variables of the workspace and arithmetic are evaluated beside the call, which leaves the function's own
  # evaluation, with its warnings, where it was
  harmless <- function(expression, from) {
    if (!is.language(expression)) return(TRUE)
    if (!identical(from, globalenv())) return(FALSE)
    if (is.call(expression) && identical(expression[[1L]], as.name("function"))) return(TRUE)
    all(setdiff(all.names(expression), all.vars(expression)) %in% pure)
  }

  pure <- c("+", "-", "*", "/", "^", "(", ":", "c", "$", "[", "[[", "%*%", "%%", "%in%", "==", "!=", "<", ">", "<=",
            ">=", "!", "&", "|", "&&", "||", "~", "list", "rep", "seq", "seq_len", "seq_along", "length", "nrow",
            "ncol", "names", "cbind", "rbind", "matrix", "diag", "t", "sqrt", "exp", "log", "abs", "round", "min",
            "max", "range", "sum", "mean", "median", "var", "sd", "order", "rev", "sort", "unique", "which", "is.na",
            "ifelse", "factor", "as.numeric", "as.character", "as.integer", "as.factor", "as.matrix", "data.frame",
            "paste", "paste0", "unlist")

  own_scope <- c("function", "~", "with", "within", "subset", "transform", "quote", "bquote", "local", "::", ":::", "for")

  free <- function(e) {
    if (is.symbol(e)) return(if (grepl("^\\.\\.[0-9]+$|^\\.\\.\\.$", e)) character() else as.character(e))
    if (!is.call(e)) return(character())
    head <- if (is.symbol(e[[1L]])) as.character(e[[1L]]) else ""
    if (head %in% own_scope) return(character())
    if ("data" %in% names(e)) return(free(e[["data"]]))  # of another call: its columns
    parts <- if (head %in% c("$", "@")) list(e[[2L]]) else if (head == "") as.list(e) else as.list(e)[-1L]
    unlist(lapply(parts, function(p) if (identical(p, quote(expr = ))) NULL else free(p)))
  }

  # the update() or the apply-like function that made the call, if there is one
  appliers <- c("sapply", "lapply", "vapply", "mapply", "Map", "replicate", "do.call", "boot", "with", "for", "apply",
                "local", "tapply", "by")
  applied <- function() {
    for (one in state$open) if (one$lets_in && transparent(one$fun)) return(one$fun)
    for (call in rev(sys.calls())) {
      head <- if (is.symbol(call[[1L]])) as.character(call[[1L]]) else ""
      if (head %in% appliers) return(head)
    }
    ""
  }

  last_open <- function() state$open[[length(state$open)]]

  wants <- function(name) {
    one <- last_open()
    if (name == "...") one$dots_ready else name %in% one$ready
  }

  # the arguments are evaluated: write them down before the function changes its variables
  taken <- function(frame) {
    began <- clock()
    n <- length(state$open)
    state$busy <- TRUE
    on.exit(state$busy <- FALSE)
    one <- state$open[[n]]
    one <- tryCatch(take(one, frame), error = function(e) {
      lost(one$fun, e)
      one$kept <- one$lets_in <- FALSE
      one
    })
    one$began <- clock()
    state$overhead <- state$overhead + one$began - began
    state$open[[n]] <- one
  }

  take <- function(one, frame) {
    values <- c(one$values, mget(one$ready, envir = frame, inherits = FALSE))
    one$args <- encode_given(names(values), values)
    dots <- if (one$dots_ready) eval(quote(list(...)), frame)
    one$dot_args <- if (one$dots_ready) encode_given(field_names(dots), dots) else "{}"
    one$options <- odd_options()
    one$lets_in <- transparent(one$fun)
    state$id <- state$id + 1L
    one$id <- state$id
    # A script without seed: one is set while the call runs, so that it can be made again
    one$unseeded <- is.null(seed())
    if (one$unseeded) set.seed(NULL)
    one$seed <- seed()
    one
  }

  encode_given <- function(names, values) {
    encoded <- vapply(seq_along(values), function(i) safely(encode(values[[i]], "arg")), "")
    object(names, encoded)
  }

  # what cannot be written must not stop the script
  safely <- function(encoding) {
    tryCatch(suppressWarnings(encoding),
             error = function(e) paste0("{\"k\":\"encode_error\",\"v\":", text(conditionMessage(e)), "}"))
  }

  odd_options <- function() {
    odd <- c(if (!identical(getOption("na.action"), "na.omit")) c(na.action = text(code(getOption("na.action")))),
             if (!identical(unname(getOption("contrasts")), c("contr.treatment", "contr.poly")))
               c(contrasts = array(text(getOption("contrasts")))))
    object(names(odd), odd)
  }

  # conditions that reach the frame of a recorded call: those it handles itself are its own matter
  on_warning <- function(w) note("warnings", w)
  on_error <- function(e) note("error", e)
  note <- function(kind, condition) {
    n <- length(state$open)
    if (state$busy || !n) return(invisible())
    words <- conditionMessage(condition)
    for (i in rev(seq_len(n))) if (state$open[[i]]$kept) {
      state$open[[i]][[kind]] <- if (kind == "error") words else c(state$open[[i]][[kind]], words)
      break
    }
  }

  # metafor takes every argument that may be a column of data through one function: what that returned to the open call
  got <- function(name, value, frame) {
    n <- length(state$open)
    if (!n || state$busy || is.null(value) || inherits(value, "pymeta_nothing")) return(invisible())
    one <- state$open[[n]]
    if (is.null(one$id) || !identical(one$frame, frame)) return(invisible())
    state$busy <- TRUE
    on.exit(state$busy <- FALSE)
    state$open[[n]]$columns[[name]] <- safely(encode(value, "arg"))
  }

  leave <- function(frame, value) {
    n <- length(state$open)
    i <- n
    while (i > 0L && !identical(state$open[[i]]$frame, frame)) i <- i - 1L
    if (i == 0L || state$busy) return(invisible())
    one <- state$open[[i]]
    state$open <- state$open[seq_len(i - 1L)]
    if (!one$kept) return(invisible())
    ended <- clock()
    state$busy <- TRUE
    on.exit({
      state$busy <- FALSE
      state$overhead <- state$overhead + clock() - ended
    })
    if (is.null(one$id)) one <- unevaluated(one)
    force(value)
    tryCatch(write(encode_call(one, value, ended)), error = function(e) lost(one$fun, e))
    if (!inherits(value, "pymeta_nothing")) tryCatch(remember(value, one$id), error = function(e) NULL)
    if (isTRUE(one$unseeded) && identical(one$seed, seed())) rm(".Random.seed", envir = globalenv())
    invisible()
  }

  # an argument could not be evaluated: the call ended there
  unevaluated <- function(one) {
    state$id <- state$id + 1L
    one[c("id", "stuck", "args", "dot_args", "options", "began")] <-
      list(state$id, TRUE, encode_given(names(one$values), one$values), "{}", "{}", clock())
    one$seed <- seed()
    one
  }

  lost <- function(fun, e) {
    write("{\"t\":\"lost\",\"fun\":", text(fun), ",\"err\":", text(conditionMessage(e)), "}")
    NULL
  }

  encode_call <- function(one, value, ended) {
    returned <- !inherits(value, "pymeta_nothing")
    lazy <- setdiff(one$given, c(names(one$values), if (!isTRUE(one$stuck)) one$ready))
    rest <- one$matched[setdiff(lazy, names(one$columns))]
    if (!length(one$columns)) one$columns <- plain_columns(one, rest)
    if (!returned) one$columns <- c(one$columns, never_reached(one, rest[setdiff(names(rest), names(one$columns))]))
    variables <- nearby(as.list(rest), one$caller)
    error <- if (returned) "null" else text(if (is.null(one$error)) "left before its end" else one$error)
    paste0(
      "{\"t\":\"call\",\"id\":", one$id, ",\"expr\":", one$expr, ",\"line\":", if (is.na(one$line)) "null" else one$line,
      ",\"fun\":", text(one$fun), ",\"head\":", text(code(one$call[[1L]])), ",\"call\":", text(one$words),
      ",\"from\":", text(one$from), ",\"via\":", text(one$via),
      ",\"args\":", one$args, ",\"dots\":", one$dot_args,
      ",\"nse\":", object(names(one$columns), unlist(one$columns)),
      ",\"nsetext\":", object(lazy, text(vapply(lazy, function(a) code(spelled(one$matched[[a]], one$caller)), ""))),
      if (length(variables)) paste0(",\"nsevars\":", object(names(variables), variables)),
      if (length(one$dots) && !one$dots_ready)
        paste0(",\"dotstext\":", object(field_names(one$dots), text(vapply(one$dots, code, "")))),
      if (one$options != "{}") paste0(",\"opt\":", one$options),
      ",\"warn\":", array(text(one$warnings)), ",\"err\":", error,
      ",\"rng\":", drawn(one), ",\"time\":", number(ended - one$began),
      ",\"result\":", if (returned) safely(encode_result(value)) else "null", "}")
  }

  # ..2 is what the caller's own caller wrote
  spelled <- function(expression, caller) {
    if (!is.symbol(expression) || !grepl("^\\.\\.[0-9]+$", expression)) return(expression)
    passed <- tryCatch(as.list(eval(quote(substitute(list(...))), caller))[-1L], error = function(e) list())
    at <- as.integer(substring(expression, 3L))
    if (at <= length(passed)) passed[[at]] else expression
  }

  drawn <- function(one) {
    if (identical(one$seed, seed())) "false" else if (is.null(one$seed)) "\"unset\"" else encode(one$seed)
  }

  # where a package has no funnel for columns: an argument that is the bare name of a column
  plain_columns <- function(one, rest) {
    found <- list()
    data <- one$values[["data"]]
    if (is.data.frame(data)) for (a in names(rest)) if (is.symbol(rest[[a]]) && as.character(rest[[a]]) %in% names(data))
      found[[a]] <- safely(encode(data[[as.character(rest[[a]])]], "arg"))
    found
  }

  # a call that failed may not have come to these: what is arithmetic on data and workspace is evaluated after it
  never_reached <- function(one, rest) {
    data <- if (is.data.frame(one$values[["data"]])) one$values[["data"]] else list()
    found <- list()
    for (a in names(rest)) if (harmless(rest[[a]], one$caller)) {
      value <- tryCatch(suppressWarnings(list(eval(rest[[a]], data, one$caller))), error = function(e) NULL)
      if (length(value) && !is.null(value[[1L]])) found[[a]] <- safely(encode(value[[1L]], "arg"))
    }
    found
  }

  # values of the variables of arguments that no one was seen to evaluate
  nearby <- function(expressions, from) {
    found <- character()
    for (v in unique(unlist(lapply(expressions, all.vars)))) {
      value <- tryCatch(get0(v, envir = from), error = function(e) NULL)
      if (is.atomic(value) && !is.null(value) || is.data.frame(value)) found[v] <- safely(encode(value, "arg"))
    }
    found
  }

  # ------------------------------------------------------------------------------------------------------- installing
  calls_in <- function(f) all.names(body(f), unique = TRUE)

  is_generic <- function(f) "UseMethod" %in% calls_in(f)

  # Calls of a body whose function is one of `heads`
  find_calls <- function(f, heads) {
    heads <- intersect(heads, calls_in(f))
    found <- list()
    walk <- function(e) {
      if (is.symbol(e[[1L]]) && match(as.character(e[[1L]]), heads, 0L)) found[[length(found) + 1L]] <<- e
      for (i in seq_along(e)) if (is.call(e[[i]])) walk(e[[i]])
    }
    if (length(heads) && is.call(body(f))) walk(body(f))
    found
  }

  # Names of the arguments that a function takes unevaluated
  unevaluated_arguments <- function(f, telling, funnel) {
    found <- unlist(lapply(telling, function(e) {
      if (length(e) < 2L || !(is.character(e[[2L]]) || is.symbol(e[[2L]]))) return(NULL)
      if (is.character(e[[2L]]) == (as.character(e[[1L]]) == ".getx")) as.character(e[[2L]])
    }))
    if (!funnel && "match.call" %in% calls_in(f))  # mf[c("weights", "subset")]; eval(mf)
      found <- c(found, setdiff(strings_in(body(f)), c("data", "formula", "object", "x")))
    intersect(unique(found), names(formals(f)))
  }

  strings_in <- function(e) {
    if (is.character(e)) return(e)
    if (is.call(e)) unlist(lapply(as.list(e), function(x) if (is.call(x) || is.character(x)) strings_in(x)))
  }

  extend <- function(f, name, funnel) {
    telling <- find_calls(f, c(".getx", "substitute", "on.exit"))
    exits <- vapply(telling, function(e) identical(e[[1L]], quote(on.exit)), NA)
    nse <- unevaluated_arguments(f, telling[!exits], funnel)
    anew <- any(vapply(telling[exits], sets_anew, NA))
    returned <- as.call(list(quote(base::returnValue), nothing))
    leaving <- call("on.exit", as.call(list(leave, quote(base::environment()), returned)), add = TRUE)
    evaluated <- lapply(setdiff(names(formals(f)), nse), function(a)
      call("if", as.call(list(wants, a)), if (a == "...") quote(base::list(...)) else as.name(a)))
    watching <- quote(.Internal(.addCondHands(c("warning", "error"), NULL, base::environment(), NULL, TRUE)))
    watching[[2L]][[3L]] <- list(on_warning, on_error)
    recording <- as.call(c(quote(`{`), watching, evaluated, as.call(list(taken, quote(base::environment())))))
    entering <- as.call(list(enter, name, names(formals(f))[1L], nse, quote(base::environment()), quote(base::sys.call()),
                             quote(base::parent.frame()), quote(base::match.call(expand.dots = FALSE))))
    g <- f
    body(g) <- call("{", leaving, call("if", entering, recording), inner_body(f, leaving, anew))
    attr(g, "srcref") <- NULL
    environment(g) <- environment(f)
    g
  }

  # The byte code that the body has: no recompilation, full speed. One that sets on.exit() anew must not drop ours.
  inner_body <- function(f, leaving, anew) {
    if (anew) compiler::compile(add_to(body(f), leaving), env = environment(f)) else .Internal(bodyCode(f))
  }

  sets_anew <- function(e) identical(e[[1L]], as.name("on.exit")) && length(e) < 3L && is.null(e$add)

  # on.exit(x) becomes: ours anew, and x added
  add_to <- function(e, leaving) {
    if (!is.call(e) || identical(e[[1L]], as.name("function"))) return(e)
    if (!sets_anew(e)) {
      for (i in seq_along(e)) if (is.call(e[[i]])) e[[i]] <- add_to(e[[i]], leaving)
      return(e)
    }
    leaving$add <- FALSE
    if (length(e) == 1L) return(leaving)
    e$add <- TRUE
    call("{", leaving, e)
  }

  rebind <- function(name, value, where) {
    locked <- bindingIsLocked(name, where)
    if (locked) get("unlockBinding", baseenv())(name, where)
    assign(name, value, envir = where)
    if (locked) lockBinding(name, where)
  }

  # rma and rma.uni are one function: it is recorded under the longer name
  full_name <- function(name, f, originals) {
    longer <- names(originals)[startsWith(names(originals), paste0(name, "."))]
    same <- Filter(function(n) identical(originals[[n]], f), longer)
    if (length(same)) same[1L] else name
  }

  install <- function(...) {
    if (length(state$traced)) return(invisible())
    ns <- asNamespace(package)
    methods <- getNamespaceInfo(ns, "S3methods")
    names <- unique(c(getNamespaceExports(ns), methods[, 3L]))
    originals <- list()
    for (n in names) {
      f <- get0(n, ns, inherits = FALSE)   # what it re-exports from elsewhere is left alone
      if (is.function(f) && !is.primitive(f) && !isS4(f) && !is_generic(f)) originals[[n]] <- f
    }
    state$traced <- sort(names(originals), method = "radix")
    state$shapers <- c(methods[methods[, 1L] %in% shaping, 3L], grep("\\.news$", state$traced, value = TRUE))
    funnel <- is.function(get0(".getx", ns, inherits = FALSE))
    for (n in names(originals)) {
      g <- extend(originals[[n]], full_name(n, originals[[n]], originals), funnel)
      rebind(n, g, ns)
      rebind_attached(n, g)
      rebind_methods(methods[methods[, 3L] == n, , drop = FALSE], originals[[n]], g)
    }
    if (funnel) watch_funnel(ns)
    write_meta()
  }

  rebind_attached <- function(name, g) {
    attached <- paste0("package:", package)
    if (attached %in% search() && exists(name, envir = as.environment(attached), inherits = FALSE))
      rebind(name, g, as.environment(attached))
  }

  rebind_methods <- function(rows, f, g) {
    if (!nrow(rows)) return(invisible())
    for (home in c(list(baseenv()), lapply(loadedNamespaces(), asNamespace))) {
      registered <- get0(".__S3MethodsTable__.", envir = home, inherits = FALSE)
      if (is.environment(registered)) for (m in paste(rows[, 1L], rows[, 2L], sep = "."))
        if (identical(get0(m, envir = registered, inherits = FALSE), f)) assign(m, g, envir = registered)
    }
  }

  watch_funnel <- function(ns) {
    f <- get(".getx", ns)
    g <- f
    body(g) <- bquote({
      on.exit((.(got))(x, base::returnValue(.(nothing)), base::parent.frame()), add = TRUE)
      .(.Internal(bodyCode(f)))
    })
    rebind(".getx", g, ns)
  }

  write_meta <- function() {
    if (isTRUE(state$meta)) return(invisible())
    state$meta <- TRUE
    version <- if (package %in% loadedNamespaces()) as.character(package_version(getNamespaceVersion(package))) else NA
    if (!nzchar(script_name)) script_name <- if (length(path <- script_path())) basename(path) else NA
    write("{\"t\":\"meta\",\"format\":1,\"R\":", text(R.version.string), ",\"package\":", text(package),
          ",\"version\":", text(version),
          ",\"script\":", text(script_name),
          ",\"keep\":", keep, ",\"longest\":", number(longest), ",\"left_out\":", array(text(left_out)),
          ",\"functions\":", array(text(state$traced)), "}")
  }

  # ------------------------------------------------------------------------------------------------------ how it ended
  on_uncaught <- function(e) {
    if (state$busy || Sys.getpid() != state$pid) return(invisible())
    calls <- sys.calls()
    own <- list(quote(h), quote(.handleSimpleError))
    outer <- length(Filter(function(call) !list(call[[1L]]) %in% own, calls))
    if (outer > 0L) locate(calls[[1L]], sys.frame(1L)) else locate(conditionCall(e), environment())
    state$stop <- list(words = conditionMessage(e), package = if (inherits(e, "packageNotFoundError")) e$package,
                       syntax = unparsable && outer == 0L, expr = state$expr)
  }

  # by then R has forgotten who called, so quit() says so itself
  watch_quit <- function() {
    for (name in c("q", "quit")) {
      f <- get(name, baseenv())
      body(f) <- bquote({
        (.(function() state$quit <- TRUE))()
        .(body(f))
      })
      rebind(name, f, baseenv())
    }
  }

  finish <- function(...) {
    if (Sys.getpid() != state$pid || isTRUE(state$finished)) return(invisible())
    state$finished <- TRUE
    write_meta()
    for (k in sort(names(state$light), method = "radix"))
      write("{\"t\":\"light\",\"fun\":", text(k), ",\"n\":", state$light[[k]], "}")
    for (k in sort(names(state$repeats), method = "radix")) if (state$repeats[[k]] > keep)
      write("{\"t\":\"capped\",\"key\":", text(k), ",\"n\":", state$repeats[[k]], ",\"kept\":", keep, "}")
    if (!is.null(state$stop))
      write("{\"t\":\"stop\",\"err\":", text(state$stop$words), ",\"expr\":", state$stop$expr,
            if (!is.null(state$stop$package)) paste0(",\"package\":", text(state$stop$package)), "}")
    write("{\"t\":\"end\",\"status\":", text(status()), ",\"overhead\":", number(state$overhead), "}")
  }

  status <- function() {
    if (is.null(state$stop)) return(if (isTRUE(state$quit)) "quit" else "done")
    if (!is.null(state$stop$package)) "missing package" else if (state$stop$syntax) "syntax error" else "stopped"
  }

  # for a driver that evaluates the script's expressions itself
  driver <- list(
    expression = function(number, line) {
      state$expr <- number
      state$first_line <- line
    },
    record = function(...) write(...),
    text = text,
    stop = function(words, missing = NULL, syntax = FALSE)
      state$stop <- list(words = words, package = missing, syntax = syntax, expr = state$expr))

  # ----------------------------------------------------------------------------------------------------------- start
  file.create(out)
  out <- normalizePath(out)   # the script may change its folder
  read_script()
  if (package %in% loadedNamespaces()) install() else setHook(packageEvent(package, "onLoad"), install)
  if (driven) options(pymeta.trace = driver)
  reg.finalizer(state, finish, onexit = TRUE)
  watch_quit()
  globalCallingHandlers(error = on_uncaught)
})

# the profile that R would have read if it were not for this one
local({
  theirs <- Sys.getenv("R_PROFILE_USER", if (file.exists(".Rprofile")) ".Rprofile" else path.expand("~/.Rprofile"))
  if (nzchar(theirs) && file.exists(theirs)) sys.source(theirs, envir = globalenv())
})
