# Effects and variances of metafor::escalc, each with the noise of R's arithmetic in it: of tables that were drawn.

effects_of <- function(measure, columns, options) {
  found <- suppressWarnings(do.call(metafor::escalc, c(list(measure = measure), columns, options)))
  list(yi = as.vector(found$yi), vi = as.vector(found$vi))
}

# The data a little nearer to 0, by a share of each that differs; a column that `above` gives another for goes with that one,
# so that sizes go with their parts, and zeros stay zeros.
moved <- function(columns, above, by) {
  names <- sort(names(columns), method = "radix")
  share <- setNames(by * (1 + 0.3 * (seq_along(names) - 1)), names)
  near <- lapply(setNames(names, names), function(name) columns[[name]] * (1 - share[[name]]))
  for (name in names(above)) {
    other <- above[[name]]
    near[[name]] <- near[[other]] + (columns[[name]] - columns[[other]]) * (1 - share[[name]])
  }
  near[names(columns)]
}

# The noise of yi and vi by row, as yi_noise and vi_noise, from their differences of third order over `steps` moves; NULL where R refuses one of these.
# Source: More & Wild (2011), Estimating computational noise: E[third difference]^2 = 20 sigma^2 where the function is smooth.
noise <- function(measure, columns, options, above, step, steps) {
  near <- lapply(seq_len(steps) - 1, function(i) {
    tryCatch(effects_of(measure, moved(columns, above, i * step), options), error = function(e) NULL)
  })
  if (any(vapply(near, is.null, NA))) return(NULL)
  lapply(c(yi_noise = "yi", vi_noise = "vi"), function(name) {
    values <- do.call(cbind, lapply(near, `[[`, name))
    apply(values, 1, function(row) sqrt(mean(diff(row, differences = 3)^2) / 20))
  })
}

# tables: lists of measure, columns, options (one list a case), above, and whether the noise is asked for. For each table
# and case: yi, vi, the noise of each where it is known; or what R says where it refuses (error).
drawn_effects <- function(tables, step, steps) {
  lapply(tables, function(table) {
    lapply(table[["options"]], function(options) {
      asked <- list(table[["measure"]], table[["columns"]], options)
      found <- tryCatch(do.call(effects_of, asked), error = function(e) list(error = conditionMessage(e)))
      if (!is.null(found[["error"]]) || !table[["noise"]]) return(found)
      c(found, do.call(noise, c(asked, list(table[["above"]], step, steps))))
    })
  })
}
