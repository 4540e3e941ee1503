"""HR and HD: hazard ratios and differences, which no table gives but a paper's model."""

import numpy as np
import pytest

import pymeta
from pymeta.errors import DataError


@pytest.mark.parametrize("measure", ["GEN", "HR", "HD"])
def test_what_is_given_is_returned(measure):
    effects = pymeta.escalc(measure, yi=[-0.3, None, 0.1], vi=[0.04, 0.1, None])
    assert effects.to_numpy()[0].tolist() == [-0.3, 0.04]
    assert effects.isna().to_numpy().tolist() == [[False, False], [True, False], [False, True]]  # each by itself, as in R
    assert pymeta.rma(effects["yi"], effects["vi"], method="EE").k == 1
    assert pymeta.escalc(measure, yi=[-0.3], sei=[0.2])["vi"][0] == pytest.approx(0.04, rel=1e-15)


@pytest.mark.parametrize("measure", ["HR", "HD"])
def test_tables_give_no_hazards(measure):
    with pytest.raises(DataError, match=f"{measure}: effects and variances are given by yi, vi or yi, sei"):
        pymeta.escalc(measure, ai=[1], bi=[2], ci=[3], di=[4])


def test_hazard_ratios_are_read_as_such():
    """The pooled log hazard ratio's null is a ratio of 1; that of a difference stays 0."""
    assert pymeta.MEASURES["HR"].display(np.log([0.5, 1])).tolist() == [0.5, 1]
    assert (pymeta.MEASURES["HR"].null, pymeta.MEASURES["HD"].null) == (1, 0)
    assert pymeta.MEASURES["HD"].display(np.array([0.5])).tolist() == [0.5]
