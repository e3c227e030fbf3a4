"""The whole way with real, tiny fits: from CSV to predictions, and what is refused."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

LINE = "fit iris.csv --target species"
FIT = ("--epochs", "2", "--seed", "1", "--device", "cpu")


def _write(path: Path, rows) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def _listing(folder: Path):
    return sorted(
        (str(p.relative_to(folder)), p.read_bytes() if p.is_file() else None)
        for p in folder.rglob("*")
    )


@pytest.fixture(scope="module")
def iris(tmp_path_factory):
    """A folder with iris.csv (Chinese labels), new.csv without targets, a model."""
    folder = tmp_path_factory.mktemp("iris")
    data = load_iris()
    names = ["sepal length", "sepal width", "petal length", "花瓣宽"]
    labels = ["山鸢尾", "变色鸢尾", "维吉尼亚鸢尾"]
    rows = [
        [*map(float, x), labels[y]] for x, y in zip(data.data, data.target, strict=True)
    ]
    _write(folder / "iris.csv", [[*names, "species"], *rows])
    _write(folder / "new.csv", [names[::-1], *(row[3::-1] for row in rows[::30])])
    done = subprocess.run(
        [sys.executable, "-m", "dovetail", *LINE.split(), *FIT, "--json"],
        cwd=folder,
        capture_output=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    (folder / "fit.json").write_bytes(done.stdout)
    (folder / "fit.err").write_bytes(done.stderr)
    return folder


@pytest.fixture
def there(iris, monkeypatch):
    monkeypatch.chdir(iris)
    return iris


MODEL = "models/iris-species"


def test_fit_answers_with_one_document(iris):
    document = json.loads((iris / "fit.json").read_text(encoding="utf-8"))
    names = "task model loss optimizer metric score baseline rows epochs seconds folder"
    assert set(names.split()) <= set(document)
    assert document["task"] == "Multiclass"
    assert document["folder"] == MODEL
    talk = (iris / "fit.err").read_text().splitlines()
    assert talk[0] == "Reading iris.csv"
    assert talk[-1].startswith(("epoch", "fold"))
    assert not any("Warning" in line for line in talk)
    assert (iris / MODEL / "report.html").exists()


def test_predict_keeps_rows_and_matches_columns_by_name(run, there):
    table = run("predict", MODEL, "new.csv", "--proba")
    assert table.code == 0, table.err
    rows = list(csv.DictReader(io.StringIO(table.out)))
    assert len(rows) == 5
    assert set(rows[0]) == {
        "species",
        "species_山鸢尾",
        "species_变色鸢尾",
        "species_维吉尼亚鸢尾",
    }
    for row in rows:
        probs = {
            k.removeprefix("species_"): float(v) for k, v in row.items() if "_" in k
        }
        assert sum(probs.values()) == pytest.approx(1)
        assert row["species"] == max(probs, key=probs.get)
    document = run("predict", MODEL, "new.csv", "--json").document
    assert [p["species"] for p in document["predictions"]] == [
        row["species"] for row in rows
    ]


def test_predict_reads_a_file_without_a_header(run, there, tmp_path):
    lines = Path("new.csv").read_text(encoding="utf-8").splitlines()
    bare = tmp_path / "bare.csv"
    bare.write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
    with_header = run("predict", MODEL, "new.csv")
    without = run("predict", MODEL, bare, "--columns", lines[0])
    assert without.code == 0, without.err
    assert without.out == with_header.out


def test_evaluate_explain_report(run, there, tmp_path):
    document = run("evaluate", MODEL, "iris.csv", "--json").document
    assert document["rows"] == 150
    assert {"value", "low", "high", "baseline"} <= set(document["metrics"]["accuracy"])
    assert "accuracy" in run("evaluate", MODEL, "iris.csv").out
    missed = run("evaluate", MODEL, "iris.csv", "--min-score", "log_loss=0")
    assert missed.code == 8
    assert "log_loss is" in missed.err
    assert "at most 0 was asked" in missed.err
    assert "Multiclass" in run("explain", MODEL).out
    chinese = run("explain", MODEL, "--lang", "zh").out
    assert "读作Multiclass。每行恰好属于若干无序类别中的一个。" in "".join(
        chinese.split()
    )
    assert "山鸢尾" in chinese
    plan = run("explain", "iris.csv", "--target", "species", "--json").document
    assert "Task" in [link["stage"] for link in plan]
    page = run("report", MODEL, "--out", tmp_path / "r.html")
    assert page.code == 0, page.err
    assert "山鸢尾" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_explain_draws_a_learning_curve_where_asked(run, there):
    words = ("explain", "iris.csv", "--target", "species", "--learning-curve")
    few = ("--epochs", "2", "--folds", "3")
    result = run(*words, *few)
    assert result.code == 0, result.err
    last = result.out[result.out.index("Learning curve") :]
    rows = [int(n) for n in re.findall(r"(\d+) rows  ", last)]
    assert rows == [21, 42, 85]
    assert "More rows" in last
    document = run(*words, *few, "--json", "--lang", "zh").document
    assert [link["stage"] for link in document[-2:]] == ["学习曲线", "更多行"]
    points = document[-1]["figures"]["points"]
    assert [point["rows"] for point in points] == rows
    assert run("explain", MODEL, "--learning-curve").code == 2


def test_dry_run_shows_columns_and_writes_nothing(run, there):
    before = _listing(there)
    text = run("fit", "iris.csv", "--target", "species", "--dry-run")
    assert text.code == 0, text.err
    assert "花瓣宽" in text.out
    document = run(
        "fit", "iris.csv", "--target", "species", "--dry-run", "--json"
    ).document
    assert document["task"] == "Multiclass"
    assert len(document["columns"]) == 4
    assert _listing(there) == before


REFUSED = {
    "unknown column": ("fit iris.csv --target specis", 3, "Did you mean 'species'?"),
    "unknown column to drop": (
        "fit iris.csv --target species --out m --drop petal_lenght",
        3,
        "petal length",
    ),
    "one class": ("fit one.csv --target y", 3, "'y'"),
    "empty file": ("fit empty.csv --target y", 3, "empty.csv"),
    "no rows": ("fit header.csv --target y", 3, "header.csv"),
    "no file": ("fit nowhere.csv --target y", 3, "nowhere.csv"),
    "folder exists": ("fit iris.csv --target species", 2, "--force"),
    "unknown loss": ("fit iris.csv --target species --out m --loss focl", 4, "focl"),
    "loss that does not fit": (
        "fit iris.csv --target species --out m --loss poisson",
        4,
        "Multiclass",
    ),
    "unknown optimizer": (
        "fit iris.csv --target species --out m --optimizer adamm",
        4,
        "adamm",
    ),
    "unknown task": (
        "fit iris.csv --target species --out m --task Multiklass",
        4,
        "Did you mean 'Multiclass'?",
    ),
    "no epochs": ("fit iris.csv --target species --out m --epochs 0", 4, "epochs"),
    "absent device": (
        "fit iris.csv --target species --out m --device cuda:77",
        4,
        "cuda:77",
    ),
    "two kinds of kind": (
        "fit iris.csv --target species --out m --kind 花瓣宽=colour",
        4,
        "'colour'",
    ),
    "bad line": ("fit bad.csv --target y --out m", 3, "line 3"),
    "column missing at predict": (f"predict {MODEL} narrow.csv", 3, "'花瓣宽'"),
    "no number at predict": (f"predict {MODEL} words.csv", 3, "'wide'"),
    "unseen label": (f"evaluate {MODEL} unseen.csv", 3, "百合"),
    "no target at evaluate": (f"evaluate {MODEL} new.csv", 3, "'species'"),
    "changed byte": ("predict changed new.csv", 6, "task.json"),
    "missing file": ("evaluate missing iris.csv", 6, "weights.safetensors"),
    "unlisted file": ("explain unlisted", 6, "extra.txt"),
    "not a model folder": ("predict models new.csv", 6, "manifest.json"),
    "no folder": ("predict nowhere new.csv", 3, "nowhere"),
}


@pytest.fixture(scope="module")
def broken(iris):
    """What the table below needs beside the model."""
    text = (iris / "iris.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    head, body = rows[0], rows[1:]
    _write(iris / "one.csv", [["x", "y"], *([i * 0.5, "a"] for i in range(20))])
    (iris / "empty.csv").write_text("")
    (iris / "header.csv").write_text("x,y\n")
    (iris / "bad.csv").write_text("x,y\n1,a\n2,b,c\n" + "3,a\n4,b\n" * 10)
    _write(iris / "narrow.csv", [head[:3], *(row[:3] for row in body[:5])])
    _write(iris / "words.csv", [head, *body[:3], [*body[3][:3], "wide", body[3][4]]])
    _write(iris / "unseen.csv", [head, *body[:3], [*body[3][:4], "百合"]])
    for name in ("changed", "missing", "unlisted"):
        shutil.copytree(iris / MODEL, iris / name)
    task = iris / "changed" / "task.json"
    raw = bytearray(task.read_bytes())
    raw[len(raw) // 2] ^= 1
    task.write_bytes(raw)
    (iris / "missing" / "weights.safetensors").unlink()
    (iris / "unlisted" / "extra.txt").write_text("")
    return iris


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_said_once_and_nothing_is_written(
    name, run, broken, monkeypatch
):
    line, code, needed = REFUSED[name]
    monkeypatch.chdir(broken)
    before = _listing(broken)
    result = run(*line.split(" "))
    assert result.code == code, result.err
    assert needed in result.err
    assert "What to do: " in result.err
    assert result.err.count("Error: ") == 1
    assert "Traceback" not in result.err
    assert "bug of ours" not in result.err
    assert result.out == ""
    assert _listing(broken) == before


def test_force_replaces_a_model(run, iris, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = ("fit", iris / "iris.csv", "--target", "species", *FIT, "--out", "m")
    assert run(*line).code == 0
    first = _listing(tmp_path)
    assert run(*line).code == 2
    assert _listing(tmp_path) == first
    again = run(*line, "--force", "--quiet")
    assert (again.code, again.err) == (0, "")
    for part in (
        "Multiclass",
        "log_loss",
        "baseline",
        "m/report.html",
        "dovetail predict",
    ):
        assert part in again.out
