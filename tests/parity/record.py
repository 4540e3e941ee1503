"""Records what R says to the grids, as `make matrix` does: ``python -m tests.parity.record [GRID …] [--but GRID …]``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping

from pymeta.harness import Call, open_reference
from pymeta.harness.recording import record
from tests.parity import (
    anova_grid,
    conversion_grid,
    diagnostics_grid,
    drawn_grid,
    effect_grid,
    newmods_grid,
    predict_grid,
    r_random_grid,
    sandwich_grid,
    scale_grid,
    shaping_cases,
    table_models_grid,
    test_printing,
    transform_grid,
    uni_grid,
    vif_grid,
)
from tests.parity.by_dataset import BY_DATASET
from tests.parity.judging import RECORDED

GRIDS: Mapping[str, Callable[[], Iterator[tuple[str, Call]]]] = {
    "anova": anova_grid.calls,
    "conversions": conversion_grid.calls,
    "diagnostics": diagnostics_grid.calls,
    "drawn": drawn_grid.calls,
    "effects": effect_grid.calls,
    "newmods": newmods_grid.calls,
    "predict": predict_grid.calls,
    "printing": test_printing.calls,
    "r_random": r_random_grid.calls,
    "sandwich": sandwich_grid.calls,
    "scale": scale_grid.calls,
    "shaping": shaping_cases.calls,
    "tables": table_models_grid.calls,
    "transforms": transform_grid.calls,
    "uni": uni_grid.calls,
    "vif": vif_grid.calls,
    **{kind: grid.calls for kind, grid in BY_DATASET.items()},
}
"""Grid -> the names of its recordings and what is asked."""


def main() -> None:
    """Record the grids that are named, or all but those of `--but`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("grids", nargs="*", metavar="GRID", choices=[[], *GRIDS])
    parser.add_argument("--but", nargs="*", default=[], metavar="GRID", choices=GRIDS)
    parser.add_argument("--rscript")
    asked = parser.parse_args()
    with open_reference("worker", rscript=asked.rscript) as reference:
        for grid in asked.grids or [one for one in GRIDS if one not in asked.but]:
            for name, call in GRIDS[grid]():
                outcome = reference.run(call, timeout=600)
                assert outcome.error is None, f"{name}: {outcome.error}"
                print(record(call, outcome, RECORDED, name))


if __name__ == "__main__":
    main()
