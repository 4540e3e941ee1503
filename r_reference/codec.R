# R values <-> JSON text, one typed form, base R only, exact in both directions.
#
#   NULL       {"t":"null"}
#   double     {"t":"dbl","v":"0x1.8p+1 NA NaN -Inf"}     hex floats, so every bit survives
#   integer    {"t":"int","v":"1 NA 3"}
#   logical    {"t":"lgl","v":"TRUE FALSE NA"}
#   complex    {"t":"cpl","v":"0x1p+0 0x0p+0"}            real and imaginary parts in turn
#   integer64  {"t":"i64","v":"00000000000000ff"}         the bits, 16 hex digits a number (doubles to base R, many of them NaN)
#   raw        {"t":"raw","v":"00ff"}
#   character  {"t":"chr","v":["a",null]}                 null is NA
#   list       {"t":"list","v":[node, ...]}
#
# Attributes follow as ordered pairs: "a":[["names",node],["class",node]]. What has no such form (functions, environments,
# language, S4 objects, pointers) is refused by name and place. The Python side is pymeta/harness/codec.py.

# ---- encoding ---------------------------------------------------------------------------------------------------------

encode_text <- function(x) enc2utf8(encode_node(x, "value"))

encode_node <- function(x, place) {
  if (isS4(x)) refuse(x, place)
  attrs <- attributes(x)
  bare <- x
  attributes(bare) <- NULL # from here on no S3 method of x can be reached
  body <- switch(typeof(bare),
    "NULL" = "\"t\":\"null\"",
    double = if (is_integer64(attrs)) encode_words("i64", encode_bits(bare)) else encode_words("dbl", sprintf("%a", bare)),
    integer = encode_words("int", as.character(bare)),
    logical = encode_words("lgl", as.character(bare)),
    complex = encode_words("cpl", sprintf("%a", rbind(Re(bare), Im(bare)))),
    raw = paste0("\"t\":\"raw\",\"v\":\"", paste(as.character(bare), collapse = ""), "\""),
    character = paste0("\"t\":\"chr\",\"v\":[", paste(quote_strings(bare, place), collapse = ","), "]"),
    list = paste0("\"t\":\"list\",\"v\":[", encode_elements(bare, attrs[["names"]], place), "]"),
    refuse(x, place)
  )
  paste0("{", body, encode_attributes(attrs, place), "}")
}

is_integer64 <- function(attrs) "integer64" %in% attrs[["class"]]

encode_words <- function(type, words) {
  words[is.na(words)] <- "NA" # as.character() and sprintf() give NA_character_ for some missing values
  paste0("\"t\":\"", type, "\",\"v\":\"", paste(words, collapse = " "), "\"")
}

encode_bits <- function(x) {
  bytes <- as.character(writeBin(x, raw(), endian = "big"))
  do.call(paste0, lapply(1:8, function(i) bytes[seq.int(i, by = 8L, length.out = length(x))]))
}

encode_elements <- function(x, names, place) {
  label <- function(i) if (length(names) && !is.na(names[i]) && nzchar(names[i])) paste0("$", names[i]) else paste0("[[", i, "]]")
  paste(vapply(seq_along(x), function(i) encode_node(x[[i]], paste0(place, label(i))), ""), collapse = ",")
}

encode_attributes <- function(attrs, place) {
  if (!length(attrs)) return("")
  keys <- names(attrs)
  pairs <- vapply(seq_along(attrs), function(i) {
    here <- paste0("attr(", place, ", \"", keys[i], "\")")
    paste0("[", quote_strings(keys[i], here), ",", encode_node(attrs[[i]], here), "]")
  }, "")
  paste0(",\"a\":[", paste(pairs, collapse = ","), "]")
}

control_characters <- stats::setNames(sprintf("\\u%04x", 1:31), vapply(1:31, intToUtf8, ""))

quote_strings <- function(x, place) {
  if (!length(x)) return(character()) # paste0() would make one empty string of it
  if (!all(valid <- validEnc(x) & Encoding(x) != "bytes")) # enc2utf8() would write "<ff>" for what it cannot read
    stop(place, ": element ", which(!valid)[1L], " is not valid text in its own encoding; convert it with iconv() first", call. = FALSE)
  out <- enc2utf8(x)
  if (any(special <- grepl("[\"\\\\\x01-\x1f]", out, perl = TRUE, useBytes = TRUE))) out[special] <- escape(out[special])
  out <- paste0("\"", out, "\"")
  out[is.na(x)] <- "null"
  out
}

escape <- function(x) {
  x <- gsub("\"", "\\\"", gsub("\\", "\\\\", x, fixed = TRUE), fixed = TRUE)
  if (any(grepl("[\x01-\x1f]", x, perl = TRUE, useBytes = TRUE)))
    for (char in names(control_characters)) x <- gsub(char, control_characters[[char]], x, fixed = TRUE)
  x
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

# ---- decoding ---------------------------------------------------------------------------------------------------------

# Only the JSON that the form above needs is read: numbers, true and false are no part of it. All tokens are found at once and
# all strings are unescaped at once; then `read_node` goes through them. A reader is an environment: the tokens, the strings
# among them as text, and `at`, the last token taken. (Closures within one function would be compiled anew in every call.)
# The way in which each node begins as we write it is one token, which halves their number.
json_token <- "\\{\"t\":\"[a-z0-9]{1,9}\"(?:,\"v\":)?+|\"[^\"\\x00-\\x1f]*+\"|[{}\\[\\],:]|null|[ \\t\\r\\n]++"

json_tokens <- function(text) {
  # Backslashes and quotes inside strings become \u escapes first: then the next quote ends a string, and one possessive
  # class matches it, however long. Runs of backslashes pair up from the left, as the escapes themselves do.
  text <- gsub("\\\\", "\\u005c", text, fixed = TRUE, useBytes = TRUE)
  text <- gsub("\\\"", "\\u0022", text, fixed = TRUE, useBytes = TRUE)
  hits <- gregexpr(json_token, text, perl = TRUE, useBytes = TRUE)[[1L]]
  ends <- hits + attr(hits, "match.length")
  if (hits[1L] != 1L || any(gap <- ends != c(hits[-1L], nchar(text, "bytes") + 1L)))
    malformed("unreadable after byte ", if (hits[1L] != 1L) 0L else ends[which(gap)[1L]] - 1L)
  token <- substring(text, hits, ends - 1L)
  token[!grepl("^[ \t\r\n]", token)]
}

open_reader <- function(text) {
  if (!grepl("^[\\x01-\\x7f]++$", text, perl = TRUE, useBytes = TRUE)) malformed("empty, or not ASCII (write \\uXXXX)")
  token <- json_tokens(text)
  quoted <- startsWith(token, "\"")
  strings <- rep(NA_character_, length(token))
  strings[quoted] <- unescape(token[quoted])
  list2env(list(token = token, quoted = quoted, strings = strings, brackets = which(token == "[" | token == "]"), at = 0L))
}

take <- function(reader) {
  at <- reader$at <- reader$at + 1L
  if (at > length(reader$token)) malformed("the text ends too soon")
  reader$token[at]
}

expect <- function(reader, mark) {
  if ((found <- take(reader)) != mark) malformed("'", mark, "' expected, ", found, " found")
}

take_string <- function(reader) {
  found <- take(reader)
  if (!reader$quoted[reader$at]) malformed("a string expected, ", found, " found")
  reader$strings[reader$at]
}

# Whether the next token is `mark`.
ahead <- function(reader, mark) reader$at < length(reader$token) && reader$token[reader$at + 1L] == mark

# Whether another member follows: takes the comma, or what closes the array or object.
goes_on <- function(reader, close) {
  mark <- take(reader)
  if (mark != "," && mark != close) malformed("',' or '", close, "' expected, ", mark, " found")
  mark == ","
}

short_escapes <- c("\\/" = "/", "\\b" = "\b", "\\f" = "\f", "\\n" = "\n", "\\r" = "\r", "\\t" = "\t")

unescape <- function(words) {
  out <- substring(words, 2L, nchar(words) - 1L)
  escaped <- grep("\\", out, fixed = TRUE)
  if (length(escaped)) {
    for (code in names(short_escapes)) out[escaped] <- gsub(code, short_escapes[[code]], out[escaped], fixed = TRUE)
    escaped <- grep("\\", out, fixed = TRUE)
    out[escaped] <- vapply(strsplit(out[escaped], "\\u", fixed = TRUE), join_utf16, "")
  }
  out
}

# The pieces of a string cut at each \u: all but the first begin with four hex digits, one UTF-16 unit.
join_utf16 <- function(pieces) {
  hex <- substring(pieces[-1L], 1L, 4L)
  if (any(grepl("\\", pieces, fixed = TRUE)) || !all(grepl("^[0-9a-fA-F]{4}$", hex))) malformed("no such escape in a string")
  text <- substring(pieces[-1L], 5L)
  unit <- strtoi(hex, 16L)
  high <- unit %/% 1024L == 54L # D800 to DBFF
  low <- unit %/% 1024L == 55L # DC00 to DFFF
  if (any(unit == 0L)) malformed("\\u0000 cannot be part of an R string")
  if (!identical(which(high & !nzchar(text)) + 1L, which(low)) || any(high & nzchar(text))) malformed("half a surrogate pair in a string")
  unit[high] <- 65536L + (unit[high] - 55296L) * 1024L + unit[low] - 56320L
  char <- rep("", length(unit))
  char[!low] <- intToUtf8(unit[!low], multiple = TRUE)
  paste(c(pieces[1L], rbind(char, text)), collapse = "")
}

decode_text <- function(text) {
  reader <- open_reader(text)
  out <- read_node(reader, "value")
  if (reader$at < length(reader$token)) malformed(reader$token[reader$at + 1L], " found after the end")
  out
}

read_node <- function(reader, place) {
  type <- v <- attrs <- NULL
  seen <- character()
  more <- TRUE
  head <- take(reader)
  if (startsWith(head, "{\"t\"")) {
    type <- strsplit(head, "\"", fixed = TRUE)[[1L]][4L]
    seen <- "t"
    if (endsWith(head, ":")) {
      v <- read_content(reader, place)
      seen <- c("t", "v")
    }
    more <- goes_on(reader, "}")
  } else if (head != "{") malformed(place, " is not an object of t, v and a: ", head)
  while (more) {
    key <- take_string(reader)
    if (key %in% seen) malformed(place, " has ", key, " twice")
    seen <- c(seen, key)
    expect(reader, ":")
    switch(key,
      t = type <- take_string(reader),
      v = v <- read_content(reader, place),
      a = attrs <- read_attributes(reader, place),
      malformed(place, " is not an object of t, v and a")
    )
    more <- goes_on(reader, "}")
  }
  out <- decode_value(type, v, place)
  if (!is.null(attrs)) attributes(out) <- attrs
  out
}

# What stands at "v": a string, an array of strings and nulls (a character vector), or an array of nodes (a list of values).
read_content <- function(reader, place) {
  if (!ahead(reader, "[")) return(take_string(reader))
  take(reader)
  if (reader$at < length(reader$token) && startsWith(reader$token[reader$at + 1L], "{")) read_nodes(reader, place) else read_strings(reader)
}

read_nodes <- function(reader, place) {
  out <- list()
  repeat {
    i <- length(out) + 1L
    out[i] <- list(read_node(reader, paste0(place, "[[", i, "]]")))
    if (!goes_on(reader, "]")) return(out)
  }
}

read_strings <- function(reader) {
  close <- reader$brackets[findInterval(reader$at, reader$brackets) + 1L]
  if (is.na(close)) malformed("the text ends too soon")
  inner <- seq_len(close - reader$at - 1L) + reader$at
  reader$at <- close
  odd <- seq_along(inner) %% 2L == 1L
  words <- inner[odd]
  if (length(inner) && !(length(inner) %% 2L && all(reader$token[inner[!odd]] == ",") && all(reader$quoted[words] | reader$token[words] == "null")))
    malformed("an array of strings expected, ", paste(reader$token[inner], collapse = ""), " found")
  reader$strings[words]
}

read_attributes <- function(reader, place) {
  expect(reader, "[")
  attrs <- list()
  if (ahead(reader, "]")) take(reader) else repeat {
    expect(reader, "[")
    key <- take_string(reader)
    expect(reader, ",")
    attrs[[key]] <- read_node(reader, paste0("attr(", place, ", \"", key, "\")"))
    expect(reader, "]")
    if (!goes_on(reader, "]")) break
  }
  attrs
}

decode_value <- function(type, v, place) {
  if (is.null(type)) malformed(place, " is not an object of t, v and a")
  switch(type,
    "null" = NULL,
    dbl = as.numeric(decode_words(v, hex_float, place)),
    int = decode_integers(decode_words(v, "NA|-?[0-9]{1,10}", place), place),
    lgl = as.logical(decode_words(v, "NA|TRUE|FALSE", place)),
    cpl = decode_complex(as.numeric(decode_words(v, hex_float, place)), place),
    i64 = readBin(decode_bytes(decode_words(v, "[0-9a-f]{16}", place)), "double", n = nchar(v), endian = "big"),
    raw = decode_bytes(decode_words(v, "[0-9a-f]*", place)),
    chr = if (is.character(v)) v else malformed(place, ": chr wants an array of strings"),
    list = if (is.list(v)) v else if (!length(v)) list() else malformed(place, ": list wants an array of nodes"),
    malformed(place, ": no such type: ", type)
  )
}

decode_string <- function(x, place) {
  if (!is.character(x) || length(x) != 1L || is.na(x)) malformed(place, ": a string expected")
  x
}

hex_float <- "-?0x[01](?:\\.[0-9a-f]{1,13})?p[+-][0-9]{1,4}|NA|NaN|-?Inf"

decode_words <- function(v, pattern, place) {
  words <- strsplit(decode_string(v, place), " ", fixed = TRUE, useBytes = TRUE)[[1L]]
  good <- grepl(paste0("^(?:", pattern, ")$"), words, perl = TRUE, useBytes = TRUE)
  if (!all(good)) malformed(place, ": element ", which(!good)[1L], " cannot be read: ", words[!good][1L])
  words[words == "NA"] <- NA_character_
  words
}

decode_integers <- function(words, place) {
  numbers <- as.numeric(words)
  if (any(abs(numbers) > .Machine$integer.max, na.rm = TRUE)) malformed(place, ": an integer beyond R's range")
  as.integer(numbers)
}

decode_complex <- function(parts, place) {
  if (length(parts) %% 2L) malformed(place, ": a complex number lacks its imaginary part")
  odd <- seq_along(parts) %% 2L == 1L
  complex(real = parts[odd], imaginary = parts[!odd])
}

decode_bytes <- function(words) {
  digits <- paste(words, collapse = "")
  if (!nzchar(digits)) return(raw())
  if (nchar(digits) %% 2L) malformed("half a byte in ", digits)
  at <- seq.int(1L, by = 2L, length.out = nchar(digits) %/% 2L)
  as.raw(strtoi(substring(digits, at, at + 1L), 16L))
}

malformed <- function(...) {
  text <- paste0("malformed value: ", ...)
  stop(if (nchar(text, "bytes") > 300L) paste0(substr(text, 1L, 300L), " ...") else text, call. = FALSE)
}
