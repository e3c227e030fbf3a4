"""Command lines that cannot be carried out: exit code 2, one message, nothing done."""

import pytest

LINES = {
    "fitt d.csv": "no command 'fitt'. Did you mean 'fit'?",
    "fit d.csv --taget y": "no option --taget. Did you mean '--target'?",
    "fit d.csv --model auto": "dovetail fit has no option --model.",
    "fit --target y": "dovetail fit: DATA is missing.",
    "fit d.csv --target": "--target needs a value",
    "fit d.csv --out --force": "--out needs a value",
    "fit d.csv e.csv --target y": "'e.csv' is one argument too many.",
    "fit d.csv --target y --epochs x": "--epochs: 'x' is not a whole number.",
    "fit d.csv --target y --lr x": "--lr: 'x' is not a number.",
    "fit d.csv --target y --on-bad x": "--on-bad: 'x' is not one of 'fail', 'skip'.",
    "fit d.csv --target y --kind zip": "--kind: 'zip' is not COL=KIND",
    "fit d.csv --target y --kind z=number z=category": "column 'z' has two",
    "fit d.csv --target y --json=1": "--json",
    "predict": "dovetail predict: MODEL is missing.",
    "predict m": "dovetail predict: DATA is missing.",
    "predict m d.csv --out p.cvs": "names no format to write. Did you mean '.csv'?",
    "predict m d.csv --out p.jsonl --safe-csv": "--safe-csv is for CSV",
    "predict m d.csv --json --safe-csv": "--safe-csv is for CSV",
    "evaluate m": "dovetail evaluate: DATA is missing.",
    "evaluate m d.csv --min-score accuracy": "'accuracy' is not METRIC=X",
    "evaluate m d.csv --min-score accuracy=nan": "'accuracy=nan' is not METRIC=X",
    "explain": "DATA or MODEL is missing.",
    "report": "dovetail report: MODEL is missing.",
    "completion tcsh": "'tcsh' is not one of",
    "completion": "the shell (bash, zsh or fish) is missing.",
}


@pytest.mark.parametrize("line", LINES)
def test_a_wrong_line_is_refused_with_one_message(line, run, estimator, here):
    result = run(*line.split())
    assert result.code == 2, result.err
    assert result.out == ""
    assert LINES[line] in result.err
    assert result.err.startswith("Error: ")
    assert result.err.count("Error:") == 1
    assert "What to do: " in result.err
    assert "Traceback" not in result.err
    assert estimator.calls == []
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", ["fit", "explain"])
def test_a_missing_target_lists_the_columns(command, run, estimator, here):
    (here / "d.csv").write_text("rooms,价格\n1,2\n3,4\n", encoding="utf-8")
    result = run(command, "d.csv")
    assert result.code == 2
    assert "--target is missing. Its columns: 'rooms', '价格'" in result.err
    assert estimator.calls == []


def test_a_missing_target_with_a_missing_file_is_still_one_message(
    run, estimator, here
):
    result = run("fit", "nowhere.csv")
    assert result.code == 2
    assert result.err.startswith("Error: dovetail fit: --target is missing.\n")


def test_no_command_shows_the_help_and_is_a_usage_error(run):
    result = run()
    assert (result.code, result.out) == (2, "")
    assert "Commands:" in result.err


@pytest.mark.parametrize("option", ["--target=y", "--columns=a,b", "--drop=a"])
def test_explain_of_a_model_takes_no_data_options(option, run, estimator, here):
    (here / "m").mkdir()
    result = run("explain", "m", option)
    assert result.code == 2
    assert f"{option.split('=')[0]} does not go with a model folder" in result.err
