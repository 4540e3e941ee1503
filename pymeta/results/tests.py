"""Tests of a model's coefficients, and of one model against another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymeta.arrays import FloatArray
from pymeta.inference.likelihood import FitStatistics
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Contrasts", "LikelihoodRatio", "WaldTest", "WaldTests"]


def _omnibus_line(QM: float, QMdf: tuple[int, float | None], QMp: float) -> str:
    m, ddf = QMdf
    p = text.p_value(QMp)
    if ddf is None:
        return f"QM(df = {m}) = {QM:.4f}, p-val {p}"
    return f"F(df1 = {m}, df2 = {ddf:.4g}) = {QM:.4f}, p-val {p}"


def _shown(ddf: float | None) -> list[str]:
    return [] if ddf is None else [f"{ddf:.4g}"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WaldTest:
    """The test that some coefficients are what `rhs` says, all at once.

    btt : their positions, from 0; names : theirs; QM, QMdf, QMp : chi-squared, or F where QMdf[1] is a number
    k, p : studies and coefficients of the model
    """

    QM: float
    QMdf: tuple[int, float | None]
    QMp: float
    btt: tuple[int, ...]
    names: tuple[str, ...]
    rhs: FloatArray
    k: int
    p: int
    test: str

    @property
    def m(self) -> int:
        """How many coefficients are tested."""
        return len(self.btt)

    def frame(self) -> pd.DataFrame:
        """One row."""
        import pandas as pd

        return pd.DataFrame([self._row()])

    def _row(self) -> dict[str, Any]:
        m, ddf = self.QMdf
        return {"coefs": ", ".join(self.names), "m": m, "QM": self.QM, "ddf": ddf, "QMp": self.QMp}

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        what = "" if self.p == 1 else f" (coefficient{'s' * (self.m > 1)} {', '.join(self.names)})"
        return f"Test of Moderators{what}:\n{_omnibus_line(self.QM, self.QMdf, self.QMp)}"


@dataclass(frozen=True, slots=True, eq=False)
class WaldTests:
    """Several of them, their p-values adjusted for each other by `adjust`."""

    tests: tuple[WaldTest, ...]
    adjust: str = "none"

    def __len__(self) -> int:
        return len(self.tests)

    def __getitem__(self, place: int) -> WaldTest:
        return self.tests[place]

    def __iter__(self) -> Iterator[WaldTest]:
        return iter(self.tests)

    def frame(self) -> pd.DataFrame:
        """A row a test."""
        import pandas as pd

        return pd.DataFrame([test._row() for test in self.tests])

    def __str__(self) -> str:
        """A line a test."""
        cells = [
            [", ".join(t.names), str(t.m), f"{t.QM:.4f}", *_shown(t.QMdf[1]), text.p_value(t.QMp, equals="")]
            for t in self.tests
        ]
        head = ["coefs", "m", "QM", "pval"] if self.tests[0].QMdf[1] is None else ["coefs", "df1", "Fval", "df2", "pval"]
        return "\n".join(text.aligned(head, cells))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Contrasts:
    """Tests of linear combinations X b of the coefficients, one by one and, where X is of full rank, all at once.

    hyp : what each says; X : (m, p); Xb : X b less rhs; rhs, Xb, se, zval, pval : (m,)
    ddf : (m,) where they are t-tests, else None
    QM, QMdf, QMp : None where X is not of full rank
    """

    hyp: tuple[str, ...]
    X: FloatArray
    rhs: FloatArray
    Xb: FloatArray
    se: FloatArray
    zval: FloatArray
    pval: FloatArray
    ddf: FloatArray | None
    QM: float | None
    QMdf: tuple[int, float | None] | None
    QMp: float | None
    k: int
    p: int
    test: str
    adjust: str = "none"

    @property
    def m(self) -> int:
        """How many combinations are tested."""
        return len(self.hyp)

    def frame(self) -> pd.DataFrame:
        """A row a combination."""
        import pandas as pd

        more = {} if self.ddf is None else {"df": self.ddf}
        return pd.DataFrame(
            {"hyp": self.hyp, "estimate": self.Xb, "se": self.se, "zval": self.zval, **more, "pval": self.pval}
        )

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        plural = self.m > 1
        said = [f"Hypothes{'es' if plural else 'is'}:", *(f"{i}: {hyp}" for i, hyp in enumerate(self.hyp, 1))]
        head = ["", "estimate", "se", "zval", "pval"] if self.ddf is None else ["", "estimate", "se", "tval", "df", "pval"]
        cells = [
            [
                f"{i + 1}:",
                *(f"{column[i]:.4f}" for column in (self.Xb, self.se, self.zval)),
                *_shown(None if self.ddf is None else self.ddf[i]),
                text.p_value(self.pval[i], equals=""),
            ]
            for i in range(self.m)
        ]
        lines = [*said, "", "Results:", *text.aligned(head, cells)]
        if self.QM is not None and self.QMdf is not None and self.QMp is not None:
            title = f"{'Omnibus ' * plural}Test of Hypothes{'es' if plural else 'is'}:"
            lines += ["", title, _omnibus_line(self.QM, self.QMdf, self.QMp)]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LikelihoodRatio:
    """The likelihood-ratio test of a full model (f) against a reduced one (r).

    fit_stats_f, fit_stats_r : by ML, or by REML where `method` says so; parms_f, parms_r : numbers of parameters
    R2 : the share of the reduced model's heterogeneity that the full one explains, in percent
    """

    fit_stats_f: FitStatistics
    fit_stats_r: FitStatistics
    parms_f: int
    parms_r: int
    LRT: float
    pval: float
    QE_f: float
    QE_r: float
    tau2_f: float
    tau2_r: float
    R2: float
    method: str
    notes: tuple[str, ...] = ()

    def frame(self) -> pd.DataFrame:
        """A row a model: Full, Reduced."""
        import pandas as pd

        sides = [
            (self.parms_f, self.fit_stats_f, self.QE_f, self.tau2_f),
            (self.parms_r, self.fit_stats_r, self.QE_r, self.tau2_r),
        ]
        rows = [
            {"df": df, **{n: getattr(fit, n) for n in ("AIC", "BIC", "AICc", "logLik")}, "QE": QE, "tau2": tau2}
            for df, fit, QE, tau2 in sides
        ]
        found = pd.DataFrame(rows, index=["Full", "Reduced"])
        for column, value in (("LRT", self.LRT), ("pval", self.pval), ("R2", self.R2)):
            found[column] = [float("nan"), value]
        return found

    def __str__(self) -> str:
        """Text that reads like metafor's."""
        cells = [
            [
                name,
                str(df),
                *(f"{x:.4f}" for x in (fit.AIC, fit.BIC, fit.AICc, fit.logLik)),
                *test,
                f"{QE:.4f}",
                f"{tau2:.4f}",
                R2,
            ]
            for name, df, fit, test, QE, tau2, R2 in (
                ("Full", self.parms_f, self.fit_stats_f, ["", ""], self.QE_f, self.tau2_f, ""),
                (
                    "Reduced",
                    self.parms_r,
                    self.fit_stats_r,
                    [f"{self.LRT:.4f}", text.p_value(self.pval, equals="")],
                    self.QE_r,
                    self.tau2_r,
                    f"{self.R2:.4f}%",
                ),
            )
        ]
        head = ["", "df", "AIC", "BIC", "AICc", "logLik", "LRT", "pval", "QE", "tau^2", "R^2"]
        return "\n".join([*text.aligned(head, cells), *(f"\n{note}" for note in self.notes)])
