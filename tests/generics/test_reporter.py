"""reporter: golden texts."""

import numpy as np

import pymeta
from pymeta.generics.reporter import reporter
from pymeta.generics.robust import robust

DATA = pymeta.escalc("RR", ai="tpos", bi="tneg", ci="cpos", di="cneg", data=pymeta.load_dataset("dat.bcg"))

RANDOM = """## Methods

The effects (measure: Log Risk Ratio) of 13 studies were analysed with a random-effects model. The variance between \
studies, τ², was estimated by restricted maximum likelihood; see Patterson & Thompson (1971). The tests and 95 % confidence \
intervals of the coefficient are based on normal distributions. Heterogeneity was tested by Cochran's Q and is described \
by I².

## Results

The estimated average effect was -0.71 (95 % CI -1.07 to -0.36; z = -3.97, p < 0.001). As a risk ratio, that is 0.49 \
(95 % CI 0.34 to 0.70). The true effects of 95 % of such studies are expected between -1.87 and 0.44. The test of \
heterogeneity gave Q(12) = 152.23, p < 0.001; τ² = 0.3132, I² = 92.2 %. No study's studentised residual is beyond ±2.89.
"""


def test_a_random_effects_model():
    assert reporter(pymeta.rma(DATA)) == RANDOM


def test_moderators():
    text = reporter(pymeta.rma("yi", "vi", mods="~ ablat", data=DATA, test="knha", method="DL"))
    assert "a mixed-effects meta-regression (moderator: ablat)" in text
    assert "based on the method of Knapp and Hartung" in text
    assert "The omnibus test of ablat gave F(1, 11) = 13.56, p = 0.004." in text
    assert "The estimated coefficients: intrcpt 0.26 (95 % CI -0.34 to 0.86; t(11) = 0.95, p = 0.364); ablat -0.03" in text
    assert "The moderators account for 79.5 % of τ²." in text
    assert "residual heterogeneity gave Q(11) = 30.73, p = 0.001;" in text


def test_no_moderators_no_tau2_and_what_was_left_out():
    text = reporter(pymeta.rma([0.1, np.nan, 4.0, 0.2, 0.1], [0.01, 1, 0.02, 0.01, 0.02], method="EE", slab=list("abcde")))
    assert "analysed with an equal-effects model." in text
    assert "1 row was left out: b (a value is missing)." in text
    assert "The estimated common effect was" in text
    assert "Studentised residuals beyond ±2.50: a (-8.37), c (24.92), d (-7.14), e (-5.29)." in text
    assert "τ²" not in text


def test_other_settings():
    fit = pymeta.rma("yi", "vi", data=DATA, tau2=0.2, weights=np.ones(13), level=90)
    text = reporter(fit)
    assert "τ², was taken to be 0.2." in text
    assert "weights of our own choice" in text
    assert "90 % CI" in text
    assert "cluster-robust variances (CR1p, 13 clusters)" in reporter(robust(fit, range(13)))
    assert "of so few" not in text
    assert "Heterogeneity cannot be told" in reporter(pymeta.rma([0.1], [0.2], method="EE"))
