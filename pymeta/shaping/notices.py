"""What the shaping functions warn of."""

from __future__ import annotations

__all__ = ["ShapingWarning"]


class ShapingWarning(UserWarning):
    """Data had to be left out, or a matrix made of them is not one of covariances; the text names where."""
