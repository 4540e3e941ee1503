"""What a model predicts, and its random effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Predictions", "Profile", "RandomEffects", "RegressionPlot", "ScaleProfile", "SelectionProfile"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Predictions:
    """Average effects that a model predicts, (n,).

    se : NaN on another scale; ci_lb, ci_ub : interval of the average effect
    pi_lb, pi_ub : interval of a new study's true effect; None where there is none
    prob : probability that such an effect lies below or above a value, where asked for
    slab : labels; X : (n, p) the rows of the design, with `names`; shown where `addx`
    level : in percent, after a Bonferroni correction if there was one; ddf : degrees of freedom of the interval of the
        average, pi_ddf of the other one; None is a normal distribution
    pi_se : what the prediction interval is made of, before transformation; vcov : (n, n), where asked for
    transf : whether another scale was asked for
    """

    pred: FloatArray
    se: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray | None
    pi_ub: FloatArray | None
    prob: FloatArray | None
    slab: tuple[str, ...]
    X: FloatArray
    names: tuple[str, ...]
    addx: bool
    level: float
    ddf: float | None
    pi_ddf: float | None
    pi_se: FloatArray
    vcov: FloatArray | None
    transf: bool

    def __len__(self) -> int:
        """How many predictions there are."""
        return len(self.pred)

    def frame(self) -> pd.DataFrame:
        """A row a prediction; columns that have no numbers are left out."""
        named = ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "prob")
        columns = {name: getattr(self, name) for name in named if getattr(self, name) is not None}
        if self.addx:
            columns |= {f"X.{name}": self.X[:, j] for j, name in enumerate(self.names)}
        return _frame(columns, self.slab, drop_se=self.transf)

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        return _printed(self.frame())


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RandomEffects:
    """Each study's true effect (or its random effect alone) as the model predicts it, (k,), with prediction intervals.

    se : NaN on another scale; level : in percent; ddf : degrees of freedom of the intervals, None for a normal distribution
    """

    pred: FloatArray
    se: FloatArray
    pi_lb: FloatArray
    pi_ub: FloatArray
    slab: tuple[str, ...]
    level: float
    ddf: float | None
    transf: bool

    def frame(self) -> pd.DataFrame:
        """A row a study."""
        columns = {name: getattr(self, name) for name in ("pred", "se", "pi_lb", "pi_ub")}
        return _frame(columns, self.slab, drop_se=self.transf)

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        return _printed(self.frame())


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Profile:
    """The (restricted) log-likelihood at values of tau², (n,), and the model that goes with each.

    beta, ci_lb, ci_ub : (n, p) coefficients and their intervals; I2, H2 : (n,)
    estimate, maxll : the fitted model's tau² and its log-likelihood; restricted : which likelihood it is
    notes : what a reader must know, such as that a value is likelier than the estimate
    """

    tau2: FloatArray
    ll: FloatArray
    beta: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    I2: FloatArray
    H2: FloatArray
    names: tuple[str, ...]
    estimate: float
    maxll: float
    restricted: bool
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """A row a value of tau²."""
        import pandas as pd

        columns = {"tau2": self.tau2, "ll": self.ll, "I2": self.I2, "H2": self.H2}
        return pd.DataFrame({**columns, **{f"beta.{name}": self.beta[:, j] for j, name in enumerate(self.names)}})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ScaleProfile:
    """The (restricted) log-likelihood at values of a scale coefficient, (n,), and the model that goes with each.

    beta, ci_lb, ci_ub : (n, p) coefficients of the location and their intervals; NaN, as `ll`, where no other scale
        coefficients make a tau² that the link allows
    name : the scale coefficient's; names : those of beta
    estimate, maxll : the fitted model's coefficient and its log-likelihood; restricted : which likelihood it is
    notes : what a reader must know, such as that a value is likelier than the estimate
    """

    alpha: FloatArray
    ll: FloatArray
    beta: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    name: str
    names: tuple[str, ...]
    estimate: float
    maxll: float
    restricted: bool
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """A row a value of the coefficient."""
        import pandas as pd

        more = {f"beta.{name}": self.beta[:, j] for j, name in enumerate(self.names)}
        return pd.DataFrame({"alpha": self.alpha, "ll": self.ll, **more})


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SelectionProfile:
    """The log-likelihood at values of tau2 or of a selection parameter, (n,), and the model that goes with each.

    beta, ci_lb, ci_ub : (n, p) coefficients and their intervals; NaN, as `ll`, where the studies are impossible, because
        some have p-values that are never selected
    name : the parameter's; names : those of beta
    estimate, maxll : the fitted model's parameter and its log-likelihood
    notes : what a reader must know, such as that a value is likelier than the estimate
    """

    value: FloatArray
    ll: FloatArray
    beta: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    name: str
    names: tuple[str, ...]
    estimate: float
    maxll: float
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """A row a value of the parameter."""
        import pandas as pd

        more = {f"beta.{name}": self.beta[:, j] for j, name in enumerate(self.names)}
        return pd.DataFrame({self.name: self.value, "ll": self.ll, **more})


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """The profiles of several parameters of a model, one after the other; profiles[0], len() and iteration are of these."""

    each: tuple[ScaleProfile | SelectionProfile, ...]

    def __len__(self) -> int:
        return len(self.each)

    def __iter__(self) -> Iterator[ScaleProfile | SelectionProfile]:
        return iter(self.each)

    def __getitem__(self, which: int) -> ScaleProfile | SelectionProfile:
        return self.each[which]

    def frame(self) -> pd.DataFrame:
        """A row a value of a parameter, whose name is in the first column."""
        import pandas as pd

        parts = [one.frame() for one in self.each]
        long = [part.set_axis(["value", *part.columns[1:]], axis="columns") for part in parts]
        return pd.concat(long, keys=[one.name for one in self.each], names=["parameter", None]).reset_index(level=0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RegressionPlot:
    """The numbers of a bubble plot: points, and the line that the model draws through them.

    xi, yi, psize : (k,) where the points are and how large; label : which of them are named; slab, rows : of what
        studies, rows being places in the data from 0
    pred : (k,) the line's height at the points
    xs : (n,) where the line is drawn, with its height `line`, the interval of the average and of a new study's effect
        (None where the model has none)
    mod : the moderator's name
    """

    mod: str
    slab: tuple[str, ...]
    rows: tuple[int, ...]
    xi: FloatArray
    yi: FloatArray
    psize: FloatArray
    label: tuple[bool, ...]
    pred: FloatArray | None
    xs: FloatArray
    line: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray | None
    pi_ub: FloatArray | None


def _frame(columns: dict[str, FloatArray], slab: Sequence[str], *, drop_se: bool) -> pd.DataFrame:
    import pandas as pd

    kept = {name: values for name, values in columns.items() if not (drop_se and name == "se")}
    return pd.DataFrame(kept, index=pd.Index(slab, dtype="object"))


def _printed(table: pd.DataFrame) -> str:
    heads = [column.replace("_", ".") if not column.startswith("X.") else column for column in table.columns]
    shown = [[_number(column, value) for column, value in zip(heads, row, strict=True)] for row in table.to_numpy()]
    rows = [[text.one_line(label), *row] for label, row in zip(table.index, shown, strict=True)]
    return "\n".join(text.aligned(["", *heads], rows))


def _number(column: str, value: float) -> str:
    if np.isnan(value):
        return "NA"
    return f"{value:g}" if column.startswith("X.") else f"{value:.4f}"
