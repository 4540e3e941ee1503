"""What the grid of PET-PEESE is of."""

from tests.parity import pet_peese_grid
from tests.parity.pet_peese_grid import CASES, DATASETS


def test_both_are_chosen_somewhere():
    found = {pet_peese_grid.ours(name, case)["pval_pet"] < 0.1 for name in DATASETS for case in CASES}
    assert found == {True, False}
