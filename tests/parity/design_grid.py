"""Formulas whose designs are compared with R's."""

FORMULAS = """
~ 1
~ ablat
~ ablat - 1
~ 0 + ablat + year
~ alloc
~ alloc - 1
~ alloc * year - 1
~ ablat + factor(alloc) * year - 1
~ alloc:ablat
~ alloc:ablat - 1
~ alloc/ablat
~ alloc %in% era
~ alloc:era
~ alloc:era - 1
~ era + alloc:era
~ alloc*era*ablat
~ (alloc + era + ablat)^2
~ (alloc + era + ablat)^2 - alloc:era
~ alloc*era*ablat - ablat - era
~ ablat:alloc:era - 1
~ ablat + alloc:era:ablat
~ era + alloc - 1
~ alloc + era + alloc - 1
~ I(ablat^2)
~ ablat + I((ablat-33.456)/10) + I( -year )
~ I(ablat > 30 & year < 1960 | alloc == 'random')
~ (alloc == "random") * year
~ ablat > 30
~ !warm
~ warm - 1
~ warm:alloc
~ factor(warm)*ablat
~ poly(ablat, 2)
~ poly(year,degree=4) + alloc
~ poly(ablat, 3, raw=TRUE):warm
~ poly(ablat, 1)
~ poly(ablat, 2)*alloc - 1
~ sqrt(ablat) + log(ablat) + log(ablat, base=2) + log10(year) + log2(year) + exp(ablat/100) + abs(ablat - 30)
~ scale(ablat)
~ scale(ablat, scale=FALSE)*scale(year, center = 1950)
~ scale(gaps, center=FALSE)
~ relevel(factor(alloc), ref="random")
~ relevel(quality, 2) + ablat
~ quality
~ grade
~ grade - 1
~ grade*quality
~ C(quality, sum) + C(factor(alloc), helmert)
~ C(quality, contr.sum) + C(factor(alloc), contr.helmert)
~ C(quality, contr.treatment, base=2)
~ C(quality, contr.poly)
~ C(quality, contr.treatment)
~ C(quality, "contr.treatment") + C(grade) + C(factor(alloc), "contr.treatment", base=2)
~ factor(year)
~ factor(tenths) + ablat
~ factor(trial > 3, labels=c("low","high"))
~ factor(alloc, levels=c("random", "systematic"))
~ factor(alloc, levels=c("systematic", "alternate", "random"), labels=c("s","a","r")) - 1
~ as.factor(trial %% 3)
~ as.factor(trial %/% 4):year
~ ifelse(ablat > 30, "far", "near")
~ ifelse(warm, ablat, -ablat)
~ cut(ablat, c(0, 20, 40, 60))
~ cut(ablat, 3)
~ cut(ablat, c(13, 33.25, 55), include.lowest=TRUE)
~ cut(ablat, c(0, 33, 60), right=FALSE, labels=c("near", "far"))
~ interaction(alloc, warm)
~ interaction(alloc, quality, sep="-")
~ droplevels(quality)
~ gaps + holes
~ holes*gaps - 1
~ is.na(gaps)
~ I(ablat - mean(ablat)) + I(year/max(year))
~ pmin(ablat, 40) + pmax(year, 1950)
~ as.numeric(quality) + as.numeric(warm) + as.numeric(alloc == "random")
~ I(alloc %in% c("random", "systematic"))
~ `my mod` + log(`my mod`) + alloc:`my mod`
~ `my group`*ablat
~ ablat + (year - 1)
~ ablat - (year - 1)
~ (ablat + 0)*year
~ ablat - year + year - year
~ ablat**2 + (ablat+year)**2
~ year + year:ablat + ablat:year:alloc + ablat
~ ablat %in% (alloc + year)
~ (alloc + era)/ablat/year
~ I(100000*ablat) + I(ablat*1e-7) + I(ablat * 0.10) + I(2L*ablat) + I(100000L*ablat)
~ I(ablat^-1) + I(-ablat^2) + I(ablat %% 7) + I(+ablat)
~ I(1:13)
~ year.x + x_2
~ round(ablat/7) + floor(ablat/7) + ceiling(ablat/7) + trunc(ablat/7) + sign(ablat-30)
~ I(T*ablat) + I(pi*year)
~ .
~ . - alloc - gaps - grade
~ (ablat + warm + .) - year
""".strip().splitlines()

REFUSED_BY_BOTH = """
~ nothing
~ ablat + 2
~ ablat^0
~ ablat^year
~ alone
~ alone - 1
~ ablat +
~ ablat year
~ (ablat
~ poly(ablat, 20)
~ nofunction(ablat)
~ 'ablat'
~ sqrt(alloc)
~ ablat + I(3)
~ alloc %in% c("random", "systematic")
~ relevel(quality, ref="none")
""".strip().splitlines()
