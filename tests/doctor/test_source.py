"""Files as they occur: encodings, notebooks, Python 2, what a program wrote."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.doctor import check
from dovetail.doctor._notebook import python
from dovetail.doctor._project import Project
from dovetail.doctor._source import Unreadable, parse, read
from dovetail.doctor.run import check_project, examine

WRONG = """\
import torch.nn.functional as F
from torch import nn
net = nn.Linear(4, 3)
loss = F.cross_entropy(net(x).softmax(1), y)
"""


def notebook(*cells: tuple[str, object], **more: object) -> str:
    listed = [
        {"cell_type": kind, "source": source, "metadata": {}} for kind, source in cells
    ]
    return json.dumps({"cells": listed, "nbformat": 4, **more}, indent=1)


def test_a_notebook_is_read_as_one_program(tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    head, *rest = WRONG.split("\n", 3)
    file.write_text(
        notebook(
            ("markdown", "# Title"),
            ("code", ["%matplotlib inline\n", head + "\n", rest[0]]),
            ("code", ""),
            ("code", "!pip install torch\n" + rest[1]),
            ("code", "%%bash\nls"),
            ("code", "%%time\n\n" + rest[2]),
        )
    )
    (found,) = check(file)
    assert (found.cell, found.line, found.column) == (5, 3, 24)
    assert found.path == file.as_posix()


def test_a_broken_cell_does_not_hide_the_others(tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    file.write_text(notebook(("code", "print 'two'"), ("code", WRONG)))
    findings, notes = examine(file)
    assert [f.cell for f in findings] == [1]
    assert "cell 0" in notes[0]


def test_cells_of_format_3(tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    cell = {"cell_type": "code", "input": WRONG.splitlines(keepends=True)}
    file.write_text(json.dumps({"worksheets": [{"cells": [cell]}], "nbformat": 3}))
    assert [f.cell for f in check(file)] == [0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"cells": 3}',
        notebook(("markdown", "x")),
        notebook(("code", 5)),
        notebook(("code", "x <- 1"), metadata={"language_info": {"name": "R"}}),
    ],
)
def test_odd_notebooks_are_a_note(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.ipynb"
    file.write_text(text)
    findings, notes = examine(file)
    assert not findings
    assert len(notes) == 1
    assert notes[0].startswith(file.as_posix())


def test_percent_inside_brackets_is_python() -> None:
    text = 'print("a %s"\n      % x)'
    assert python(text) == text


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"print 'hello'\n", "Python 2"),
        (b"try:\n    x\nexcept A, e:\n    pass\n", "Python 2"),
        (b"def f(:\n", "not Python 3"),
        (b"\xff\xfe\x00", "encoding"),
        (b"# coding: latin-9000\n", "encoding"),
        (b"x = '\xe9'\n", "encoding"),
        (b"x = 1\0\n", ""),
        (b"x = " + b"(" * 5000 + b")" * 5000, ""),
        (b"x = 1\n" * 400_000, "generated"),
    ],
)
def test_what_cannot_be_read_is_a_note(tmp_path: Path, data: bytes, word: str) -> None:
    (tmp_path / "bad.py").write_bytes(data)
    (tmp_path / "good.py").write_text(WRONG)
    findings, notes = examine(tmp_path)
    assert [f.code for f in findings] == ["DT101"]
    assert len(notes) == 1
    assert word in notes[0]


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("latin-1", "# -*- coding: latin-1 -*-\n"),
        ("gbk", "# coding: gbk\n"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, head: str) -> None:
    text = head + ("é = 1\n" if encoding != "gbk" else "中 = 1\n") + WRONG
    (tmp_path / "a.py").write_bytes(text.encode(encoding))
    assert [f.line for f in check(tmp_path)] == [text.count("\n")]


def test_columns_are_characters() -> None:
    text = WRONG.replace("loss = F", "größe = F").replace("(1)", "(1, )")
    (found,) = check_project(Project([parse(text)]))
    assert found.column == 1 + text.split("\n")[3].index("net(x)")


def test_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(WRONG.replace("\n", "\r\n").encode())
    assert [(f.line, f.column) for f in check(file)] == [(4, 24)]


def test_deep_expressions_do_not_crash() -> None:
    long = "x = " + " + ".join(["a"] * 900) + "\n"
    deep = "y = " + "-" * 60 + "1\n"
    project = Project([parse(WRONG + long + deep)])
    assert [f.code for f in check_project(project)] == ["DT101"]


def test_unreadable_has_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"none\.py"):
        read(tmp_path / "none.py")


PIECES = st.sampled_from(
    [
        *WRONG.splitlines(),
        "class A(nn.Module):",
        "    def __init__(self): self.a = nn.Sequential(*self.b)",
        "    def forward(self, x, *a, **k): return self.a(x)[:, 0], {**k}",
        "for a, *b in zip(net, net): a[0].c = b",
        "with net as z: z.fc = nn.Softmax()",
        "A(*x, **y)(A)",
        "net = A() if x else nn.Sequential(*[nn.ReLU()] * 3, A())",
        "F.cross_entropy(*net, weight=None)",
        "x, y = y, x",
        "net += [lambda: net(net)]",
        "del x",
        "x.view(-1, *y).max(1)[1].softmax()",
        "def f(net=net, /, *, y): return f(net, y=y)",
        "    return",
        "try: f()",
        "except: pass",
        "x[...] = x[None, ::2] > 0.5",
        "setattr(net, 'fc', getattr(nn, 'Softmax')(dim=1)); net(x)",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=14))
def test_no_program_crashes(pieces: list[str]) -> None:
    try:
        source = parse("\n".join(pieces))
    except Unreadable:
        return
    project = Project([source])
    check_project(project)
    assert project.facts.faults == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_mutation_crashes(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(WRONG)))
    text = WRONG[:at] + data.draw(st.text(max_size=3)) + WRONG[at + 1 :]
    try:
        source = parse(text)
    except Unreadable:
        return
    project = Project([source])
    check_project(project)
    assert project.facts.faults == []
