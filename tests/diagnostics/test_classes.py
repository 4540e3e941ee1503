"""Which models each function takes: those that metafor 5.2 takes, and no others."""

import numpy as np
import pytest

import pymeta

DATA = pymeta.load_dataset("dat.bcg")
CELLS = {"ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg", "data": DATA}
EFFECTS = pymeta.escalc("RR", **CELLS)
PLAIN = pymeta.rma("yi", "vi", data=EFFECTS)
FITS = {
    "plain": PLAIN,
    "mods": pymeta.rma("yi", "vi", mods="~ ablat", data=EFFECTS),
    "scale": pymeta.rma("yi", "vi", scale="~ ablat", data=EFFECTS),
    "robust": pymeta.robust(PLAIN, cluster="trial"),
    "mh": pymeta.rma_mh(**CELLS),
    "peto": pymeta.rma_peto(**CELLS),
}
TAKES = {
    "regtest": (pymeta.regtest, "plain mods"),
    "regtest by lm": (lambda x: pymeta.regtest(x, model="lm"), "plain mods mh peto"),
    "ranktest": (pymeta.ranktest, "plain scale robust mh peto"),
    "trimfill": (pymeta.trimfill, "plain"),
    "tes": (pymeta.tes, "plain mods mh peto"),
    "hc": (pymeta.hc, "plain robust"),
    "selmodel": (lambda x: pymeta.selmodel(x, "stepfun", steps=0.5, alternative="less"), "plain mods"),
    "leave1out": (pymeta.leave1out, "plain mh peto"),
    "cumul": (pymeta.cumul, "plain mh peto"),
    "influence": (pymeta.influence, "plain mods"),
    "dfbetas": (pymeta.dfbetas, "plain mods"),
    "dffits": (pymeta.dffits, "plain mods"),
    "cooks_distance": (pymeta.cooks_distance, "plain mods robust"),
    "hatvalues": (pymeta.hatvalues, "plain mods scale robust"),
    "baujat": (pymeta.baujat, "plain mods mh peto"),
    "gosh": (lambda x: pymeta.gosh(x, subsets=4), "plain mods mh peto"),
    "permutest": (lambda x: pymeta.permutest(x, iter=4), "plain mods scale"),
    "confint": (pymeta.confint, "plain mods scale robust mh peto"),
    "rstudent": (pymeta.rstudent, "plain mods mh peto"),
    "funnel": (pymeta.funnel, "plain mods scale robust mh peto"),
    "radial": (pymeta.radial, "plain mh peto"),
    "qqnorm": (pymeta.qqnorm, "plain mods scale mh peto"),
    "profile": (lambda x: pymeta.profile(x, steps=3), "plain mods scale robust"),
    "labbe": (pymeta.labbe, "mh"),  # and models of rma() that know their tables
    "limitmeta": (pymeta.limitmeta, "plain"),
    "pet_peese": (pymeta.pet_peese, "plain robust"),
    "puniform_star": (pymeta.puniform_star, "plain robust"),
    "pcurve": (lambda x: pymeta.pcurve(x, side="left"), "plain robust"),
    "lfk": (pymeta.lfk, "plain mods robust"),
}


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("name", TAKES)
def test_what_each_takes(name, fit):
    function, takes = TAKES[name]
    if fit in takes.split():
        assert function(FITS[fit]) is not None
    else:
        with pytest.raises(pymeta.PymetaError, match=r"not |no |needs|moderators|'rma'|give"):
            function(FITS[fit])


def test_tables_by_least_squares_are_their_effects():
    fit = FITS["mh"]
    ours = pymeta.regtest(fit, model="lm")
    plain = pymeta.regtest(fit.studies.yi, fit.studies.vi, model="lm")
    assert (ours.zval, ours.est) == (plain.zval, plain.est)
    assert pymeta.ranktest(fit) == pymeta.ranktest(fit.studies.yi, fit.studies.vi)
    assert np.isfinite(ours.pval)
