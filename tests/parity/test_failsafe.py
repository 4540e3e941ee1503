"""What fsn counts, where metafor's search for it ends one too far."""

import numpy as np

from pymeta.harness import plain
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity.failsafe_grid import DATASETS, call_of, cases_of, found_in
from tests.parity.judging import RECORDED, VERSIONS


def test_numbers_differ_by_one_and_that_by_r_s_search_alone():
    """R's number is the least that does, or the next; never a smaller one, and never of a closed form."""
    apart = set()
    for name in DATASETS:
        said = plain(RecordedReference(RECORDED, VERSIONS[-1]).run(call_of(name)).value)
        for case, theirs in zip(cases_of(name), said, strict=True):
            excess = float(np.ravel(theirs["fsnum"])[0]) - found_in(name, case).fsnum
            apart.add((case.startswith("General"), excess))
    assert apart == {(False, 0.0), (True, 0.0), (True, 1.0)}
