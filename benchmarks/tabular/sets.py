"""The tabular sets and the options that their READMEs imply, nothing else."""

from dataclasses import dataclass, field
from pathlib import Path

ADULT = [
    "age",
    "workclass",
    "fnlwgt",
    "education",
    "education_num",
    "marital_status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "capital_gain",
    "capital_loss",
    "hours_per_week",
    "native_country",
    "income",
]
LETTER = [
    "lettr",
    "x-box",
    "y-box",
    "width",
    "high",
    "onpix",
    "x-bar",
    "y-bar",
    "x2bar",
    "y2bar",
    "xybar",
    "x2ybr",
    "xy2br",
    "x-ege",
    "xegvy",
    "y-ege",
    "yegvx",
]
WINE = Path(__file__).parents[2] / "examples" / "data" / "wine_quality.csv"


@dataclass(frozen=True)
class Set:
    """One data set: file, target patterns, and options of ``dovetail.fit``."""

    file: str
    target: tuple[str, ...]
    options: dict = field(default_factory=dict)
    test: str | None = None

    def path(self, data: Path) -> Path:
        return Path(self.file) if Path(self.file).is_absolute() else data / self.file

    def command(self, data: Path) -> list[str]:
        """The words after ``dovetail fit``."""
        words = [str(self.path(data)), "--target", *self.target]
        if self.test:
            words += ["--test", str(data / self.test)]
        for name, value in self.options.items():
            joined = [",".join(value)] if name == "columns" else list(value)
            words += [f"--{name}", *joined]
        return words

    def keywords(self, data: Path) -> dict:
        """The arguments of ``dovetail.plan`` that mean the same."""
        test = {"test": data / self.test} if self.test else {}
        return {"target": list(self.target), **self.options, **test}


SETS = {
    "adult": Set("adult/adult.data", ("income",), {"columns": ADULT}),
    "california_housing": Set(
        "california_housing/housing.csv", ("median_house_value",)
    ),
    "wine_quality": Set(str(WINE), ("quality",)),
    "letter": Set("letter/letter-recognition.data", ("lettr",), {"columns": LETTER}),
    "bike_sharing": Set(
        "bike_sharing/hour.csv", ("cnt",), {"drop": ["instant", "casual", "registered"]}
    ),
    "kddcup99": Set("kddcup99/kddcup.data_10_percent.gz", ("41",)),
    "yeast": Set("yeast/yeast-train.arff", ("Class*",), test="yeast/yeast-test.arff"),
    "emotions": Set(
        "emotions/emotions-train.arff",
        ("amazed-suprised:angry-aggresive",),
        test="emotions/emotions-test.arff",
    ),
    "scene": Set(
        "scene/scene-train.arff", ("Beach:Urban",), test="scene/scene-test.arff"
    ),
    "multitarget_enb": Set("multitarget/enb.arff", ("Y1", "Y2")),
    "multitarget_wq": Set("multitarget/wq.arff", ("25400:37880",)),
}
