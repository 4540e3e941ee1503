"""Logarithms of ratios to the last digits."""

import numpy as np

from pymeta.numerics.logarithms import log_ratio


def test_logs_of_nearly_equal_numbers():
    above, below = np.array([1 + 2**-50, -3.0, 4.0, 2.0, -1.0]), np.array([1.0, -1.5, 1.0, -3.0, 0.0])
    with np.errstate(all="ignore"):
        found = log_ratio(above, below)
    np.testing.assert_allclose(found[:3], [2**-50, np.log(2), np.log(4)], rtol=1e-15)
    assert np.isnan(found[3])
    assert not np.isfinite(found[4])
