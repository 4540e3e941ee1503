"""The layering: a file imports only from layers to its left, and some libraries only where they belong."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "pymeta"

# Files of one layer meet only inside their own room; a deferred or TYPE_CHECKING import counts like any other.
ENGINE = [
    {"errors"},
    {"arrays", "resources", "files"},
    {"numerics", "show"},
    {"data"},
    {"effects", "tau2", "inference"},
    {"results"},
    {"models", "batch", "plots", "shaping"},
    {"api", "conversions", "datasets", "effect_sizes", "table_models"},
    {"generics", "diagnostics"},
    {"__init__"},
    {"validation", "port"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
HARNESS_MAY_IMPORT = {"errors", "resources", "files", "show", "harness"}
MAY_IMPORT_HARNESS = {"harness", "validation", "port", "datasets", "commands", "cli"}
ONLY_IN = {
    "rpy2": ("harness/backends/rpy2_child.py",),
    "matplotlib": ("plots/",),
    "pandas": (
        "api.py",
        "generics/",
        "diagnostics/",
        "table_models.py",
        "conversions.py",
        "effect_sizes.py",
        "datasets.py",
        "data/",
        "results/",
        "shaping/",
        "port/",
    ),
    "rich": ("show/", "harness/", "validation/terminal.py", "commands/"),
    "click": ("cli.py", "commands/"),
    "jinja2": ("show/", "harness/", "validation/html.py", "port/report.py", "results/sensitivity_page.py"),
}
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            # `from pymeta import x` may name a module or an attribute of the package itself
            modules = [f"pymeta.{alias.name}" for alias in node.names] if node.module == "pymeta" else [node.module]
            names += [str(name) for name in modules]
    return names


def rooms_imported(path: Path) -> set[str]:
    known = {room(file) for file in FILES}
    parts = [name.split(".") for name in imported(path) if name.split(".")[0] == "pymeta"]
    return {part[1] if len(part) > 1 and part[1] in known else "__init__" for part in parts}


def level(name: str) -> int:
    return next(i for i, layer in enumerate(ENGINE) if name in layer)


def arrows() -> list[tuple[Path, str, str]]:
    return [(file, room(file), target) for file in FILES for target in rooms_imported(file)]


def wrong(source: str, target: str) -> bool:
    if source == target:
        return False
    if source == "harness":
        return target not in HARNESS_MAY_IMPORT
    if target == "harness":
        return source not in MAY_IMPORT_HARNESS
    if target == "__init__":  # the version, which everybody may print
        return source not in MAY_IMPORT_HARNESS
    return level(target) >= level(source)


def test_every_room_has_a_layer():
    assert {room(file) for file in FILES} <= {name for layer in ENGINE for name in layer} | {"harness"}


def test_no_arrow_points_up():
    assert [f"{file}: {source} -> {target}" for file, source, target in arrows() if wrong(source, target)] == []


@pytest.mark.parametrize(
    ("source", "target"),
    [("numerics", "api"), ("harness", "effects"), ("models", "harness"), ("tau2", "effects"), ("results", "plots")],
)
def test_the_rule_can_fail(source, target):
    assert wrong(source, target)


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_where_it_belongs(library):
    users = [str(file.relative_to(PACKAGE)) for file in FILES if library in {name.split(".")[0] for name in imported(file)}]
    assert [user for user in users if not user.startswith(ONLY_IN[library])] == []


def test_no_file_is_named_after_nothing():
    assert not {"utils", "misc", "helpers", "common"} & {file.stem for file in FILES}


def test_the_top_level_is_the_agreed_one():
    agreed = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "Makefile"}
    agreed |= {"pymeta", "r_reference", "tests", "fixtures", "docs", "benchmarks"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - {"build", "dist", "site"} <= agreed


def test_no_test_changes_the_digits_of_mpmath_for_others():
    """Those are of the whole process: a module may ask for 50, a function for its own by ``mp.workdps``."""
    changed = [
        f"{path.name}: {line.strip()}"
        for path in sorted(Path(__file__).parent.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r"\s*(mp\.)+dps = ", line) and not line.startswith(("mp.mp.dps = 50", "mp.dps = 50"))
    ]
    assert changed == []
