"""The worked example of docs/harness.md, run as it stands there."""

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "harness.md"


def blocks():
    """File name -> text of each block of code that begins with one."""
    found = re.findall(r"```\w+\n# (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    return dict(found)


@pytest.fixture
def example(pytester):
    for name, text in blocks().items():
        pytester.path.joinpath(name).write_text(text, encoding="utf-8")
    return pytester


def test_it_agrees_with_live_r(example):
    done = example.runpytest_subprocess("--rref=live", "--rref-require", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=3)


def test_a_planted_error_goes_red(example):
    path = example.path / "test_port.py"
    path.write_text(path.read_text(encoding="utf-8").replace('method="bh"', 'method="by"'), encoding="utf-8")
    example.runpytest_subprocess("--rref=live", "--rref-require", "-p", "no:cacheprovider").assert_outcomes(
        passed=2, failed=1
    )


def test_without_recordings_a_replay_is_red(example):
    example.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(failed=3)


def test_it_is_short():
    lines = [line for text in blocks().values() for line in text.splitlines() if line.strip()]
    assert len(lines) < 30  # what the page promises
