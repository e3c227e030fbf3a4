"""What stands on stdout: text for people, one JSON document, or rows."""

import csv
import io
import json
import math

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dovetail.cli import _tables
from dovetail.data import write_csv

from .conftest import METRICS, PREDICTIONS, SUMMARY

FIT = ("fit", "adult.csv", "--target", "income")


def test_fit_prints_a_block(run, estimator, here):
    result = run(*FIT, "--test", "my test.csv")
    assert result.code == 0
    for part in (
        "Binary for income",
        "Two distinct values",
        "log_loss  0.2812  (95 %: 0.2700 to 0.2925)\n",
        "baseline  0.5521  (the best constant; lower is better)",
        "scored    15 rows",
        "trained   3.1 s, best epoch 12 of 17",
        "Warning: capital equals income in every row: a leak.",
        "Model   models/adult-income",
        "Report  models/adult-income/report.html",
        "dovetail predict models/adult-income 'my test.csv' --out predictions.csv",
        "dovetail evaluate models/adult-income 'my test.csv'",
    ):
        assert part in result.out
    assert max(map(len, result.out.splitlines())) <= 100
    assert "\x1b" not in result.out
    assert "Reading adult.csv" in result.err


def test_fit_json_is_the_summary(run, estimator, here):
    result = run(*FIT, "--json")
    assert result.document == SUMMARY


def test_dry_run_shows_the_plan_and_writes_nothing(run, estimator, here):
    result = run(*FIT, "--dry-run")
    assert result.out == "Task  Binary.\n"
    assert "Nothing was trained" in result.err
    assert run(*FIT, "--dry-run", "--json").document == {
        "task": "Binary",
        "baseline": None,
    }
    assert list(here.iterdir()) == []


def test_explain_takes_data_or_a_model(run, estimator, here):
    (here / "m").mkdir()
    assert run("explain", "m").out == "Task  Binary.\n"
    assert run("explain", "a.csv", "--target", "y").out == "Task  Binary.\n"
    assert [name for name, _, _ in estimator.calls] == ["load", "plan"]
    document = run("explain", "a.csv", "--target", "y", "--json").document
    assert document == [{"stage": "Task", "text": "Binary."}]


def test_explain_draws_the_curve_of_the_same_plan(run, estimator, here):
    words = ("explain", "a.csv", "--target", "y", "--learning-curve")
    assert run(*words).out == "Task  Binary.\nMore rows  Yes.\n"
    assert [name for name, _, _ in estimator.calls] == ["plan", "curve_of"]
    assert run(*words, "--json").document[-1] == {
        "stage": "More rows",
        "text": "Yes.",
        "figures": {"points": []},
    }


def test_explain_speaks_chinese_where_asked(run, estimator, here):
    (here / "m").mkdir()
    assert run("explain", "m", "--lang", "zh").out == "Task  二分类。\n"
    words = ("explain", "a.csv", "--target", "y", "--lang", "zh")
    assert run(*words).out == "Task  二分类。\n"
    assert run(*words, "--json").document == [{"stage": "Task", "text": "二分类。"}]
    assert run("explain", "m", "--lang", "fr").code == 2


def test_evaluate_prints_a_table(run, estimator):
    lines = run("evaluate", "m", "d.csv").out.splitlines()
    assert lines[0] == "Binary, 15 rows (2 without a target left out)"
    assert lines[2].split() == ["metric", "value", "95", "%", "interval", "baseline"]
    assert lines[3].split() == [
        "log_loss",
        "0.4000",
        "0.3000",
        "to",
        "0.5000",
        "0.6900",
    ]
    assert lines[4].split() == ["accuracy", "0.8750", "0.5000"]


def test_evaluate_json_has_no_nan(run, estimator):
    document = run("evaluate", "m", "d.csv", "--json").document
    assert sorted(document) == ["metrics", "missing_target", "rows", "task"]
    assert (document["rows"], document["missing_target"]) == (15, 2)
    assert document["metrics"]["accuracy"]["low"] is None
    assert document["metrics"]["log_loss"] == METRICS["log_loss"]


@pytest.mark.parametrize(
    ("bounds", "code", "said"),
    [
        (["accuracy=0.875"], 0, "accuracy is 0.8750, at least 0.875 as asked."),
        (["log_loss=0.4"], 0, "log_loss is 0.4000, at most 0.4 as asked."),
        (["accuracy=0.9"], 8, "accuracy is 0.8750, but at least 0.9 was asked"),
        (["log_loss=0.1"], 8, "log_loss is 0.4000, but at most 0.1 was asked"),
        (["Log-Loss=0.1"], 8, "log_loss is 0.4"),
        (["accuracy=0.9", "log_loss=0.1"], 8, "asked; log_loss is"),
        (["acuracy=0.9"], 4, "no metric 'acuracy'. Did you mean 'accuracy'?"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_min_score_knows_the_direction(bounds, code, said, form, run, estimator):
    result = run("evaluate", "m", "d.csv", "--min-score", *bounds, *form)
    assert result.code == code
    assert said in result.err
    assert bool(result.out) == (code != 4)  # the numbers are printed even if missed


def test_a_metric_without_a_value_misses_its_bound(run, estimator, monkeypatch):
    monkeypatch.setitem(METRICS, "accuracy", {**METRICS["accuracy"], "value": math.nan})
    assert run("evaluate", "m", "d.csv", "--min-score", "accuracy=0").code == 8


def test_predict_writes_csv_to_stdout(run, estimator):
    result = run("predict", "m", "d.csv", "--proba")
    assert result.code == 0
    rows = list(csv.reader(io.StringIO(result.out)))
    assert rows == [
        ["income", "income_<=50K"],
        ["<=50K", "0.1"],
        ["=1+1", repr(1 / 3)],
        ["", ""],
    ]
    assert result.err == "Note: a line was left out\n"
    assert estimator.calls[-1][2]["proba"] is True


def test_safe_csv_guards_text_but_no_numbers(run, estimator):
    lines = run("predict", "m", "d.csv", "--safe-csv").out.splitlines()
    assert lines[1:3] == ["<=50K,0.1", f"'=1+1,{1 / 3!r}"]


def test_predict_json_on_stdout_or_with_a_file(run, estimator, here):
    document = run("predict", "m", "d.csv", "--json").document
    assert document["rows"] == 3
    assert document["columns"] == ["income", "income_<=50K"]
    assert document["predictions"][2] == {"income": None, "income_<=50K": None}
    document = run("predict", "m", "d.csv", "--json", "--out", "p.csv").document
    assert document == {
        "rows": 3,
        "columns": ["income", "income_<=50K"],
        "out": "p.csv",
    }


def test_predict_writes_by_extension(run, estimator, here):
    for suffix in ("csv", "tsv", "csv.gz", "jsonl", "parquet", "feather"):
        result = run("predict", "m", "d.csv", "--out", f"new/p.{suffix}")
        assert (result.code, result.out) == (0, ""), result.err
        assert f"3 rows written to new/p.{suffix}" in result.err
    assert (here / "new/p.tsv").read_text().startswith("income\tincome_<=50K\n")
    assert json.loads((here / "new/p.jsonl").read_text().splitlines()[2]) == {
        "income": None,
        "income_<=50K": None,
    }
    assert parquet.read_table(here / "new/p.parquet").column(0) == PREDICTIONS.column(0)
    assert feather.read_table(here / "new/p.feather").schema == PREDICTIONS.schema
    assert len(list((here / "new").iterdir())) == 6  # nothing half-written beside them


@pytest.mark.parametrize(
    ("command", "name"), [("predict", "p.csv"), ("report", "p.html")]
)
def test_a_file_that_exists_is_kept_without_force(command, name, run, estimator, here):
    (here / name).write_text("mine")
    line = [command, "m", *["d.csv"] * (command == "predict"), "--out", name]
    result = run(*line)
    assert result.code == 2
    assert "already exists" in result.err
    assert estimator.calls == []
    assert (here / name).read_text() == "mine"
    assert run(*line, "--force").code == 0
    assert (here / name).read_text() != "mine"


@pytest.mark.parametrize(
    "line", ["predict m d.csv --out f/p.csv", "report m --out f/g/r.html"]
)
def test_a_place_below_a_file_is_refused(line, run, estimator, here):
    (here / "f").write_text("")
    result = run(*line.split())
    assert result.code == 2
    assert "is a file, not a folder" in result.err
    assert estimator.calls == []


@pytest.mark.parametrize(
    "line",
    [
        "fit d.csv --target y --out sub/m",
        "predict m d.csv --out sub/p.csv",
        "report m --out r.html",
    ],
)
def test_a_place_without_permission_is_refused_before_any_work(
    line, run, estimator, here, monkeypatch
):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    result = run(*line.split())
    assert result.code == 5
    assert "no permission to write" in result.err
    assert estimator.calls == []


@pytest.mark.parametrize("out", ["f", "f/m", "full"])
def test_fit_does_not_begin_where_it_could_not_end(out, run, estimator, here):
    (here / "f").write_text("")
    (here / "full").mkdir()
    (here / "full" / "thesis.tex").write_text("")
    result = run("fit", "d.csv", "--target", "y", "--out", out, "--force")
    assert result.code == 2
    assert estimator.calls == []


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_write_that_fails_leaves_nothing(suffix, run, estimator, here, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    (here / f"p.{suffix}").write_text("mine")
    monkeypatch.setattr("os.replace", full)
    monkeypatch.setattr("pathlib.Path.replace", full)
    result = run("predict", "m", "d.csv", "--out", f"p.{suffix}", "--force")
    assert result.code == 5
    assert "No space left on device" in result.err
    assert [p.name for p in here.iterdir()] == [f"p.{suffix}"]
    assert (here / f"p.{suffix}").read_text() == "mine"


def test_report_goes_to_stdout_or_a_file_but_not_to_a_terminal(
    run, estimator, here, monkeypatch
):
    assert run("report", "m").out == "<!doctype html><title>報告</title>\n"
    assert run("report", "m", "--out", "r.html").out == ""
    assert (here / "r.html").read_text(encoding="utf-8").endswith("報告</title>")
    import sys

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    result = run("report", "m")
    assert (result.code, result.out) == (2, "")
    assert "m/report.html" in result.err


floats = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=9)
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=9)


@given(floats)
def test_floats_read_back_the_same(values):
    text = io.StringIO()
    write_csv(pa.table({"v": pa.array(values, pa.float64())}), text)
    rows = list(csv.reader(io.StringIO(text.getvalue(), newline="")))
    assert [float(cell) for (cell,) in rows[1:]] == values


@given(texts)
def test_any_text_survives_json_lines(values):
    file = io.BytesIO()
    _tables.WRITERS[".jsonl"](pa.table({"標籤": pa.array(values, pa.string())}), file)
    lines = file.getvalue().decode().split("\n")[:-1]
    assert [json.loads(line)["標籤"] for line in lines] == values
