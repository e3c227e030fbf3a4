"""Which task the target of every real data set is."""

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.csv
import pytest

from dovetail.errors import TargetError
from dovetail.tasks import Reading, infer_task

DATA = Path(__file__).parents[3] / "shared" / "data"


def _check(reading: Reading, task: str, second: str | None, words: str) -> None:
    assert type(reading.task).__name__ == task, str(reading)
    named = type(reading.runner_up).__name__ if reading.runner_up else None
    assert named == second, str(reading)
    assert words in reading.reason
    assert reading.reason.endswith(f": {task}")
    assert 0 < reading.confidence < 1
    assert "\n" not in str(reading)


def _csv(path: str, column: str | int, **options: Any) -> Any:
    return pd.read_csv(DATA / path, usecols=[column], **options)[column]


def _frame(path: str, columns: list[str], **options: Any) -> Any:
    return pd.read_csv(DATA / path, usecols=columns, **options)[columns]


def _arff(path: str, count: int, kind: type) -> Any:
    """The last ``count`` columns of a dense ARFF file."""
    names, rows, inside = [], [], False
    for line in (DATA / path).read_text().splitlines():
        if inside and line.strip():
            rows.append([kind(v) for v in line.rsplit(",", count)[1:]])
        elif line.lower().startswith("@attribute"):
            names.append(line.split()[1])
        inside = inside or line.lower().startswith("@data")
    columns = zip(*rows, strict=True)
    return dict(zip(names[-count:], map(list, columns), strict=True))


def _idx_labels(path: str) -> np.ndarray:
    return np.frombuffer(gzip.decompress((DATA / path).read_bytes())[8:], np.uint8)


def _kdd() -> Any:
    with gzip.open(DATA / "kddcup99/kddcup.data_10_percent.gz") as file:
        table = pyarrow.csv.read_csv(
            file,
            read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True),
            convert_options=pyarrow.csv.ConvertOptions(include_columns=["f41"]),
        )
    return table.column(0)


ADULT_INCOME = 14
TEXT = {"sep": "\t", "quoting": csv.QUOTE_NONE, "keep_default_na": False}
REAL: dict[str, tuple[Callable[[], Any], str, str | None, str]] = {
    "adult": (
        lambda: _csv("adult/adult.data", ADULT_INCOME, header=None),
        "Binary", None, ">50K",
    ),
    "california_housing": (
        lambda: _csv("california_housing/housing.csv", "median_house_value"),
        "Regression", None, "integers 14999..500001",
    ),
    "wine_quality red": (
        lambda: _csv("wine_quality/winequality-red.csv", "quality", sep=";"),
        "Ordinal", "Regression", "integers 3..8, 6 distinct",
    ),
    "wine_quality white": (
        lambda: _csv("wine_quality/winequality-white.csv", "quality", sep=";"),
        "Ordinal", "Regression", "integers 3..9, 7 distinct values without gaps",
    ),
    "letter": (
        lambda: _csv("letter/letter-recognition.data", 0, header=None),
        "Multiclass", "Ordinal", "26 words",
    ),
    "bike_sharing cnt": (
        lambda: _csv("bike_sharing/hour.csv", "cnt"),
        "Count", "Regression", "integers 1..977",
    ),
    "bike_sharing casual": (
        lambda: _csv("bike_sharing/hour.csv", "casual"),
        "Count", "Regression", "integers 0..367",
    ),
    "bike_sharing registered": (
        lambda: _csv("bike_sharing/hour.csv", "registered"),
        "Count", "Regression", "right tail",
    ),
    "bike_sharing both": (
        lambda: _frame("bike_sharing/hour.csv", ["casual", "registered"]),
        "Regression", None, "2 columns of numbers",
    ),
    "kddcup99": (_kdd, "Multiclass", "Ordinal", "text, 23 words"),
    "yeast": (
        lambda: _arff("yeast/yeast-train.arff", 14, int),
        "MultiLabel", None, "14 columns of 0 and 1",
    ),
    "emotions": (
        lambda: _arff("emotions/emotions-train.arff", 6, str),
        "MultiLabel", None, "6 columns of 0 and 1",
    ),
    "scene": (
        lambda: _arff("scene/scene-train.arff", 6, int),
        "MultiLabel", None, "1 to 3 ones in a row",
    ),
    "enb": (
        lambda: _arff("multitarget/enb.arff", 2, float),
        "Regression", None, "2 columns",
    ),
    "enb Y1": (
        lambda: _arff("multitarget/enb.arff", 2, float)["Y1"],
        "Regression", None, "numbers 6.01..43.1",
    ),
    "wq": (
        lambda: _arff("multitarget/wq.arff", 14, float),
        "Regression", None, "14 columns of numbers",
    ),
    "goemotions": (
        lambda: _csv(
            "goemotions/train.tsv", "labels", names=["text", "labels", "id"],
            dtype=str, **TEXT,
        ),
        "MultiLabel", "Multiclass", "28 labels parted by ','",
    ),
    "banking77": (
        lambda: _csv("banking77/train.csv", "category"),
        "Multiclass", "Ordinal", "text, 77",
    ),
    "ag_news_test": (
        lambda: _csv("ag_news_test/test.csv", 0, header=None),
        "Ordinal", "Multiclass", "integers 1..4, 4 distinct",
    ),
    "sms_spam": (
        lambda: _csv("sms_spam/SMSSpamCollection", "label", names=["label", "text"],
                     **TEXT),
        "Binary", None, "'ham' and 'spam'",
    ),
    "thucnews_titles": (
        lambda: _csv("thucnews_titles/test.txt", "label", names=["text", "label"],
                     **TEXT),
        "Ordinal", "Multiclass", "integers 0..9",
    ),
    "online_shopping_zh label": (
        lambda: _csv("online_shopping_zh/online_shopping_10_cats.zip", "label"),
        "Binary", None, "0 and 1",
    ),
    "online_shopping_zh cat": (
        lambda: _csv("online_shopping_zh/online_shopping_10_cats.zip", "cat"),
        "Multiclass", "Ordinal", "text, 10 words",
    ),
    "cifar10": (
        lambda: pd.read_parquet(DATA / "cifar10/labels.parquet")["label"],
        "Ordinal", "Multiclass", "equally frequent",
    ),
    "cifar10 names": (
        lambda: pd.read_parquet(DATA / "cifar10/labels.parquet")["class_name"],
        "Multiclass", "Ordinal", "text, 10",
    ),
    "fashion_mnist": (
        lambda: _idx_labels("fashion_mnist/t10k-labels-idx1-ubyte.gz"),
        "Ordinal", "Multiclass", "integers 0..9",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REAL)
def test_real_targets(case: str) -> None:
    load, task, second, words = REAL[case]
    if not (DATA / case.split()[0].replace("enb", "multitarget").replace(
            "wq", "multitarget")).exists():  # fmt: skip
        pytest.skip(f"the data set {case} is not at {DATA}")
    _check(infer_task(load()), task, second, words)


REAL_REFUSED = {
    "sms_spam": lambda: _csv(
        "sms_spam/SMSSpamCollection", "text", names=["label", "text"], **TEXT
    ),
    "thucnews_titles": lambda: _csv(
        "thucnews_titles/test.txt", "text", names=["text", "label"], **TEXT
    ),
    "banking77": lambda: _csv("banking77/train.csv", "text"),
    "bike_sharing": lambda: _csv("bike_sharing/hour.csv", "instant"),
    "goemotions": lambda: _csv(
        "goemotions/train.tsv", "id", names=["text", "labels", "id"], **TEXT
    ),
}


@pytest.mark.parametrize("case", REAL_REFUSED)
def test_real_text_and_identifiers_are_refused(case: str) -> None:
    if not (DATA / case).exists():
        pytest.skip(f"the data set {case} is not at {DATA}")
    with pytest.raises(TargetError, match="identifier"):
        infer_task(REAL_REFUSED[case]())
