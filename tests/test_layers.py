"""Who may import whom: the table of docs/design.md, read from the imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "dovetail"

# Lower rows may be imported; inside a row nobody imports a neighbour. Row 0 is a
# ladder of its own: each may import those named before it.
LADDER = (
    "_version",
    "errors",
    "_phrases",
    "_names",
    "_arrow",
    "_folder",
    "_user_cache",
    "_shapes",
    "links",
)
ROWS = (
    LADDER,
    ("losses", "decisions", "metrics", "optim", "heads"),
    ("tasks", "data", "backbones"),
    ("train", "report", "artifact"),
    ("estimator",),
    ("sklearn", "cli"),
    ("__main__",),
)
# Apart: works where torch is not installed; of dovetail it may import these only.
APART = {"doctor": {"errors", "_version"}}
ROW = {name: number for number, row in enumerate(ROWS) for name in row}
FILES = sorted(p for p in SRC.rglob("*.py") if p != SRC / "__init__.py")


def package_of(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The dovetail packages a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "dovetail":
            modules = [f"dovetail.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            modules = [node.module or ""]
        else:
            continue
        found |= {m.split(".")[1] for m in modules if m.startswith("dovetail.")}
    return found


def test_every_package_stands_in_the_table() -> None:
    assert {package_of(path) for path in FILES} <= ROW.keys() | APART.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SRC)))
def test_imports_go_down_only(path: Path) -> None:
    own = package_of(path)
    for other in imported(path) - {own, "__version__"}:
        if own in APART:
            assert other in APART[own], f"{own} stands apart, imports {other}"
            continue
        if other in APART:
            assert ROW[own] >= ROW["cli"], f"{own} imports {other}, which is apart"
            continue
        assert other in ROW, f"{path} imports dovetail.{other}, which is in no row"
        if own in LADDER and other in LADDER:
            allowed = LADDER.index(other) < LADDER.index(own)
        else:
            allowed = ROW[other] < ROW[own]
        assert allowed, f"{own} (row {ROW[own]}) imports {other} (row {ROW[other]})"


@pytest.mark.parametrize(
    "module",
    ["dovetail", "dovetail.cli.main", "dovetail.cli.doctor", "dovetail.doctor"],
)
def test_import_loads_nothing_heavy(module: str) -> None:
    code = (
        f"import sys, {module};"
        "heavy = {'torch', 'numpy', 'pyarrow', 'sklearn', 'matplotlib', 'pydantic',"
        " 'rich', 'yaml', 'narwhals'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
