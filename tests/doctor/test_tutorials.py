"""Programs that follow a tutorial into its mistake, and their right twins.

``# finds DT101`` stands on the line that the doctor must name; what it must not name
has no such comment. ``# diagnose finds: DT101`` says what a fresh model of the program,
its loss and its first 64 rows must give at run time.
"""

import re
import runpy
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

import dovetail
from dovetail.doctor import check
from dovetail.doctor._base import Finding
from tests.doctor.pages import TUTORIALS, text_of

WRONG = sorted((TUTORIALS / "wrong").glob("*.py"))
RIGHT = sorted((TUTORIALS / "right").glob("*.py"))
# What torch refuses; every other wrong program runs to its end.
RAISES = {"column_of_classes": "multi-target not supported"}


def test_every_program_has_its_twin_and_stands_in_the_page() -> None:
    names = [path.stem for path in WRONG]
    assert names == [path.stem for path in RIGHT]
    assert len(names) >= 20
    told = set(re.findall(r"\{\{doctor (\w+)\}\}", text_of("common-mistakes", "en")))
    found = {path.stem for path in WRONG if "# finds DT" in path.read_text()}
    assert told == found - {"old_variables"}  # the same mistake as binary_sigmoid


@pytest.mark.parametrize("path", WRONG, ids=lambda p: p.stem)
def test_the_doctor_finds_the_mistake_and_nothing_else(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = {
        (number, code)
        for number, line in enumerate(lines, 1)
        for code in re.findall(r"# finds (DT\d+)", line)
    }
    assert {(f.line, f.code) for f in check([path])} == expected


@pytest.mark.parametrize("path", RIGHT, ids=lambda p: p.stem)
def test_the_right_twin_has_no_finding(path: Path) -> None:
    assert check([path]) == []


@pytest.mark.parametrize("path", WRONG, ids=lambda p: p.stem)
def test_a_wrong_program_runs_all_the_same(path: Path) -> None:
    if message := RAISES.get(path.stem):
        with pytest.raises(RuntimeError, match=message):
            run(path)
        return
    names = run(path)
    asked = re.findall(r"# diagnose finds: (\w+)", path.read_text(encoding="utf-8"))
    if asked:
        assert [f.code for f in diagnosed(names)] == asked


@pytest.mark.parametrize("path", RIGHT, ids=lambda p: p.stem)
def test_a_right_program_runs(path: Path) -> None:
    run(path)


def run(path: Path) -> dict[str, Any]:
    """The names of a program that was run; torch's warnings are its reader's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return runpy.run_path(str(path))


def diagnosed(names: dict[str, Any]) -> list[Finding]:
    """What ``diagnose`` says of a fresh model of the program."""
    torch.manual_seed(0)
    model = type(names["model"])()
    batch = names["train_x"][:64], names["train_y"][:64]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dovetail.diagnose(
            model, names["criterion"], batch, metric=names.get("metric")
        )
