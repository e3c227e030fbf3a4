"""The programs of docs/diagnose.md run, and print what the page says."""

import re
import warnings
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "diagnose.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```(?:\n\n```\n(.*?)```)?", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_a_program(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    program, printed = BLOCKS[number]
    with warnings.catch_warnings():
        exec(compile(program, "docs/diagnose.md", "exec"), {"__name__": "page"})
    assert capsys.readouterr().out == printed


def test_there_are_programs() -> None:
    assert len(BLOCKS) == 3
