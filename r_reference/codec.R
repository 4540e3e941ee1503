# Which R values travel to Python, and how: as R's own `serialize` has them, in its text form with hex floats, which is exact.
#
# Vectors and lists of them travel with all their attributes. What has no place in data (functions, environments, language,
# S4 objects, pointers) is refused by name and place. Text becomes UTF-8. integer64, whose 64 bits base R takes for doubles,
# many of them NaN, of which the text form has but one, becomes strings of 16 hex digits each under the same attributes.
# The Python side is pymeta/harness/serialized.py. R can write nothing but text to standard output, so bytes are no option.

travelling <- function(x) {
  notes <- new.env()
  inspect(x, "value", notes)
  rawToChar(serialize(if (is.null(notes$converts)) x else converted(x), NULL, ascii = NA, version = 2L))
}

# Stops at what cannot travel, and notes whether something has to be converted. No `place` is made up before it is needed.
inspect <- function(x, place, notes) {
  if (isS4(x) || !(type <- typeof(x)) %in% data_types) refuse(x, place)
  if (!is.null(attrs <- attributes(x))) {
    if (is_integer64(x)) notes$converts <- TRUE
    attributes(x) <- NULL # from here on no S3 method of x can be reached
    for (name in names(attrs)) inspect(attrs[[name]], paste0("attr(", place, ", \"", name, "\")"), notes)
  }
  if (type == "character") inspect_text(x, place, notes)
  if (type == "list") for (i in seq_along(x)) {
    if (is.double(x[[i]]) && is.null(attributes(x[[i]]))) next # plain numbers, as most
    inspect(x[[i]], paste0(place, label(attrs[["names"]], i)), notes)
  }
}

data_types <- c("double", "list", "character", "integer", "logical", "NULL", "complex", "raw")

is_integer64 <- function(x) is.double(x) && inherits(x, "integer64")

label <- function(names, i) if (length(names) && !is.na(names[i]) && nzchar(names[i])) paste0("$", names[i]) else paste0("[[", i, "]]")

inspect_text <- function(x, place, notes) {
  encoding <- Encoding(x)
  if (!all(valid <- validEnc(x) & encoding != "bytes")) # enc2utf8() would write "<ff>" for what it cannot read
    stop(place, ": element ", which(!valid)[1L], " is not valid text in its own encoding; convert it with iconv() first", call. = FALSE)
  if (!all(encoding == "UTF-8" | encoding == "unknown" & native_is_utf8())) notes$converts <- TRUE
}

native_is_utf8 <- function() l10n_info()[["UTF-8"]]

# The same value with its text in UTF-8 and its integer64 as hex digits, attributes of attributes included.
converted <- function(x) {
  attrs <- attributes(x)
  out <- if (is_integer64(x)) hex_digits(x) else x
  attributes(out) <- NULL
  if (is.list(out)) out <- lapply(out, converted)
  if (is.character(out)) out <- enc2utf8(out)
  if (length(attrs)) attributes(out) <- lapply(attrs, converted)
  out
}

hex_digits <- function(x) {
  bytes <- as.character(writeBin(as.vector(unclass(x)), raw(), endian = "big"))
  do.call(paste0, lapply(1:8, function(i) bytes[seq.int(i, by = 8L, length.out = length(x))]))
}

refuse <- function(x, place) {
  advice <- switch(typeof(x),
    closure = , builtin = , special = "call it and return its result",
    language = , symbol = , expression = "return deparse() of it",
    environment = "return as.list() of it, or the fields that matter",
    pairlist = "return as.list() of it",
    "return the fields that matter as plain vectors and lists"
  )
  what <- if (isS4(x)) paste0("an S4 object of class ", class(x)[1L]) else paste0("of type '", typeof(x), "'")
  stop(place, " is ", what, ", which has no place in data; in the adapter, ", advice, call. = FALSE)
}
