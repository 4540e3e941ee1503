"""robust: the formulas written out densely, a case with a known answer, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.errors import DataError, OptionError
from pymeta.generics.robust import robust

RNG = np.random.default_rng(7)
K = 15
DATA = pd.DataFrame(
    {
        "yi": RNG.normal(size=K),
        "vi": RNG.uniform(0.05, 0.4, K),
        "x": RNG.normal(size=K),
        "w": RNG.uniform(1, 3, K),
        "cl": [("lab", i % 6) for i in range(K)],
    }
)
OWN = {"weights": "w"}


def model(**options):
    return pymeta.rma("yi", "vi", mods="~ x", data=DATA, method="DL", **options)


def dense(fit, w):
    """Everything by (k, k) matrices, from the papers' formulas: covariance and Satterthwaite's df of CR2."""
    X, M, W = fit.spec.X, np.diag(fit.studies.vi + fit.tau2), np.diag(w)
    B = np.linalg.inv(X.T @ W @ X)
    rest = np.eye(K) - X @ B @ X.T @ W
    labels = list(dict.fromkeys(DATA["cl"]))
    V, P = np.zeros((2, 2)), []
    for label in labels:
        own = np.array([x == label for x in DATA["cl"]])
        D = np.sqrt(M[np.ix_(own, own)])
        values, vectors = np.linalg.eigh(D @ (rest @ M @ rest.T)[np.ix_(own, own)] @ D)
        A = D @ (vectors / np.sqrt(values)) @ vectors.T @ D
        U = A @ W[np.ix_(own, own)] @ X[own] @ B
        V += np.outer(U.T @ fit.residuals[own], U.T @ fit.residuals[own])
        P.append(rest[own].T @ U)
    gram = [np.array([[p[:, s] @ M @ q[:, s] for q in P] for p in P]) for s in range(2)]
    return V, np.array([np.trace(G) ** 2 / (G**2).sum() for G in gram])


@pytest.mark.parametrize("options", [{}, OWN, {"test": "knha"}])
def test_cr2_by_matrices(options):
    fit = model(**options)
    w = DATA["w"].to_numpy() if "weights" in options else 1.0 / (fit.studies.vi + fit.tau2)
    found = robust(fit, "cl", clubSandwich=True)
    V, df = dense(fit, w)
    np.testing.assert_allclose(found.vb, V, rtol=1e-10)
    np.testing.assert_allclose(found.dfs, df, rtol=1e-10)
    assert (found.robumethod, found.n, found.tcl.tolist()) == ("CR2", 6, [3, 3, 3, 2, 2, 2])


def test_a_mean_of_independent_studies_is_students_t_test():
    """Equal variances, a cluster each: CR2 is s²/k with k − 1 degrees of freedom, exactly."""
    yi = RNG.normal(size=9)
    found = robust(pymeta.rma(yi, np.full(9, 0.2), method="EE"), range(9), vcov="CR2")
    assert found.se[0] == pytest.approx(yi.std(ddof=1) / 3.0, rel=1e-13)
    assert found.dfs[0] == pytest.approx(8.0, rel=1e-12)


def test_the_constants():
    n, p = 6, 2
    V = {kind: robust(model(), "cl", vcov=kind).vb for kind in ("CR0", "CR1", "CR1p")}
    np.testing.assert_allclose(V["CR1"], V["CR0"] * n / (n - 1))
    np.testing.assert_allclose(V["CR1p"], V["CR0"] * n / (n - p))
    np.testing.assert_array_equal(robust(model(), "cl").vb, V["CR1p"])
    np.testing.assert_array_equal(robust(model(), "cl", adjust=False).vb, V["CR0"])
    assert robust(model(), "cl").QMdf == (1, 4.0)


def test_the_scale_of_knapp_and_hartung_is_no_part_of_it():
    """metafor's is, squared; clubSandwich's is not."""
    np.testing.assert_allclose(robust(model(test="knha"), "cl").vb, robust(model(), "cl").vb, rtol=1e-13)


def test_bread_and_meat():
    found = robust(model(), "cl", adjust=False)
    bread = found.sandwich.bread
    np.testing.assert_allclose(bread @ found.meat @ bread, found.vb, rtol=1e-10)
    np.testing.assert_allclose(found.vbest, bread, rtol=1e-12)


def test_a_cluster_that_is_met_exactly():
    """Its residuals carry nothing: the pseudo-inverse leaves it out."""
    data = DATA.assign(g=["alone"] + ["rest"] * (K - 1), one=["own", *map(str, DATA["cl"][1:])])
    found = robust(pymeta.rma("yi", "vi", mods="~ g", data=data, method="DL"), "one", clubSandwich=True)
    assert np.isfinite(found.se).all()


def test_rows_that_are_left_out_are_left_out_of_the_clusters():
    data = DATA.copy()
    data.loc[3, "yi"] = np.nan
    fit = pymeta.rma("yi", "vi", mods="~ x", data=data, method="DL")
    kept = pymeta.rma("yi", "vi", mods="~ x", data=data.drop(index=3), method="DL")
    np.testing.assert_array_equal(robust(fit, "cl").vb, robust(kept, "cl").vb)
    chosen = pymeta.rma("yi", "vi", mods="~ x", data=data, method="DL", subset=[i for i in range(K) if i != 3])
    np.testing.assert_array_equal(robust(chosen, "cl").vb, robust(kept, "cl").vb)


@pytest.mark.parametrize(
    ("cluster", "options", "error", "text"),
    [
        ([None, *DATA["cl"][1:]], {}, DataError, "cluster, row 1: a value is missing"),
        ([np.nan, *range(K - 1)], {}, DataError, "cluster, row 1: a value is missing"),
        (range(K - 1), {}, DataError, "cluster: 14 values; give one a row of the data: 15"),
        ([1, 2] * 7 + [1], {}, DataError, "2 clusters for 2 coefficients"),
        ([1] * K, {"clubSandwich": True}, DataError, "all studies are in one cluster"),
        ("nobody", {}, OptionError, "no such column"),
        ("cl", {"vcov": "CR7"}, OptionError, "no such robust covariance; allowed: CR0, CR1, CR1p, CR2"),
    ],
)
def test_refusals(cluster, options, error, text):
    with pytest.raises(error, match=text):
        robust(model(), cluster, **options)


def test_it_reads_as_a_model_with_a_note():
    assert "cluster-robust inference (CR1p, 6 clusters of 2 to 3 studies)" in str(robust(model(), "cl"))
