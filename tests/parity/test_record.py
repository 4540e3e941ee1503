"""What is recorded is what the grids ask, no more and no less, of each R."""

import pytest

from pymeta.harness.recording import KEY_DIGITS, call_key, safe_label
from tests.parity.judging import RECORDED, VERSIONS
from tests.parity.record import GRIDS

NEWER = ("R-4.5.0", "R-4.6.1")
NOT_OF_ALL = {"sandwich": "R-4.2.2", "printing": "R-4.6.1", "conversions": NEWER, "vif": NEWER}
"""Grids that some Rs are not asked: these have no clubSandwich, an older text, no conversions, no simulated factors."""


def names(grid):
    return {f"{safe_label(name)}-{call_key(call)[:KEY_DIGITS]}.json" for name, call in GRIDS[grid]()}


@pytest.fixture(scope="module")
def asked():
    return {grid: names(grid) for grid in GRIDS}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_recording_is_asked_for_and_every_call_recorded(asked, version):
    there = {path.name for path in (RECORDED / version).iterdir()}
    wanted = [asked[grid] for grid in GRIDS if version.startswith(NOT_OF_ALL.get(grid, "R-"))]
    assert there == set().union(*wanted)
