"""The six sets that all are judged on; no default was chosen on them.

Each is a frame of input columns, the targets, and what is scored: log loss where
classes are told apart, RMSE in the target's own unit where numbers are predicted.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from benchmarks.tabular.sets import ADULT, LETTER, WINE

NAMES = (
    "adult", "california_housing", "letter", "wine_quality", "bike_sharing", "kddcup99",
)  # fmt: skip
# Judged by RMSE, which wants the mean; wine's integers would be read as ordered grades.
PLAIN = ("california_housing", "wine_quality")


@dataclass(frozen=True)
class Judged:
    """A table cut in 75 % to learn from and 25 % to be judged on."""

    train: pd.DataFrame
    y_train: np.ndarray
    test: pd.DataFrame
    y_test: np.ndarray
    classes: np.ndarray | None  # None: numbers
    task: str | None  # what the numbers are, where that is not to be inferred

    @property
    def words(self) -> list[str]:
        """Columns that hold no numbers."""
        kinds = self.train.dtypes.items()
        return [name for name, kind in kinds if not pd.api.types.is_numeric_dtype(kind)]


def load(name: str, data: Path, seed: int) -> Judged:
    """The set ``name``, cut by ``seed``; classes keep their shares in both parts."""
    frame, target = _READ[name](data)
    y = frame.pop(target).to_numpy()
    classes = None if np.issubdtype(y.dtype, np.number) else np.unique(y)
    if classes is None:
        y = y.astype(float)
        strata = None
    else:
        counts = pd.Series(y).map(pd.Series(y).value_counts())
        strata = np.where(counts >= 4, y, "rare")
    rows = np.arange(len(frame))
    learn, judge = train_test_split(
        rows, test_size=0.25, random_state=seed, stratify=strata
    )
    return Judged(
        frame.iloc[learn].reset_index(drop=True), y[learn],
        frame.iloc[judge].reset_index(drop=True), y[judge],
        classes,
        "regression" if name in PLAIN else None,
    )  # fmt: skip


def _adult(data: Path) -> tuple[pd.DataFrame, str]:
    how = {"names": ADULT, "skipinitialspace": True, "na_values": "?"}
    one = pd.read_csv(data / "adult" / "adult.data", **how)
    two = pd.read_csv(data / "adult" / "adult.test", comment="|", **how)
    both = pd.concat([one, two], ignore_index=True).dropna(subset=["income"])
    both["income"] = both["income"].str.rstrip(".")
    return both, "income"


def _california(data: Path) -> tuple[pd.DataFrame, str]:
    return pd.read_csv(data / "california_housing" / "housing.csv"), (
        "median_house_value"
    )


def _letter(data: Path) -> tuple[pd.DataFrame, str]:
    file = data / "letter" / "letter-recognition.data"
    return pd.read_csv(file, names=LETTER), "lettr"


def _wine(data: Path) -> tuple[pd.DataFrame, str]:
    return pd.read_csv(WINE), "quality"


def _bike(data: Path) -> tuple[pd.DataFrame, str]:
    frame = pd.read_csv(data / "bike_sharing" / "hour.csv")
    # The date is told by season, year, month and weekday; the rest are parts of cnt.
    return frame.drop(columns=["instant", "dteday", "casual", "registered"]), "cnt"


def _kddcup(data: Path) -> tuple[pd.DataFrame, str]:
    file = data / "kddcup99" / "kddcup.data_10_percent.gz"
    frame = pd.read_csv(file, header=None).sample(50_000, random_state=0)
    frame.columns = [f"c{i}" for i in range(frame.shape[1])]
    return frame.reset_index(drop=True), "c41"


_READ = {
    "adult": _adult,
    "california_housing": _california,
    "letter": _letter,
    "wine_quality": _wine,
    "bike_sharing": _bike,
    "kddcup99": _kddcup,
}
