"""What the grid of selection models is of."""

from pymeta.harness import plain
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity.judging import RECORDED, VERSIONS
from tests.parity.selection_grid import DATASETS, call_of


def test_most_have_a_maximum_inside():
    """The newest metafor has an answer to each case, and for most of them a place that Newton's steps reach."""
    ends = []
    for name in DATASETS:
        said = plain(RecordedReference(RECORDED, VERSIONS[-1]).run(call_of(name)).value)
        ends += ["error" if "error" in one else "inside" if "beta" in one else "at an end" for one in said]
    assert (ends.count("inside"), ends.count("at an end")) == (84, 33)
