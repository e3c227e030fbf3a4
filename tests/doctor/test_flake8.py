"""The plugin as flake8 calls it: a tree, a name and lines; results to be sorted."""

import ast
import tomllib
from importlib import import_module
from pathlib import Path

from dovetail.doctor.flake8 import Plugin
from dovetail.doctor.rules import rule_named

BAD = rule_named("DT101").bad  # type: ignore[union-attr]
HINT = rule_named("DT407").bad  # type: ignore[union-attr]
ROOT = Path(__file__).parents[2]


def said(text: str) -> list[tuple[int, int, str, type[Plugin]]]:
    lines = text.splitlines(keepends=True)
    return list(Plugin(ast.parse(text), "train.py", lines).run())


def test_a_finding_is_a_row() -> None:
    ((line, column, text, kind),) = said(BAD)
    assert (line, column, kind) == (4, 69, Plugin)
    assert text.startswith("DT101 [softmax-before-cross-entropy] ")
    assert "\n" not in text


def test_nothing_of_right_code_nor_of_hints() -> None:
    assert said("import torch\n") == []
    assert said(HINT) == []


def test_what_cannot_be_read_is_left_to_flake8() -> None:
    assert list(Plugin(ast.parse(""), "a.py", ["print 'two'\n"]).run()) == []


def test_ignore_comments_count_here_too() -> None:
    assert said(BAD.replace("\n\n", "\n", 1)) != []
    lines = BAD.splitlines()
    lines[3] += "  # dovetail: ignore[DT101]"
    assert said("\n".join(lines)) == []


def test_it_is_registered() -> None:
    with open(ROOT / "pyproject.toml", "rb") as file:
        points = tomllib.load(file)["project"]["entry-points"]["flake8.extension"]
    module, _, name = points["DT"].partition(":")
    assert getattr(import_module(module), name) is Plugin
    assert Plugin.name
    assert Plugin.version
