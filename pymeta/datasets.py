"""Published data sets: some come with pymeta, the others are asked of R's package metadat."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from pymeta.errors import BackendError, DataError, no_such
from pymeta.harness import Call, RVector, open_reference
from pymeta.resources import shipped

__all__ = ["available", "load_dataset"]

_FOLDER = ("fixtures", "data")


def available() -> tuple[str, ...]:
    """The names of the data sets that come with pymeta; fixtures/data/README.md has their sources."""
    return tuple(sorted(path.stem for path in shipped(*_FOLDER).glob("dat.*.csv")))


def load_dataset(name: str, *, rscript: str | None = None) -> pd.DataFrame:
    """A data set of R's package metadat, such as "dat.bcg" (or "bcg"), as a pandas frame.

    rscript : the command that stands for Rscript, for a data set that does not come with pymeta

    Text columns are strings, factors are categories, missing values are NaN. Raises OptionError for a name that is not among
    those that come with pymeta where no R can be asked, or which metadat does not have either.
    R: ``metadat::dat.bcg``
    """
    full = name if name.startswith("dat.") else f"dat.{name}"
    path = shipped(*_FOLDER) / f"{full}.csv"
    if full in available():
        return pd.read_csv(path, keep_default_na=False, na_values=["NA"])
    return _asked(full, rscript).copy()  # what a person does to it is not done to the next one


@cache
def _asked(name: str, rscript: str | None) -> pd.DataFrame:
    try:
        with open_reference("worker", rscript=rscript) as reference:
            call = Call("dataset", {"name": name}, shipped("r_reference", "datasets.R"), packages=("metadat",))
            outcome = reference.run(call)
    except BackendError as error:
        raise no_such("name", name, available(), what=f"data set here, and R cannot be asked ({error})") from error
    if outcome.error is not None:
        raise no_such("name", name, available(), what=f"data set here, nor in R ({outcome.error.message})")
    return frame_of(outcome.value)


def frame_of(value: RVector) -> pd.DataFrame:
    """An R data frame as pandas has it."""
    if value.names is None or value.attribute("row.names") is None:
        raise DataError("the R value is no data frame")
    names = [str(name) for name in value.names]
    frame = pd.DataFrame(dict(enumerate(map(_column, value.values))))
    frame.columns = pd.Index(names)
    return frame


def _column(vector: RVector) -> Any:
    levels = vector.attribute("levels")
    missing = vector.is_na()
    if levels is not None:
        codes = np.where(missing, -1, vector.values - 1)
        return pd.Categorical.from_codes(codes, categories=pd.Index(levels.values))
    if vector.kind == "chr":
        return pd.array(vector.values, dtype="object")
    if vector.kind == "lgl":
        return vector.values.astype(bool) if not missing.any() else np.where(missing, None, vector.values == 1)
    if vector.kind == "int" and missing.any():
        return np.where(missing, np.nan, vector.values)
    return np.where(missing, np.nan, vector.values) if vector.kind == "dbl" else np.asarray(vector.values)
