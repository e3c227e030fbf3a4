"""A model's parts to the files of its folder."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor

from dovetail import _folder
from dovetail.artifact import chain
from dovetail.artifact import format as fmt
from dovetail.artifact.outputs import outputs


def pack(parts: fmt.Parts) -> dict[str, bytes]:
    """The hashed files of the folder: a function of ``parts`` alone, byte for byte."""
    schema, preprocess = _split_schema(parts)
    told = chain.translated(parts.document)
    return {
        fmt.SCHEMA: fmt.to_json(schema),
        fmt.PREPROCESS: fmt.to_json(preprocess),
        fmt.TASK: fmt.to_json(parts.task.to_json()),
        fmt.NETWORK: fmt.to_json(parts.network_spec),
        fmt.WEIGHTS: _weights(parts.weights),
        fmt.CONFIG: fmt.to_yaml(parts.config),
        fmt.METRICS: fmt.to_json(parts.document, lossless=False),
        **({} if told is None else {fmt.EXPLAIN: fmt.to_json(told)}),
        fmt.HISTORY: fmt.to_json_lines(parts.history),
        fmt.EXAMPLES: fmt.to_json(parts.examples, lossless=False),
        fmt.CARD: parts.card.encode(),
        fmt.REPORT: parts.report.encode(),
    }


def save(
    folder: str | PathLike[str],
    parts: fmt.Parts,
    run: Mapping[str, Any] | None = None,
    *,
    force: bool = False,
) -> Path:
    """Write the model folder; ``run`` is the content of ``run.json``.

    Raises:
        UsageError: the folder exists and ``force`` is not given, or is not ours.
        ResourceError: it cannot be written; nothing is left behind.
    """
    unhashed = {} if run is None else {fmt.RUN: fmt.to_json(run, lossless=False)}
    return _folder.write_folder(folder, pack(parts), unhashed, force=force)


def _split_schema(parts: fmt.Parts) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the schema says to a reader, and the numbers behind it."""
    document = parts.schema.to_json()
    spoken, learnt = [], {}
    for entry in document["inputs"]:
        spoken.append({k: v for k, v in entry.items() if k in fmt.SPOKEN})
        learnt[entry["name"]] = {k: v for k, v in entry.items() if k not in fmt.SPOKEN}
    schema = {
        **document,
        "inputs": spoken,
        "outputs": outputs(parts.task, parts.target),
    }
    return schema, {"inputs": learnt}


def _weights(weights: Mapping[str, Tensor]) -> bytes:
    # Tied weights share storage, which the format cannot say; each name gets its own
    # copy, and loading a state dict fills the shared tensor twice with equal numbers.
    own = {
        name: weights[name].detach().to("cpu", copy=True).contiguous()
        for name in sorted(weights)
    }
    return safetensors.torch.save(own)
