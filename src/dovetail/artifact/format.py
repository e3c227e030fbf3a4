"""What a model folder holds, and how plain values become bytes.

    file                  holds
    schema.json           inputs (names, kinds, categories, ranges), set-aside columns,
                          outputs (target columns, kinds, labels)
    preprocess.json       the other numbers learnt for each input (centers, scales)
    task.json             the task with loss, decision and what it learnt
    network.json          how the network is built
    weights.safetensors   its weights
    config.yaml           every resolved choice
    metrics.json          the document of the fit: rows, scores, figures, notes
    explain.json          the chain in words in other languages than English
    history.jsonl         one line an epoch
    examples.json         rows and the answers expected for them
    README.md             the model card
    report.html           the report
    run.json              times, host, versions: the one file outside the hashes

Equal parts give equal bytes: keys stand in one order, floats in the shortest form that
reads back as the same bits, and nothing depends on time or place.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from os import PathLike, fspath
from typing import Any, final

import numpy as np
import yaml
from torch import Tensor

from dovetail.data.schema import Schema
from dovetail.tasks import Task

SCHEMA = "schema.json"
PREPROCESS = "preprocess.json"
TASK = "task.json"
NETWORK = "network.json"
WEIGHTS = "weights.safetensors"
CONFIG = "config.yaml"
METRICS = "metrics.json"
EXPLAIN = "explain.json"
HISTORY = "history.jsonl"
EXAMPLES = "examples.json"
CARD = "README.md"
REPORT = "report.html"
RUN = "run.json"

# What of an input the reader of schema.json is told; the rest is preprocessing.
SPOKEN = (
    "name",
    "kind",
    "required",
    "reason",
    "may_be_missing",
    "low",
    "high",
    "labels",
    "numeric",
)


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """Everything a model folder holds but ``run.json``."""

    task: Task
    schema: Schema
    target: tuple[str, ...]  # the target columns by name
    network_spec: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    config: Mapping[str, Any]
    document: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]
    examples: Mapping[str, Any]  # {"rows": [...], "answers": [...]}
    card: str
    report: str


def plain(value: Any, *, lossless: bool = True) -> Any:
    """``value`` as dicts, lists, strings, numbers, booleans and None.

    JSON has no NaN and no infinity. Measurements (``lossless=False``) write them as
    null: a score that does not exist. In what a model is made of they are refused.

    >>> plain({"lr": np.float64(0.1), "taus": (0.1, 0.9)})
    {'lr': 0.1, 'taus': [0.1, 0.9]}
    >>> plain([0.5, float("nan")], lossless=False)
    [0.5, None]
    """
    if value is None or isinstance(value, bool | str | int):
        return value
    if isinstance(value, np.generic):
        return plain(value.item(), lossless=lossless)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        if lossless:
            raise ValueError(f"{value} cannot be part of a model")
        return None
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"keys must be strings, got {list(value)[:5]}")
        return {k: plain(v, lossless=lossless) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist(), lossless=lossless)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [plain(v, lossless=lossless) for v in value]
    if isinstance(value, date | time | Decimal):
        return str(value)  # labels: tasks compare them by this spelling
    if isinstance(value, PathLike):
        return fspath(value)
    raise TypeError(f"a {type(value).__name__} cannot stand in a model folder")


def to_json(document: Any, *, lossless: bool = True) -> bytes:
    """Indented JSON in UTF-8, keys in the order given.

    >>> to_json({"名": [1.0, 1e-5]}).decode()
    '{\\n  "名": [\\n    1.0,\\n    1e-05\\n  ]\\n}\\n'
    """
    tidy = plain(document, lossless=lossless)
    text = json.dumps(tidy, ensure_ascii=False, indent=2, allow_nan=False)
    return (text + "\n").encode()


def to_json_lines(documents: Sequence[Mapping[str, Any]]) -> bytes:
    """One line of JSON for each document."""
    lines = [
        json.dumps(plain(d, lossless=False), ensure_ascii=False, allow_nan=False)
        for d in documents
    ]
    return "".join(line + "\n" for line in lines).encode()


def to_yaml(document: Mapping[str, Any]) -> bytes:
    """Sorted block YAML without tags."""
    text = yaml.dump(
        plain(document),
        Dumper=_Dumper,
        sort_keys=True,
        allow_unicode=True,
        default_flow_style=False,
    )
    return text.encode()


class _Dumper(yaml.SafeDumper):
    """The safe dumper, but for text with rare line ends, which it would fold away."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    rare = any(end in text for end in ("\x85", "\u2028", "\u2029"))
    style = '"' if rare else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted)
