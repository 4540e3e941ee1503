"""Data that more than one kind of cases asks for: the columns of fixtures/data, and numbers as a line of text."""

import numpy as np

from pymeta.datasets import load_dataset

SIZES = ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i")
"""Two groups' means."""


def numbers(text):
    return [float(word) for word in text.split()]


def columns_of(name, *same, **renamed):
    """Columns of a data set, by the names that they have there or by others: ``columns_of("dat.bcg", ai="tpos")``."""
    table = load_dataset(name)
    return {here: table[there].to_numpy(dtype=float) for here, there in ({one: one for one in same} | renamed).items()}


def head(columns, rows):
    return {name: values[:rows] for name, values in columns.items()}


def as_printed(columns):
    """To 7 digits, as R prints: some columns of metadat are a bit off the decimal numbers that they mean."""
    return {name: np.array([float(f"{value:.7g}") for value in values]) for name, values in columns.items()}
