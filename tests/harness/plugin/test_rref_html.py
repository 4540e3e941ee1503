"""--rref-html."""

import re

pytest_plugins = ["pytester"]


def test_the_page_holds_every_comparison_and_needs_nothing(project, a_recording):
    project.write("""
        def test_two(rref):
            rref.check(TWO, SAME, RULES)

        def test_wrong(rref):
            rref.check(TWO, {**SAME, "a": 1.75}, RULES)
    """)
    project.run("--rref-html=out.html").assert_outcomes(passed=1, failed=1)
    page = (project.path / "out.html").read_text(encoding="utf-8")
    assert page.index("test_wrong") < page.index("test_two")
    assert "1.75" in page
    assert "fewer digits than needed" in page
    assert not re.search(r"src=|href=\"(?!#)|@import|url\(|<script[^>]", page)
    assert page.count("<script>") == 1  # the page's own, for filter and sort


def test_texts_stay_texts(project):
    project.record("""
        NAME = "<script>alert(1)</script>"

        def test_hostile(rref):
            rref.check(Call("base::list", {NAME: "<b>x"}), {NAME: "<i>y"}, {NAME: Rule("exact")}, case=NAME)
    """)
    project.run("--rref-html=out.html").assert_outcomes(failed=1)
    page = (project.path / "out.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<b>x" not in page
    assert "&lt;script&gt;" in page
