"""Records what R says to the grids: ``python -m tests.parity.record [GRID …] [--rscript CMD]``, as `make matrix` does."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping

from pymeta.harness import Call, open_reference
from pymeta.harness.recording import record
from tests.parity import (
    anova_grid,
    asymmetry_grid,
    conversion_grid,
    diagnostics_grid,
    drawn_grid,
    effect_grid,
    excess_grid,
    failsafe_grid,
    funnel_grid,
    gosh_grid,
    held_grid,
    henmi_copas_grid,
    labbe_grid,
    newmods_grid,
    pcurve_grid,
    permutation_grid,
    pet_peese_grid,
    predict_grid,
    puniform_grid,
    r_random_grid,
    residual_plots_grid,
    sandwich_grid,
    scale_grid,
    selection_grid,
    selection_profile_grid,
    shaping_cases,
    small_study_grid,
    table_models_grid,
    test_printing,
    transform_grid,
    trimfill_grid,
    uni_grid,
    vif_grid,
)
from tests.parity.judging import RECORDED

GRIDS: Mapping[str, Callable[[], Iterator[tuple[str, Call]]]] = {
    "anova": anova_grid.calls,
    "asymmetry": asymmetry_grid.calls,
    "conversions": conversion_grid.calls,
    "diagnostics": diagnostics_grid.calls,
    "drawn": drawn_grid.calls,
    "effects": effect_grid.calls,
    "funnel": funnel_grid.calls,
    "gosh": gosh_grid.calls,
    "excess": excess_grid.calls,
    "failsafe": failsafe_grid.calls,
    "held": held_grid.calls,
    "henmi_copas": henmi_copas_grid.calls,
    "labbe": labbe_grid.calls,
    "newmods": newmods_grid.calls,
    "pcurve": pcurve_grid.calls,
    "permutation": permutation_grid.calls,
    "pet_peese": pet_peese_grid.calls,
    "predict": predict_grid.calls,
    "printing": test_printing.calls,
    "puniform": puniform_grid.calls,
    "r_random": r_random_grid.calls,
    "residual_plots": residual_plots_grid.calls,
    "sandwich": sandwich_grid.calls,
    "scale": scale_grid.calls,
    "selection": selection_grid.calls,
    "selection_profile": selection_profile_grid.calls,
    "shaping": shaping_cases.calls,
    "tables": table_models_grid.calls,
    "transforms": transform_grid.calls,
    "small_study": small_study_grid.calls,
    "trimfill": trimfill_grid.calls,
    "uni": uni_grid.calls,
    "vif": vif_grid.calls,
}
"""Grid -> the names of its recordings and what is asked."""


def main() -> None:
    """Record the grids that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("grids", nargs="*", metavar="GRID", choices=[[], *GRIDS])
    parser.add_argument("--rscript")
    asked = parser.parse_args()
    with open_reference("worker", rscript=asked.rscript) as reference:
        for grid in asked.grids or GRIDS:
            for name, call in GRIDS[grid]():
                outcome = reference.run(call, timeout=600)
                assert outcome.error is None, f"{name}: {outcome.error}"
                print(record(call, outcome, RECORDED, name))


if __name__ == "__main__":
    main()
