"""Many fits at once are those of one fit after another."""

from dataclasses import replace

import numpy as np
import pytest

import pymeta
from pymeta.models import many
from pymeta.models.subsets import fit_or_none, some
from pymeta.tau2.many import METHODS

NAMES = ("beta", "se", "zval", "QM", "QE", "tau2", "I2", "H2", "k")
DESIGNS = {"none": None, "one": "~ x", "two": "~ x + g", "no intercept": "~ x - 1"}


def model(method, mods, test="z", seed=3, spread=0.6, k=9):
    random = np.random.default_rng(seed)
    vi = random.uniform(0.02, 0.3, k)
    yi = 0.4 + spread * random.normal(size=k) + np.sqrt(vi) * random.normal(size=k)
    data = {"x": random.normal(size=k), "g": np.array(["a", "b", "c"] * k)[:k]}
    return pymeta.rma(yi, vi, data=data, mods=mods, method=method, test=test)


def one_by_one(specs):
    found = {name: [] for name in NAMES}
    for spec in specs:
        made = fit_or_none(spec)
        for name in NAMES:
            shape = spec.X.shape[1] if name in ("beta", "se", "zval") else ()
            value = np.full(shape, np.nan) if made is None else getattr(made, name)
            found[name].append(spec.studies.k if name == "k" else value)
    return {name: np.array(values) for name, values in found.items()}


def check(found, expected):
    for name in NAMES:
        np.testing.assert_allclose(getattr(found, name), expected[name], rtol=2e-9, atol=2e-10, err_msg=name)


@pytest.mark.parametrize("mods", DESIGNS.values(), ids=DESIGNS)
@pytest.mark.parametrize("method", [*METHODS, "SJ"])
@pytest.mark.parametrize("test", ["z", "knha", "adhoc"])
def test_subsets(method, mods, test):
    spec = model(method, mods, test).spec
    kept = np.random.default_rng(1).random((40, 9)) < 0.7
    check(many.subsets(spec, kept), one_by_one([some(spec, one) for one in kept]))


@pytest.mark.parametrize("method", [*METHODS, "SJ"])
def test_signs(method):
    spec = model(method, None, spread=0.2).spec
    signs = np.where(np.random.default_rng(2).random((30, 9)) < 0.5, -1.0, 1.0)
    specs = [replace(spec, studies=replace(spec.studies, yi=spec.studies.yi * one)) for one in signs]
    check(many.signed(spec, signs), one_by_one(specs))


@pytest.mark.parametrize("mods", ["~ x", "~ x + g", "~ x - 1"])
@pytest.mark.parametrize("method", [*METHODS, "SJ"])
def test_orders(method, mods):
    spec = model(method, mods).spec
    random = np.random.default_rng(4)
    orders = np.array([random.permutation(9) for _ in range(30)])
    specs = [replace(spec, design=replace(spec.design, X=spec.X[one])) for one in orders]
    check(many.permuted(spec, orders), one_by_one(specs))


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_the_unit_of_the_effects_does_not_matter(scale):
    spec = model("REML", "~ x").spec
    other = replace(spec, studies=replace(spec.studies, yi=scale * spec.studies.yi, vi=scale**2 * spec.studies.vi))
    orders = np.array([np.random.default_rng(4).permutation(9) for _ in range(20)])
    np.testing.assert_allclose(many.permuted(other, orders).zval, many.permuted(spec, orders).zval, rtol=1e-9)


def test_effects_far_from_0_keep_their_digits():
    """With an intercept, 10^6 added to all effects changes nothing but it."""
    spec = model("REML", "~ x").spec
    far = replace(spec, studies=replace(spec.studies, yi=spec.studies.yi + 1e6))
    orders = np.array([np.random.default_rng(4).permutation(9) for _ in range(20)])
    np.testing.assert_allclose(many.permuted(far, orders).zval[:, 1], many.permuted(spec, orders).zval[:, 1], rtol=1e-8)


def test_variances_that_differ_by_millions_are_fitted_one_by_one():
    yi, vi = np.array([0.1, 0.5, -0.3, 0.8, 0.2]), np.array([1e-6, 0.1, 0.2, 3.0, 0.05])
    spec = pymeta.rma(yi, vi).spec
    kept = ~np.eye(5, dtype=bool)
    check(many.subsets(spec, kept), one_by_one([some(spec, one) for one in kept]))


def test_two_maxima_of_the_likelihood():
    """The higher one is taken, as `fit` does: subsets of data whose likelihood has two, at 0 and inside."""
    yi = np.array([0.0, 0.001, -0.001, 3.0, 0.0005, -2.0])
    vi = np.array([1e-4, 1e-4, 1e-4, 0.9, 1e-4, 0.7])
    spec = pymeta.rma(yi, vi, method="ML").spec
    kept = np.array([[i >> j & 1 for j in range(6)] for i in range(64)], dtype=bool)
    check(many.subsets(spec, kept[kept.sum(axis=1) > 0]), one_by_one([some(spec, one) for one in kept if one.any()]))
