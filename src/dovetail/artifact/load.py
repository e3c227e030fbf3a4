"""The files of a model folder back to the model's parts."""

import json
from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, TypeVar

import safetensors.torch
import yaml
from safetensors import SafetensorError

from dovetail import _folder, tasks
from dovetail.artifact import chain
from dovetail.artifact import format as fmt
from dovetail.data.schema import Schema
from dovetail.errors import DovetailError, FolderError

T = TypeVar("T")


def load(folder: str | PathLike[str]) -> fmt.Parts:
    """Read and check a model folder.

    Raises:
        DataError: there is no such folder.
        FolderError: it is not a model folder, or a file in it was changed, is missing,
            unlisted or of a newer format.
    """
    return unpack(_folder.read_folder(folder))


def unpack(files: Mapping[str, bytes]) -> fmt.Parts:
    """What ``pack`` was given, with the same bits."""
    schema = _read(files, fmt.SCHEMA, _json)
    spoken = _read(files, fmt.SCHEMA, lambda _: list(schema["inputs"]))
    learnt = _read(files, fmt.PREPROCESS, lambda data: _json(data)["inputs"])
    inputs = _read(files, fmt.PREPROCESS, lambda _: _joined(spoken, learnt))
    whole = {**schema, "inputs": inputs}
    return fmt.Parts(
        task=_read(files, fmt.TASK, lambda data: tasks.from_json(_json(data))),
        schema=_read(files, fmt.SCHEMA, lambda _: Schema.from_json(whole)),
        target=_read(files, fmt.SCHEMA, lambda _: _names(schema["outputs"])),
        network_spec=_read(files, fmt.NETWORK, _json),
        weights=_read(files, fmt.WEIGHTS, safetensors.torch.load),
        config=_read(files, fmt.CONFIG, yaml.safe_load),
        document=_document(files),
        history=_read(files, fmt.HISTORY, _json_lines),
        examples=_read(files, fmt.EXAMPLES, _json),
        card=_read(files, fmt.CARD, bytes.decode),
        report=_read(files, fmt.REPORT, bytes.decode),
    )


def _document(files: Mapping[str, bytes]) -> Mapping[str, Any]:
    document: dict[str, Any] = _read(files, fmt.METRICS, _json)
    if fmt.EXPLAIN not in files:  # of an older version, or without a chain
        return document
    return _read(files, fmt.EXPLAIN, lambda data: chain.joined(document, _json(data)))


def _read(files: Mapping[str, bytes], name: str, parse: Callable[[bytes], T]) -> T:
    """``parse`` one file; whatever is wrong with it is told with the file's name."""
    if name not in files:
        raise FolderError(
            f"The model folder is refused: {name} is missing.",
            fix="restore the folder from a good copy, or fit again",
        )
    try:
        return parse(files[name])
    except (
        ArithmeticError,
        AttributeError,
        DovetailError,
        LookupError,
        RecursionError,
        SafetensorError,
        TypeError,
        ValueError,
        yaml.YAMLError,
    ) as error:
        raise FolderError(
            f"The model folder is refused: {name} does not hold what it should: "
            f"{str(error).splitlines()[0] if str(error) else type(error).__name__}",
            fix="restore the folder from a good copy, or fit again",
        ) from error


def _json(data: bytes) -> Any:
    document = json.loads(data)
    if not isinstance(document, dict):
        raise ValueError("a JSON object was needed")
    return document


def _json_lines(data: bytes) -> list[dict[str, Any]]:
    # Split at newlines only: a label may hold a character that Python calls a line end.
    return [_json(line) for line in data.split(b"\n") if line]


def _names(outputs: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(str(entry["name"]) for entry in outputs)


def _joined(
    spoken: list[dict[str, Any]], learnt: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The inputs as the schema wrote them, before ``pack`` took them apart."""
    return [{**entry, **learnt[entry["name"]]} for entry in spoken]
