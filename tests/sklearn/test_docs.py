"""The python blocks of docs/estimators.md run, in order."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "estimators.md"


@pytest.mark.filterwarnings("ignore::dovetail.errors.DovetailWarning")
def test_python_blocks_run(capsys: pytest.CaptureFixture[str]) -> None:
    found = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    assert len(found) == 3
    exec(compile("\n".join(found), str(PAGE), "exec"), {"__name__": "estimators"})
    assert "Model(Multiclass of target: log_loss" in capsys.readouterr().out
