"""The grids that ask the same of each of several data sets, by the prefix of their recordings.

Each is a module with `DATASETS`, `call_of(name)`, `ours(name, …)`, `judged(name, outcome, known)`, `calls()` and
`PLANTED`; and with `LIVE`, the data sets of which the R that is here is asked, where these are not its first five.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from tests.parity import (
    asymmetry_grid,
    excess_grid,
    failsafe_grid,
    funnel_grid,
    gosh_grid,
    held_grid,
    henmi_copas_grid,
    labbe_grid,
    pcurve_grid,
    permutation_grid,
    pet_peese_grid,
    puniform_fixed_grid,
    puniform_grid,
    residual_plots_grid,
    selection_grid,
    selection_profile_grid,
    small_study_grid,
    trimfill_grid,
)

BY_DATASET: Mapping[str, ModuleType] = {
    "asymmetry": asymmetry_grid,
    "excess": excess_grid,
    "failsafe": failsafe_grid,
    "funnel": funnel_grid,
    "gosh": gosh_grid,
    "held": held_grid,
    "henmi_copas": henmi_copas_grid,
    "labbe": labbe_grid,
    "pcurve": pcurve_grid,
    "permutation": permutation_grid,
    "pet_peese": pet_peese_grid,
    "puniform": puniform_grid,
    "puniform_fixed": puniform_fixed_grid,
    "residual_plots": residual_plots_grid,
    "selection": selection_grid,
    "selection_profile": selection_profile_grid,
    "small_study": small_study_grid,
    "trimfill": trimfill_grid,
}


def live(grid: ModuleType) -> tuple[str, ...]:
    """The data sets of which the R that is here is asked."""
    return tuple(getattr(grid, "LIVE", grid.DATASETS[:5]))
