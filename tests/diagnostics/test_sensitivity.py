"""sensitivity gathers what the functions say, and says it in words that follow from the numbers."""

import re

import numpy as np
import pytest

import pymeta
from pymeta.diagnostics import sensitivity as module
from pymeta.models.vevea_woods import KINDS

DATA = pymeta.load_dataset("dat.bcg")
CELLS = {"ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg", "data": DATA}
FIT = pymeta.rma(measure="RR", slab="author", **CELLS)
FOUND = pymeta.sensitivity(FIT)
FRAME = FOUND.frame().set_index("analysis")

YI = np.array([0.10, 0.20, 0.15, 0.25, 0.05, 1.10])
VI = np.array([0.04, 0.05, 0.04, 0.06, 0.05, 0.01])


def row(analysis, found=FRAME):
    return found.loc[analysis]


def section(found, title):
    return next(part for part in found.sections if part.title == title)


def numbers(model, i=0):
    return [model.beta[i], model.ci_lb[i], model.ci_ub[i], model.pval[i], model.tau2]


COLUMNS = ["estimate", "ci_lb", "ci_ub", "pval", "tau2"]


@pytest.mark.parametrize("method", module.METHODS)
@pytest.mark.parametrize("test", module.TESTS)
def test_estimators_and_tests_are_fits_of_their_own(method, test):
    again = pymeta.rma(measure="RR", **CELLS, method=method, test=test)
    assert row(f"{method}, {test}")[COLUMNS].tolist() == numbers(again)


def test_what_the_other_functions_say():
    assert row("the model")[COLUMNS].tolist() == numbers(FIT)
    assert row("Henmi and Copas")["ci_lb"] == pymeta.hc(FIT).ci_lb
    left = pymeta.leave1out(FIT)
    assert section(FOUND, "Each study left out").findings[3].estimate == left.estimate[3]
    assert row("Egger's regression")["statistic_pval"] == pymeta.regtest(FIT).pval
    assert row("Egger's regression")["estimate"] == pymeta.regtest(FIT).est
    assert row("Begg and Mazumdar")["statistic"] == pymeta.ranktest(FIT).tau
    assert row("excess significance")["statistic_pval"] == pymeta.tes(FIT).pval
    assert row("fail-safe N")["statistic"] == 598.0  # metafor's, of the same data
    assert row("trim and fill, L0")[COLUMNS].tolist() == numbers(pymeta.trimfill(FIT))
    step = pymeta.selmodel(FIT, "stepfun", steps=0.025, alternative="less")
    assert row("a step at p = .025")[COLUMNS].tolist() == numbers(step)
    assert row("a step at p = .025")["statistic"] == step.LRT
    assert row("Peters")["statistic_pval"] == pymeta.metabias(FIT, "Peters").pval
    chosen = pymeta.pet_peese(FIT, side="left")
    assert row("PET")[["estimate", "ci_lb"]].tolist() == [chosen.pet.beta[0], chosen.pet.ci_lb[0]]
    assert "chooses" in row(chosen.chosen)["note"]
    assert row("limit meta-analysis")["ci_ub"] == pymeta.limitmeta(FIT).ci_ub
    assert row("p-uniform*")["estimate"] == pymeta.puniform_star(FIT, side="left").est
    given = pymeta.selmodel(FIT, "stepfun", alternative="less", **pymeta.vevea_woods("severe one-tailed"))
    assert row("severe one-tailed selection, weights given")["estimate"] == given.beta[0]


def test_the_frame_has_every_finding():
    assert len(FRAME) == sum(len(part.findings) for part in FOUND.sections)
    assert list(FOUND.frame()["section"].unique()) == [part.title for part in FOUND.sections if part.findings]
    assert not FRAME["note"].str.contains("defined").any()


def test_one_study_that_decides_is_named():
    fit = pymeta.rma(YI, VI, method="EE", slab=list("abcdef"))
    found = pymeta.sensitivity(fit)
    assert section(found, "The model").findings[0].includes_zero is False
    left = section(found, "Each study left out")
    assert "In 1 of 6 the interval includes the value of no effect, unlike the model's: without f." in left.said
    standing = "; ".join(np.array(list("abcdef"))[pymeta.influence(fit).is_infl])
    assert section(found, "Influential studies").said == f"4 studies stand out by one of the usual cut-offs: {standing}."
    assert "Below 10 studies these tests have little power; here are 6." in section(found, "Tests of bias").said


def test_what_agrees_is_said_to():
    left = section(FOUND, "Each study left out")
    low, high = pymeta.leave1out(FIT).estimate.min(), pymeta.leave1out(FIT).estimate.max()
    assert f"goes from {low:.4f} (without " in left.said
    assert f" to {high:.4f} (without " in left.said
    assert left.said.endswith("No single study changes whether the interval includes the value of no effect.")


def test_tests_that_see_bias_are_named():
    yi = np.array([0.05, 0.10, 0.12, 0.30, 0.45, 0.50, 0.70, 0.90, 1.10, 1.30, 1.45])
    found = pymeta.sensitivity(pymeta.rma(yi, np.linspace(0.01, 0.4, 11)))
    said = section(found, "Tests of bias").said
    assert re.match(r"[23] of 3 tests see bias \(p < 0.1\): Egger's regression; Begg and Mazumdar", said)
    assert "tests see bias" not in section(pymeta.sensitivity(FIT, alpha=1e-9), "Tests of bias").said


def test_odds_ratios_of_tables_have_harbords_test_too():
    fits = [pymeta.rma(measure="OR", **CELLS), pymeta.rma_mh(**CELLS)]
    for fit in fits:
        bias = section(pymeta.sensitivity(fit), "Tests of bias")
        assert [one.analysis for one in bias.findings][:2] == ["Harbord", "Peters"]
    effects = pymeta.rma(fits[0].studies.yi, fits[0].studies.vi)
    assert "Peters" not in [one.analysis for one in section(pymeta.sensitivity(effects), "Tests of bias").findings]


def test_moderators_have_a_row_a_coefficient_and_what_is_not_defined_says_why():
    fit = pymeta.rma(measure="RR", mods="~ ablat", **CELLS)
    found = pymeta.sensitivity(fit)
    frame = found.frame().set_index(["analysis", "term"])
    assert frame.loc[("the model", "ablat"), "estimate"] == fit.beta[1]
    assert (
        frame.loc[("HE, knha", "ablat"), "estimate"]
        == pymeta.rma(measure="RR", mods="~ ablat", method="HE", test="knha", **CELLS).beta[1]
    )
    for title in ("Each study left out", "Trim and fill"):
        assert section(found, title).said.startswith("Not done. ")
        assert "moderators" in section(found, title).said
    assert re.search(r"ablat goes from \S+ \(.*\) to ", section(found, "Estimators and tests").said)
    assert found.to_html()


@pytest.mark.parametrize("pool", [pymeta.rma_mh, pymeta.rma_peto])
def test_pooled_tables(pool):
    fit = pool(measure="RR", **CELLS) if pool is pymeta.rma_mh else pool(**CELLS)
    found = pymeta.sensitivity(fit, transf=np.exp)
    assert section(found, "The model").findings[0].estimate == np.exp(fit.beta[0])
    assert section(found, "Each study left out").findings[2].estimate == np.exp(pymeta.leave1out(fit).estimate[2])
    assert "not for pooled tables" in section(found, "Estimators and tests").said
    assert found.to_html()


def test_transformed():
    found = pymeta.sensitivity(FIT, transf="exp")
    for ours, plain in zip(found.sections, FOUND.sections, strict=True):
        for one, other in zip(ours.findings, plain.findings, strict=True):
            assert (one.pval, one.includes_zero, one.statistic) == (other.pval, other.includes_zero, other.statistic)
            if other.estimate is not None:
                assert one.estimate == np.exp(other.estimate)
    turned = section(pymeta.sensitivity(FIT, transf=np.negative), "The model").findings[0]
    assert (turned.ci_lb, turned.ci_ub) == (-FIT.ci_ub[0], -FIT.ci_lb[0])


@pytest.mark.parametrize("k", [1, 2])
def test_few_studies(k):
    found = pymeta.sensitivity(pymeta.rma(YI[:k], VI[:k]))
    assert section(found, "The model").findings[0].estimate is not None
    assert "none" not in str(found)
    assert found.to_html()


def test_a_model_that_is_a_single_value_has_a_drawing():
    assert "<svg" in pymeta.sensitivity(pymeta.rma(np.full(4, 0.3), np.full(4, 0.1))).to_html()


def test_the_page():
    fit = pymeta.rma(YI, VI, slab=["<script>x</script>", "\u202eb", "c", "d", "e", "f"])
    page = pymeta.sensitivity(fit).to_html()
    assert "<script" not in page
    assert "&lt;script&gt;x" in page
    assert "\u202e" not in page
    assert not re.search(r"(src|href)=", page)
    assert len(re.findall(r"<tr><th scope=\"row\"", page)) == len(pymeta.sensitivity(fit).frame())


def test_what_is_printed():
    lines = str(FOUND).splitlines()
    assert lines[0] == "The model"
    assert [line for line in lines if line.startswith("DL, knha")] == [
        line for line in lines if re.match(r"DL, knha +-0\.7141 +-1\.1078 +-0\.3204 +0\.0019 +0\.3088$", line)
    ]
    assert FOUND.said().splitlines()[0].startswith("The model: 13 studies. The estimate is -0.7145, ")


@pytest.mark.parametrize(
    ("fit", "given", "said"),
    [
        (YI, {}, "ndarray"),
        (FIT, {"alpha": 5}, "alpha=5"),
        (FIT, {"transf": "expo"}, "expo"),
        (pymeta.selmodel(FIT, "negexp"), {}, "SelectionResult"),
    ],
)
def test_what_is_refused(fit, given, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        pymeta.sensitivity(fit, **given)


def test_vevea_and_woods_weights():
    for kind in KINDS:
        given = pymeta.vevea_woods(kind)
        assert len(given["steps"]) == len(given["delta"])
        assert given["delta"][0] == 1
    moderate, severe = (np.array(pymeta.vevea_woods(f"{kind} one-tailed")["delta"]) for kind in ("moderate", "severe"))
    assert np.all(np.diff(moderate) <= 0)
    assert np.all(severe <= moderate)
    with pytest.raises(pymeta.OptionError, match="Did you mean 'severe one-tailed'"):
        pymeta.vevea_woods("severe one-taild")
