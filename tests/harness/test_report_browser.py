"""The HTML report of a run in a headless Chromium: it opens from disk, keeps to itself, filters, sorts, escapes.

`make test` installs Debian's chromium; on a machine that has none and cannot get it so, these tests say they are left out.
"""

import math
import re
import shutil
from importlib.util import find_spec

import numpy as np
import pytest

from pymeta.harness import Rule, compare
from pymeta.harness.divergences import Divergence
from pymeta.harness.page import to_html
from pymeta.harness.tally import Check, Tally

HOSTILE = "<script>alert(1)</script>"
ATTRIBUTE = "\" onmouseover='alert(2)' x=\""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = {"estimate": Rule("iterative"), "tau2": Rule("iterative"), "QE": Rule("closed"), "k": Rule("exact")}
SAID = {"estimate": -0.71, "tau2": 0.31, "QE": 152.23, "k": 13}
KNOWN = Divergence("DIV-001", "x", "QE", "*", "R adds a half to every cell", digits=1)


def compared(case, python, reference=SAID, rules=RULES, **options):
    return Check(
        what="compared",
        test=f"tests/test_x.py::test_{case}",
        case=case,
        function="metafor::rma",
        keys=["0" * 64],
        environment="R-4.2.2_metafor-3.8.1",
        backend="worker",
        note="rpy2 passed over: not installed\n`pip install 'pymeta-parity[r]'`",
        agreement=compare(python, reference, rules, **options).to_dict(),
    )


def silent(what, why, **more):
    return Check(what=what, test=f"tests/test_x.py::test_{what}", why=why, **more)


def checks():
    """A comparison of every sort."""
    fails = compared("bcg-fails", {**SAID, "tau2": 0.3101, "k": 12})
    fails.r_says.append("warning: Fisher scoring did not converge")
    drifted = compared("bcg-drifted", SAID)
    drifted.drift.append("x.json: tau2: 0.31 was 0.32")
    image, bold = {ATTRIBUTE: "<img src=http://127.0.0.1:9/x>"}, {ATTRIBUTE: "<b>"}
    hostile = compared(HOSTILE, image, bold, {ATTRIBUTE: Rule("exact")})
    yield compared("bcg-agrees", SAID)
    yield compared("bcg-nearly", {**SAID, "estimate": -0.71 * (1 + 3e-9), "tau2": 0.31 * (1 + 1e-12)})
    yield Check(**{**fails.to_dict(), "reproducer": "/tmp/.rref-failures/bcg-fails"})
    yield drifted
    yield hostile
    yield compared("bcg-lost", {**SAID, "tau2": math.nan, "estimate": np.zeros(3)})
    yield compared("bcg-limited", {**SAID, "tau2": 0.31001}, reference_digits={"tau2": 4.0})
    yield compared("bcg-known", {**SAID, "QE": 152.24}, divergences=[KNOWN])
    nearest = "metafor::rma: the nearest recording differs in: argument yi"
    yield silent("stale", nearest, case="bcg-stale", function="metafor::rma")
    yield silent("missing", "base::identity: no recording of this call", case="bcg-missing", function="base::identity")
    yield silent("skipped", "needs metafor>=9, here is 3.8.1")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    tally = Tally("live", list(checks()))
    run = {"strict": True, "partial": ["1 skipped"]}
    path = tmp_path_factory.mktemp("report") / "out.html"
    path.write_text(to_html(tally.document(run, ["fixtures/recorded/R-4.2.2/x-0123456789ab.json"])), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on PATH; on Debian `make test` installs it")
    if find_spec("playwright") is None:
        pytest.fail("the browser test needs Playwright: pip install playwright", pytrace=False)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS) as opened:
        yield opened


@pytest.fixture
def page(browser, report):
    """The report, opened; what it complains of and asks for is kept, and nothing of either may be there at the end."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(3000)
    noise, asked = [], []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("dialog", lambda dialog: (noise.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    yield page
    page.close()
    assert noise == []
    assert {url.partition("#")[0] for url in asked} == {report.as_uri()}


def cases(page):
    """Names of the map's rows that are shown, in order."""
    return page.locator("#map tbody tr:visible th").all_inner_texts()


def quantities(page):
    return [text.strip(" ↕↑↓") for text in page.locator("#map thead th:visible").all_inner_texts()][3:]


def test_everything_is_there(page):
    assert len(cases(page)) == 11
    assert cases(page)[0] == "bcg-fails"
    assert quantities(page) == ["estimate", "tau2", "QE", "k", ATTRIBUTE]
    text = page.inner_text("body")
    for words in (
        "R 4.2.2, metafor 3.8.1",
        "rpy2 passed over: not installed",
        "R adds a half to every cell",
        "limited by R: 4.0 digits",
        "needs metafor>=9",
        "x-0123456789ab.json",
        "Fisher scoring did not converge",
        "/tmp/.rref-failures/bcg-fails/case.R",
        "x.json: tau2: 0.31 was 0.32",
    ):
        assert words in text, words
    assert page.locator("#map td.fail").first.inner_text().startswith("✗ ")


def test_texts_stay_texts(page):
    page.locator("#map td[title]").last.hover()
    assert HOSTILE in cases(page)
    assert page.locator("script").count() == 1
    assert page.locator("img, b, [onmouseover]").count() == 0


def test_the_filter_knows_cases_and_quantities(page):
    page.fill("#text", "LIMITED")
    assert cases(page) == ["bcg-limited"]
    assert quantities(page) == ["estimate", "tau2", "QE", "k"]
    assert page.locator("details:visible").count() == 1
    assert page.inner_text("#shown") == "1 of 11 comparisons shown"
    page.fill("#text", "tau2")
    assert quantities(page) == ["tau2"]
    assert "bcg-stale" not in cases(page)
    page.fill("#text", "<script>")
    assert cases(page) == [HOSTILE]
    page.fill("#text", "no such thing")
    assert cases(page) == []
    page.fill("#text", "")
    assert len(cases(page)) == 11


def test_the_filter_knows_verdicts(page):
    page.select_option("#verdict", "known")
    assert cases(page) == ["bcg-known"]
    assert quantities(page) == ["QE"]
    assert page.locator(".ledger:visible").count() == 1
    page.select_option("#verdict", "stale")
    assert cases(page) == ["bcg-stale"]
    page.select_option("#verdict", "drifted")
    assert cases(page) == ["bcg-drifted"]
    page.select_option("#verdict", "disagree")
    page.fill("#text", "tau2")
    assert cases(page) == ["bcg-fails", "bcg-lost"]


def test_a_header_sorts_both_ways(page):
    header = page.locator("#map thead th", has_text="tau2")
    assert header.get_attribute("aria-sort") == "none"
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "ascending"
    measured = ["bcg-lost", "bcg-fails", "bcg-limited", "bcg-nearly"]
    assert cases(page)[:4] == measured
    assert set(cases(page)[-4:]) == {HOSTILE, "bcg-stale", "bcg-missing", "tests/test_x.py::test_skipped"}
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "descending"
    assert cases(page)[3:7] == measured[::-1]
    assert set(cases(page)[-4:]) == {HOSTILE, "bcg-stale", "bcg-missing", "tests/test_x.py::test_skipped"}


def test_the_keyboard_sorts_too(page):
    page.locator("#map thead button").first.focus()
    page.keyboard.press("Enter")
    assert cases(page) == sorted(cases(page), key=str.lower)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("#map thead th").nth(1).get_attribute("aria-sort") == "ascending"
    assert page.locator("#map thead th").first.get_attribute("aria-sort") == "none"


def test_a_link_opens_its_comparison(page):
    details = page.locator("details", has=page.locator("strong", has_text="bcg-agrees"))
    assert details.get_attribute("open") is None
    page.get_by_role("link", name="bcg-agrees").first.click()
    details.locator("table").wait_for(state="visible")


def test_it_reads_without_javascript(browser, report):
    page = browser.new_page(java_script_enabled=False)
    page.goto(report.as_uri())
    assert page.locator("#map tbody tr:visible").count() == 11
    assert page.locator("form:visible, thead button").count() == 0
    page.close()


def test_a_script_that_got_in_would_not_run(browser, report, tmp_path):
    path = tmp_path / "out.html"
    path.write_text(re.sub("<h1>", "<script>document.title = 'planted'</script><h1>", report.read_text(), count=1))
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.title() == "Comparisons with R: failures"
    page.close()
