"""What docs/explain.md shows is what is printed."""

import re
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

import dovetail as dt
from dovetail import report

DOCS = Path(__file__).parents[2] / "docs" / "explain.md"
EMOTIONS = [
    "amazed-suprised", "happy-pleased", "relaxing-calm", "quiet-still", "sad-lonely",
    "angry-aggresive",
]  # fmt: skip


def shown(name: str) -> str:
    text = DOCS.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n```text\n(.*?)\n```", text, flags=re.DOTALL)
    assert found is not None, name
    return found[1]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_iris_is_told_as_shown(lang: str) -> None:
    iris = load_iris(as_frame=True)
    frame = iris.frame.drop(columns="target")
    frame.columns = [c.removesuffix(" (cm)").replace(" ", "_") for c in frame.columns]
    frame["species"] = iris.target_names[iris.target]
    assert dt.plan(frame, "species").explain(lang=lang) == shown(f"iris {lang}")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_emotions_are_told_as_shown(lang: str, shared_data: Path) -> None:
    data = shared_data / "emotions" / "emotions-train.arff"
    links = dt.plan(data, EMOTIONS).chain_in(lang)
    balance = [link for link in links if link[0] in ("Balance", "分布")]
    assert report.as_text(balance) == shown(f"emotions {lang}")
