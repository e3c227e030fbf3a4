"""``dovetail doctor``: exit codes, formats, fixes."""

import json
from pathlib import Path

import pytest

from dovetail.cli.main import main
from dovetail.doctor._base import Severity
from dovetail.doctor.rules import rule_named

BAD = rule_named("DT101").bad  # type: ignore[union-attr]
GOOD = rule_named("DT101").good  # type: ignore[union-attr]
WARNS = rule_named("DT112").bad  # type: ignore[union-attr]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "warns.py").write_text(WARNS)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("good.py", 0),
        ("bad.py", 8),
        (".", 8),
        ("warns.py", 0),
        ("warns.py --strict", 8),
        ("bad.py --ignore DT101", 0),
        ("bad.py --ignore softmax-before-cross-entropy", 0),
        ("bad.py --select DT112,DT106", 0),
        ("good.py bad.py --select DT101 DT112", 8),
        ("none.py", 3),
        ("", 2),
        ("bad.py --select DT999", 2),
        ("bad.py --format xml", 2),
        ("--explain nothing", 2),
        ("--explain dt101", 0),
    ],
)
def test_exit_codes(here: Path, line: str, code: int) -> None:
    assert main(["doctor", *line.split()]) == code


def test_results_on_stdout_talk_on_stderr(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "two.py").write_text("print 'two'\n")
    main(["doctor", "bad.py", "two.py"])
    out, err = capsys.readouterr()
    assert out.startswith("bad.py:4:70: error DT101 [softmax-before-cross-entropy] ")
    assert "two.py" not in out
    assert "Note: two.py: Python 2" in err
    assert "1 error found" in err


def test_json(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", ".", "--format", "json"])
    listed = json.loads(capsys.readouterr().out)
    assert [f["code"] for f in listed] == ["DT101", "DT112"]
    first = listed[0]
    assert first["rule"] == "softmax-before-cross-entropy"
    assert (first["path"], first["line"], first["column"]) == ("bad.py", 4, 70)
    assert first["cell"] is None
    assert first["severity"] == "error"
    assert first["message"]
    assert first["fix"]
    assert first["page"] == "docs/doctor/rules/DT101.md"
    main(["doctor", "good.py", "--format", "json"])
    assert json.loads(capsys.readouterr().out) == []


def test_sarif(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", ".", "--format", "sarif"])
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        assert rule["help"]["markdown"].startswith(f"# {rule['id']} ")
        assert rule["properties"]["page"] == f"docs/doctor/rules/{rule['id']}.md"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (place,) = result["locations"]
        region = place["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1
    assert [r["ruleId"] for r in run["results"]] == ["DT101", "DT112"]


def test_github(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", ".", "--format", "github"])
    first, second = capsys.readouterr().out.splitlines()
    title = "title=DT101 softmax-before-cross-entropy"
    assert first.startswith(f"::error file=bad.py,line=4,col=70,{title}::")
    assert second.startswith("::warning file=warns.py,line=4,col=9,")


def test_diff_shows_and_fix_writes(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "bad.py", "--diff"]) == 8
    assert "-model = nn.Sequential" in capsys.readouterr().out
    assert (here / "bad.py").read_text() == BAD
    assert main(["doctor", "bad.py", "--fix"]) == 0
    assert ", nn.Softmax(dim=1))" not in (here / "bad.py").read_text()
    assert main(["doctor", "bad.py"]) == 0


def test_fix_keeps_a_notebook_as_it_was(here: Path) -> None:
    cells = [
        {"cell_type": "code", "source": s.splitlines(keepends=True), "outputs": [1.50]}
        for s in BAD.split("\n\n", 1)
    ]
    text = json.dumps({"cells": cells, "nbformat": 4}, indent=1) + "\n"
    (here / "a.ipynb").write_text(text)
    assert main(["doctor", "a.ipynb", "--fix"]) == 0
    after = (here / "a.ipynb").read_text()
    assert after == text.replace(", nn.Softmax(dim=1)", "")


def test_chinese(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "bad.py", "--lang", "zh"])
    finding, to_do = capsys.readouterr().out.splitlines()
    assert "错误 DT101" in finding
    assert to_do.strip().startswith("把原始得分交给损失")
    main(["doctor", "--explain", "DT101", "--lang", "zh"])
    told = capsys.readouterr().out
    assert "交叉熵" in told
    assert "怎么改：把原始得分交给损失" in told


def test_severities_are_strings() -> None:
    assert [str(s) for s in Severity] == ["error", "warning", "hint"]


def test_what_holds_no_code_is_told(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "empty").mkdir()
    assert main(["doctor", "empty"]) == 0
    assert "nothing was read: no .py file and no notebook in empty" in (
        capsys.readouterr().err
    )


def test_a_change_that_is_held_back_is_told(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "held.py").write_text(BAD + "print(model(x).max() > 0.9)\n")
    assert main(["doctor", "held.py", "--fix"]) == 8
    err = capsys.readouterr().err
    assert "0 files mended" in err
    assert "1 change left to you: something else reads" in err
