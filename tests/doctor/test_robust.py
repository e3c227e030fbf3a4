"""No file stops the doctor: cut, changed, nested and long ones; it only says less."""

import ast
import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.doctor._project import Project
from dovetail.doctor._source import Unreadable, parse, read
from dovetail.doctor.run import check_project, examine
from tests.doctor.corpus.score import CORPUS

FILES = sorted(
    file
    for file in [*CORPUS.glob("*/*.py"), *CORPUS.glob("*/*.ipynb")]
    if file.stat().st_size < 4000
)
PROGRAMS = [file for file in FILES if file.suffix == ".py"]
WRONG = """\
import torch.nn.functional as F
from torch import nn
net = nn.Linear(4, 3)
loss = F.cross_entropy(net(x).softmax(1), y)
"""


def followed(project: Project) -> None:
    """No rule raises, and the interpreter had no fault of its own."""
    check_project(project)
    assert project.facts.faults == []


def mutated(data: bytes, rng: random.Random) -> bytes:
    """A file with pieces cut out, doubled, swapped or overwritten."""
    for _ in range(rng.randint(1, 4)):
        at, to = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        to = min(to, at + 200)
        lines = data.split(b"\n")
        match rng.randrange(6):
            case 0:
                data = data[:at] + data[to:]
            case 1:
                data = data[:to] + data[at:]
            case 2:
                data = data[:at]
            case 3:
                data = data[:at] + rng.randbytes(3) + data[at:]
            case 4:
                one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
                lines[one], lines[other] = lines[other], lines[one]
                data = b"\n".join(lines)
            case 5:
                del lines[rng.randrange(len(lines))]
                data = b"\n".join(lines)
        if not data:
            break
    return data


@settings(max_examples=35, deadline=None)
@given(st.sampled_from(FILES), st.integers(0, 2**32))
def test_no_changed_file_stops_it(
    tmp_path_factory: pytest.TempPathFactory, file: Path, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("changed")
    changed = folder / file.name
    changed.write_bytes(mutated(file.read_bytes(), random.Random(seed)))
    try:
        source = read(changed)
    except Unreadable as why:
        said = str(why)
    else:
        said = ""
        followed(Project([source]))
    assert not said or said.startswith(changed.as_posix())


class _Swap(ast.NodeTransformer):
    """Puts expressions, statements and names in each other's places."""

    def __init__(self, tree: ast.AST, rng: random.Random) -> None:
        self.rng = rng
        nodes = list(ast.walk(tree))
        self.expressions = [
            n for n in nodes if isinstance(n, ast.expr) and not _is_target(n)
        ]
        self.statements = [n for n in nodes if isinstance(n, ast.stmt)]
        self.names = [n.id for n in nodes if isinstance(n, ast.Name)]

    def visit(self, node: ast.AST) -> ast.AST:
        node = super().generic_visit(node)
        if self.rng.random() > 0.04:
            return node
        if isinstance(node, ast.Name):
            return ast.Name(self.rng.choice(self.names), node.ctx)
        if isinstance(node, ast.expr) and not _is_target(node):
            return self.rng.choice(self.expressions)
        if isinstance(node, ast.stmt):
            return self.rng.choice(self.statements)
        return node


def _is_target(node: ast.AST) -> bool:
    return not isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


@settings(max_examples=35, deadline=None)
@given(st.sampled_from(PROGRAMS), st.integers(0, 2**32))
def test_no_changed_tree_stops_it(file: Path, seed: int) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    changed = _Swap(tree, random.Random(seed)).visit(tree)
    try:
        text = ast.unparse(ast.fix_missing_locations(changed))
        if len(text) > 20_000:
            return
        source = parse(text)
    except (Unreadable, ValueError, TypeError, RecursionError):  # no program any more
        return
    followed(Project([source]))


LONG = {
    "sum": "x = " + " + ".join(["net(x)"] * 5000),
    "chain": "x = net" + ".to(1)" * 3000,
    "index": "x = y" + "[0]" * 3000,
    "or": "x = " + " or ".join(["a"] * 5000),
    "elif": "if a == 0:\n    b = 0\n"
    + "".join(f"elif a == {i}:\n    b = net(x)\n" for i in range(1500)),
    "nested": "".join(" " * i + "if x:\n" for i in range(95)) + " " * 95 + "y = 1",
    "calls": "".join(f"def f{i}(x):\n    return f{i + 1}(x)\n" for i in range(800))
    + "f0(net)",
    "bases": "class A0(nn.Module): pass\n"
    + "".join(
        f"class A{i}(A{i - 1}):\n    def forward(self, x): return super().forward(x)\n"
        for i in range(1, 300)
    ),
    # A table on one line: 200,000 characters that no line end cuts.
    "table": "t = ["
    + ", ".join(f'({i}, "a", {{1: [{i}]}})' for i in range(8000))
    + "]",
    "doubled": "def f(x):\n    a = nn.Linear(3, 3)\n"
    + "".join(f"    if q{i}: a = [a, a]\n" for i in range(100))
    + "    return a(x)",
    "itself": "a = []\na.append(a)\nb = {}\nb['b'] = b\nnet.net = net\nnet(a, b)",
}


@pytest.mark.parametrize("name", LONG)
def test_long_and_deep_code_takes_bounded_time(tmp_path: Path, name: str) -> None:
    (tmp_path / "odd.py").write_text(WRONG + LONG[name] + "\n")
    (tmp_path / "other.py").write_text(WRONG)
    started = time.process_time()
    findings, _ = examine(tmp_path)
    assert time.process_time() - started < 20  # a second or less where it is idle
    assert [(Path(f.path or "").name, f.line, f.code) for f in findings] == [
        ("odd.py", 4, "DT101"),
        ("other.py", 4, "DT101"),
    ]


def test_five_megabytes_that_a_program_wrote_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "big.py").write_text("x = [\n" + "    1, 2, 3, 4,\n" * 330_000 + "]\n")
    (tmp_path / "good.py").write_text(WRONG)
    started = time.process_time()
    findings, notes = examine(tmp_path)
    assert time.process_time() - started < 10
    assert len(findings) == 1
    assert len(notes) == 1
    assert "generated" in notes[0]


def test_packages_that_import_all_of_each_other(tmp_path: Path) -> None:
    names = [f"part{i}" for i in range(20)]
    for name in names:
        stars = "".join(f"from .{other} import *\n" for other in names if other != name)
        (tmp_path / f"{name}.py").write_text(stars + WRONG)
    (tmp_path / "__init__.py").write_text(
        "".join(f"from .{n} import *\n" for n in names)
    )
    started = time.process_time()
    findings, _ = examine(tmp_path)
    assert time.process_time() - started < 20
    assert [f.line for f in findings] == [23] * 20


@pytest.mark.parametrize("cells", [[], [{}], [{"cell_type": "code"}], [None, 3, "x"]])
def test_notebooks_with_nothing_in_them(tmp_path: Path, cells: list[object]) -> None:
    file = tmp_path / "a.ipynb"
    file.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    findings, notes = examine(file)
    assert findings == []
    assert len(notes) <= 1
