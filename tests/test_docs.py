"""What the documents show is what the commands print."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from pymeta.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def squeezed(text):
    """Without the last digits' number, which depends on the machine, and without the width of the columns."""
    return [" ".join(re.sub(r"agree, [\d.]+ digits", "agree, n digits", line).split()) for line in text.splitlines()]


def test_the_readmes_table_is_what_validate_prints():
    block = README.split("## What `pymeta validate` says")[1].split("```")[1]
    shown = [line for line in squeezed(block) if line and set(line) != {"─"}]
    printed = squeezed(CliRunner().invoke(main, ["validate", "--backend", "recorded"]).output)
    assert len(shown) == 5
    assert [line for line in shown if line not in printed] == []


def test_each_option_the_readme_names_exists():
    helps = CliRunner().invoke(main, ["validate", "--help"]).output
    assert [option for option in re.findall(r"(?<=pymeta validate )--[a-z]+", README) if option not in helps] == []


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_links_between_files_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()] == []


def test_the_case_formats_example_is_a_case(tmp_path):
    from pymeta.validation.case import read_case

    page = (ROOT / "docs" / "case-format.md").read_text(encoding="utf-8")
    (tmp_path / "my_case.toml").write_text(page.split("```toml")[1].split("```")[0], encoding="utf-8")
    rows = (ROOT / "fixtures" / "ketamine" / "pain.csv").read_text(encoding="utf-8")
    (tmp_path / "pain.csv").write_text(rows, encoding="utf-8")
    case = read_case(tmp_path / "my_case.toml")
    assert case.outcomes[0].reported["I2"].text == "80%"
