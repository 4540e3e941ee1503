"""The references that tests share. R is expected: where it is absent, a live test fails; it is never skipped."""

import pytest

from pymeta.errors import BackendError
from pymeta.harness import open_reference
from pymeta.resources import shipped


def _open(backend):
    try:
        return open_reference(backend)
    except BackendError as error:
        pytest.fail(f"live R is expected here, and there is none: {error}", pytrace=False)


@pytest.fixture(scope="session")
def rpy2():
    with _open("rpy2") as reference:
        yield reference


@pytest.fixture(scope="session")
def worker():
    with _open("worker") as reference:
        yield reference


@pytest.fixture
def recorded():
    with open_reference("recorded", recordings=shipped("fixtures", "recorded")) as reference:
        yield reference


@pytest.fixture(autouse=True)
def _quiet_ci(monkeypatch, request):
    """Tests that record into their own folder may do so in CI too."""
    if "records" in request.keywords:
        monkeypatch.delenv("CI", raising=False)
