"""Models that are damaged, and data that does not fit what they were trained on."""

import json
from pathlib import Path

from tests.mistakes.files import HOUSES, a_folder, houses
from tests.mistakes.row import Make, Mistake


def damaged(name: str, data: bytes | None = None) -> dict[str, Make]:
    """A step behind the model: a file of it is changed (``None``: removed)."""

    def change(path: Path) -> None:
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)

    return {f"model/{name}": change}


def newer(path: Path) -> None:
    document = json.loads(path.read_text())
    document["format_version"] = 99
    path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")


def a_model(path: Path) -> None:
    """The row needs the model, though its line does not name it."""


PREDICT = "predict model d.csv"

MODELS = [
    Mistake(
        "the model folder is misspelt",
        "predict modle houses.csv",
        3,
        ("There is no model folder modle. Did you mean 'model'?",),
        "give the folder that `dovetail fit` wrote",
        {"model/": a_model},
    ),
    Mistake(
        "data and model are in the wrong order",
        "predict houses.csv model",
        6,
        ("houses.csv is not a folder; a model folder was needed.",),
        "give the folder that `dovetail fit` wrote",
    ),
    Mistake(
        "any folder is given for a model",
        "predict photos houses.csv",
        6,
        ("photos is not a dovetail model folder: it has no manifest.json.",),
        "give the folder that `dovetail fit` wrote",
        {"photos": a_folder},
    ),
    Mistake(
        "the model's weights were changed",
        "predict model houses.csv",
        6,
        ("Model folder model is refused: weights.safetensors has 100 bytes",),
        "restore the folder from a good copy",
        damaged("weights.safetensors", b"\0" * 100),
    ),
    Mistake(
        "a file of the model is missing",
        "predict model houses.csv",
        6,
        ("Model folder model is refused: task.json is missing.",),
        "restore the folder from a good copy",
        damaged("task.json"),
    ),
    Mistake(
        "a file was put into the model's folder",
        "predict model houses.csv",
        6,
        ("Model folder model is refused: notes.txt is not listed in the manifest.",),
        "keep notes elsewhere",
        {"model/notes.txt": "accuracy looks fine"},
    ),
    Mistake(
        "the model was made by a newer version",
        "predict model houses.csv",
        6,
        ("model/manifest.json: the model has format 99; this dovetail reads formats",),
        "use a newer dovetail",
        {"model/manifest.json": newer},
    ),
    Mistake(
        "a column is missing when predicting",
        PREDICT,
        3,
        ("d.csv: 1 column is missing: 'city'",),
        "name the columns as in the training data",
        {"d.csv": houses(without=["city"])},
    ),
    Mistake(
        "a column is named otherwise when predicting",
        PREDICT,
        3,
        ("d.csv: 1 column is missing: 'city' (the table has 'citty')",),
        "name the columns as in the training data",
        {"d.csv": houses().replace("city", "citty", 1)},
    ),
    Mistake(
        "a column too many when predicting",
        PREDICT,
        0,
        ("sold",),
        files={"d.csv": houses(garden=HOUSES["area"])},
    ),
    Mistake(
        "words stand where numbers were",
        PREDICT,
        3,
        ("d.csv: column 'rooms', data row 3: 'many' is not a number.",),
        "correct the cell",
        {"d.csv": houses({"rooms": {2: "many"}})},
    ),
    Mistake(
        "an infinite number when predicting",
        PREDICT,
        3,
        ("d.csv: column 'area', data row 3: -inf is not finite.",),
        "replace infinite cells",
        {"d.csv": houses({"area": {2: "-inf"}})},
    ),
    Mistake(
        "a category that was never seen",
        PREDICT,
        0,
        ("sold",),
        files={"d.csv": houses({"city": {2: "Breda"}})},
    ),
    Mistake(
        "a date that cannot be read when predicting",
        PREDICT,
        3,
        ("d.csv: column 'built', data row 3: '15 May 1960' is not a date or time",),
        "correct the cell",
        {"d.csv": houses({"built": {2: "15 May 1960"}})},
    ),
    Mistake(
        "evaluate without the target",
        "evaluate model d.csv",
        3,
        ("Target column 'sold' is not in d.csv.",),
        "predict does without",
        {"d.csv": houses(without=["sold"])},
    ),
    Mistake(
        "evaluate on a label that was never seen",
        "evaluate model d.csv",
        3,
        ("Target column 'sold': 1 class label(s) not seen in training: 'maybe'",),
        "correct these labels",
        {"d.csv": houses({"sold": {2: "maybe"}})},
    ),
    Mistake(
        "evaluate where all targets are missing",
        "evaluate model d.csv",
        3,
        ("Every target in d.csv is missing.",),
        "predict does without",
        {"d.csv": houses(sold=lambda i: "")},
    ),
    Mistake(
        "the data to predict is empty",
        PREDICT,
        3,
        ("d.csv is empty.",),
        "give a file with a header and rows",
        {"d.csv": ""},
    ),
    Mistake(
        "as JSON, too, a mistake is one message",
        "predict model d.csv --json",
        3,
        ("d.csv: 1 column is missing: 'city'",),
        "name the columns as in the training data",
        {"d.csv": houses(without=["city"])},
    ),
    Mistake(
        "a report of what is no model",
        "report houses.csv",
        6,
        ("houses.csv is not a folder; a model folder was needed.",),
        "give the folder that `dovetail fit` wrote",
    ),
]
