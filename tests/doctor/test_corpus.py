"""The doctor on the corpus: no error on right code, nine of ten errors found."""

import json
import os

import pytest

from dovetail.doctor._base import CODES
from tests.doctor.corpus.score import CORPUS, Score, places, programs, run

# Seen statically below an error, and so with marks of their own.
WARNINGS = {
    "log-of-softmax",
    "softmax-implicit-dim",
    "activation-on-regression",
    "scheduler-before-optimizer",
    "missing-eval-mode",
    "missing-train-mode",
    "loss-graph-retained",
    "weight-instead-of-pos-weight",
}


@pytest.fixture(scope="module")
def score() -> Score:
    return run()


def test_no_error_on_right_code(score: Score) -> None:
    alarms = [f"{rule} {said}" for severity, rule, said in score.alarms]
    errors = [
        a for a, (s, _, _) in zip(alarms, score.alarms, strict=True) if s == "error"
    ]
    assert errors == []


def test_nine_of_ten_errors_are_found(score: Score) -> None:
    assert score.recall(CODES.keys() - WARNINGS) >= 0.9, score.misses


def test_warnings(score: Score) -> None:
    assert [alarm for alarm in score.alarms if alarm[0] == "warning"] == []
    assert score.recall(WARNINGS) >= 0.8, score.misses


def test_the_manifest_tells_of_every_program() -> None:
    listed = [program["path"] for program in programs()]
    assert len(listed) == len(set(listed))
    there = {
        f"{kind}/{name}"
        for kind in ("wrong", "right")
        for name in os.listdir(CORPUS / kind)
    }
    assert there == set(listed)
    kinds = [program["kind"] for program in programs()]
    assert kinds.count("wrong") >= 100
    assert kinds.count("right") >= 50


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("README.md", "corpus of {n} small programs it finds {m} of {m} mistakes"),
        ("README.zh-CN.md", "{n} 个小程序里,它找到 {m} 处错误中的 {m} 处"),
    ],
)
def test_the_readmes_count_them(name: str, words: str) -> None:
    mistakes = sum(len(program["expected"]) for program in programs())
    said = " ".join((CORPUS.parents[2] / name).read_text(encoding="utf-8").split())
    assert words.format(n=len(programs()), m=mistakes) in said


def test_every_place_is_a_line_of_code() -> None:
    for program in programs():
        assert bool(program["expected"]) == (program["kind"] == "wrong")
        for expected in program["expected"]:
            assert expected["rule"] in CODES
            for name, line, cell in places(expected):
                assert line_of(name, line, cell).strip()


def line_of(name: str, line: int, cell: int | None) -> str:
    text = (CORPUS / name).read_text(encoding="utf-8")
    if cell is not None:
        text = "".join(json.loads(text)["cells"][cell]["source"])
    return text.split("\n")[line - 1]
