"""Whatever goes wrong, the message says what to do."""

import ast
from pathlib import Path

import pytest

from dovetail import errors

SRC = Path(__file__).parents[1] / "src" / "dovetail"
OURS = {name for name in vars(errors) if name.endswith("Error")} | {"CheckFailed"}
FILES = sorted(SRC.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SRC)))
def test_every_error_has_a_fix(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = {keyword.arg for keyword in node.keywords}
            assert node.func.id not in OURS or "fix" in given, ast.unparse(node)
