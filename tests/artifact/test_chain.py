"""The chain of a model folder: English in metrics.json, Chinese in explain.json."""

import json
from dataclasses import replace

import pytest

from dovetail import artifact
from dovetail._phrases import Said
from dovetail.errors import FolderError
from tests.artifact.test_round_trip import parts_of

CHAIN = [[Said("Task", "任务"), Said("Binary.", "二分类。")]]


def packed() -> dict[str, bytes]:
    parts = parts_of("Binary")
    return artifact.pack(replace(parts, document={**parts.document, "chain": CHAIN}))


def test_both_languages_come_back_and_the_json_is_english() -> None:
    files = packed()
    assert json.loads(files["metrics.json"])["chain"] == [["Task", "Binary."]]
    assert json.loads(files["explain.json"]) == {"zh": [["任务", "二分类。"]]}
    (pair,) = artifact.unpack(files).document["chain"]
    assert [(text, text.zh) for text in pair] == [
        ("Task", "任务"),
        ("Binary.", "二分类。"),
    ]
    assert artifact.pack(artifact.unpack(files)) == files


def test_a_folder_of_an_older_version_is_read_in_english() -> None:
    files = packed()
    del files["explain.json"]
    document = artifact.unpack(files).document
    assert document["chain"] == [["Task", "Binary."]]
    assert "explain.json" not in artifact.pack(artifact.unpack(files))


@pytest.mark.parametrize(
    "other",
    [{"zh": []}, {"zh": [["任务"]]}, {"fr": []}, {"zh": [["任务", "一。"]] * 2}],
)
def test_two_files_that_tell_different_chains_are_refused(other: object) -> None:
    files = {**packed(), "explain.json": json.dumps(other).encode()}
    with pytest.raises(FolderError, match=r"explain\.json does not hold"):
        artifact.unpack(files)
