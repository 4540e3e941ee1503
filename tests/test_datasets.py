"""The data sets that come with pymeta, beside R's, and those that only R has."""

import pandas as pd
import pytest

import pymeta
from pymeta import datasets
from pymeta.resources import shipped


@pytest.mark.parametrize("name", datasets.available())
def test_a_shipped_data_set_is_the_one_in_r(name):
    """R's doubles are written with as many digits as it takes to read the same back."""
    pd.testing.assert_frame_equal(pymeta.load_dataset(name), datasets._asked(name, None), check_dtype=False)


def test_each_shipped_file_has_its_source():
    told = (shipped("fixtures", "data") / "README.md").read_text()
    assert [name for name in datasets.available() if f"{name}.csv" not in told] == []
    assert len(datasets.available()) >= 9


def test_the_short_name_will_do():
    assert pymeta.load_dataset("bcg").equals(pymeta.load_dataset("dat.bcg"))
    assert pymeta.load_dataset("bcg")["tpos"].sum() == 1065


def test_r_is_asked_for_the_others():
    found = pymeta.load_dataset("dat.hine1989")
    assert "dat.hine1989" not in datasets.available()
    assert list(found.columns) == ["study", "source", "n1i", "n2i", "ai", "ci"]
    assert len(found) == 6


def test_a_name_that_nobody_knows():
    with pytest.raises(pymeta.OptionError, match=r"dat\.nothing.*metadat has no data set.*dat\.bcg"):
        pymeta.load_dataset("nothing")


def test_without_r_only_the_shipped_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    assert len(pymeta.load_dataset("bcg")) == 13
    with pytest.raises(pymeta.OptionError, match=r"R cannot be asked.*dat\.bcg"):
        pymeta.load_dataset("dat.lee2004")


def test_a_frame_is_a_persons_own():
    for name in ("dat.bcg", "dat.hine1989"):
        first = pymeta.load_dataset(name)
        first["more"] = 1
        first.iloc[0, 0] = 99
        again = pymeta.load_dataset(name)
        assert "more" not in again
        assert again.iloc[0, 0] == 1
