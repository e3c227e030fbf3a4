"""MultiLabel: each row has any number of L labels, none and all included.

    stage          takes                  gives
    codec          sets of labels         0/1, float (n, L); NaN = unknown cell
    head           features (n, d)        logits (n, L)
    loss           logits, multi-hot      one value per row (n,), mean over known labels
    inverse link   logits (n, L)          P(label) (n, L)                     sigmoid
    decision rule  P(label)               0/1 (n, L)                          threshold
    metrics        probs, decision        the first one picks the best epoch

Targets come as several 0/1 columns or an indicator matrix, as lists of labels, or as
delimited text ("red|blue"); decisions go back in the same form. Lists of 0, 1 and None,
all of one length, are an indicator matrix and go back as columns.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, final, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from dovetail import _arrow, decisions, links, losses, metrics
from dovetail._phrases import Said
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks._base import Task, Views
from dovetail.tasks._columns import in_order, named, target_table
from dovetail.tasks._labels import (
    distinct,
    flags,
    matrix,
    refuse_missing,
    to_index,
    yes_no,
)
from dovetail.tasks._unweigh import unweigh

SEPARATORS = ("|", ";", ",", "、", "；", "，", "/", " ")

Form = Literal["columns", "lists", "text"]


@final
@dataclass(frozen=True)
class MultiLabel(Task):
    """Decide for each of ``labels`` whether a row has it.

    ``words`` are the texts for absent and present where columns hold no 0/1.

    In text an empty cell is a row without labels, and so is a missing one: CSV has one
    and the same cell for both. Where labels may be unknown, write the target as 0/1
    columns (an unknown cell stays empty) or as lists (an unknown row is missing).

    >>> task = MultiLabel.from_targets(["red|blue", "blue", ""])
    >>> task.labels, task.encode(["blue|red", "red"]).tolist()
    (('blue', 'red'), [[1.0, 1.0], [0.0, 1.0]])
    """

    labels: tuple[Hashable, ...]
    form: Form = "columns"
    separator: str = "|"
    words: tuple[str, str] | None = None
    loss: losses.Loss = losses.MultiLabelCrossEntropy()
    decision: decisions.Decision = decisions.Threshold()
    bias: tuple[float, ...] | None = field(default=None, compare=False, repr=False)

    LOSSES = (losses.MultiLabelCrossEntropy,)
    DECISIONS = (decisions.Threshold, decisions.TopK)
    PROBLEM: ClassVar[str] = Said(
        "each row has any number of labels, none included",
        "每行可有任意多个标签，也可以没有",
    )
    LINK: ClassVar[str] = Said(
        "one sigmoid for each label gives P(label)",
        "每个标签各经一个 sigmoid 得到其概率",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.labels))
        if not self.labels:
            raise TargetError("MultiLabel needs at least one label.", fix="name some")
        if len(set(self.labels)) != len(self.labels):
            raise TargetError(
                f"Labels stand twice in {self.labels[:20]}.", fix="name each label once"
            )
        if self.form not in get_args(Form):
            raise TargetError(
                f"A MultiLabel target comes as {', '.join(get_args(Form))}, not as "
                f"{self.form!r}.",
                fix="choose one of these forms",
            )
        super().__post_init__()

    @classmethod
    def discover(cls, values: Any, *, separator: str | None = None) -> Self:
        """Labels from 0/1 columns, lists, or text with a separator (found if None)."""
        table = target_table(values)
        if table.num_columns > 1:
            return cls(tuple(table.column_names), words=yes_no(table))
        column = table.column(0)
        if pa.types.is_list(column.type):
            return cls(distinct(_flat(column)), form="lists")
        if not pa.types.is_string(column.type):
            return cls(tuple(table.column_names))
        if separator is None:
            separator = find_separator(column) or "|"
        labels = distinct(_flat(_split(column, separator)))
        return cls(labels, form="text", separator=separator)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(map(str, self.labels)) if self.form == "columns" else ()

    def known(self, values: Any) -> ndarray:
        table = self._table(values)
        if self.form == "columns":
            return np.asarray(~np.isnan(self._cells(table)).all(axis=1))
        if self.form == "text":
            return np.ones(table.num_rows, dtype=bool)  # an empty cell: no label
        return np.asarray(pc.is_valid(table.column(0)))

    def _table(self, values: Any) -> pa.Table:
        # Lists of zeros and ones may well be sets of the labels 0 and 1.
        return (target_table if self.form == "columns" else _arrow.columns)(values)

    def encode(self, values: Any) -> Float[Tensor, "n l"]:
        table = self._table(values)
        if self.form == "columns" or table.num_columns > 1:
            return self._encode_matrix(table)
        name, column = table.column_names[0], table.column(0)
        if not pa.types.is_list(column.type):
            column = _split(pc.fill_null(column, ""), self.separator)
        refuse_missing(name, column)
        lengths = pc.list_value_length(column).to_numpy()
        rows = np.repeat(np.arange(len(column)), lengths)
        found = to_index(name, _flat(column), self.labels, "label", rows)
        target = torch.zeros(len(column), len(self.labels))
        target[torch.from_numpy(rows), found] = 1.0
        return target

    def _encode_matrix(self, table: pa.Table) -> Float[Tensor, "n l"]:
        if table.num_columns != len(self.labels):
            raise TargetError(
                f"{table.num_columns} target columns were given, {named(table)}; the "
                f"task has {len(self.labels)} labels.",
                fix=f"give one 0/1 column for each of {self.labels[:10]}",
            )
        cells = self._cells(in_order(table, [str(label) for label in self.labels]))
        outside = (cells < 0) | (cells > 1)  # NaN, an unknown cell, is not outside
        if outside.any():
            row, label = np.argwhere(outside)[0]
            raise TargetError(
                f"Target column {str(self.labels[label])!r}, data row {row + 1}: "
                f"{cells[row, label]:g}; 0 or 1 was needed (or a share between them).",
                fix="correct the cell, or choose a task for numbers",
            )
        return torch.from_numpy(cells).float()

    def _cells(self, table: pa.Table) -> ndarray:
        worded = self.words and any(pa.types.is_string(c.type) for c in table.columns)
        return flags(table, self.words) if self.words and worded else matrix(table)

    def decode_table(self, decided: Tensor, name: str = "target") -> pa.Table:
        hot = decided.cpu().numpy().astype(np.int64)
        if self.form == "columns":
            cells = np.array(self.words)[hot] if self.words else hot
            return pa.table({c: cells[:, j] for j, c in enumerate(self.columns)})
        labels = np.asarray(list(self.labels), dtype=object)
        sets = [labels[row].tolist() for row in hot.astype(bool)]
        if self.form == "lists":
            return pa.table({name: pa.array(sets)})
        joined = [self.separator.join(map(str, labels)) for labels in sets]
        return pa.table({name: pa.array(joined, pa.string())})

    def strata(self, target: Tensor) -> ndarray:
        """Rows by their rarest label, so that rare labels reach every part."""
        hot = target.nan_to_num().cpu().numpy() > 0.5
        rarest_first = np.argsort(hot.sum(axis=0), kind="stable")
        return np.where(hot.any(axis=1), hot[:, rarest_first].argmax(axis=1) + 1, 0)

    @property
    def head_size(self) -> int:
        return len(self.labels)

    def inverse_link(self, raw: Tensor) -> Float[Tensor, "n l"]:
        return unweigh(links.precise(raw), self.loss).sigmoid()

    @property
    def metrics(self) -> tuple[metrics.Metric, ...]:
        return (
            metrics.LogLoss(),
            metrics.Hamming(),
            metrics.SubsetAccuracy(),
            metrics.MicroF1(),
            metrics.MacroF1(classes=len(self.labels)),
            metrics.SampleF1(),
            metrics.MicroPrecision(),
            metrics.MicroRecall(),
            metrics.AveragePrecision(),
            metrics.RankingLoss(),
        )

    def views(self, raw: Tensor, target: Tensor) -> Views:
        truth = target.float()
        # A soft cell counts as the label for metrics of decisions; NaN stays unknown.
        hard = torch.where(truth.isnan(), truth, (truth > 0.5).float())
        return {
            "probs": (self.inverse_link(raw), truth),
            "decision": (self.decide(raw), hard),
        }

    def proba_table(self, raw: Tensor, name: str = "target") -> pa.Table:
        return self._named(self.inverse_link(raw), self.labels, name)

    def _check_loss(self, loss: losses.Loss) -> None:
        weight = getattr(loss, "pos_weight", None)
        if isinstance(weight, Sequence) and len(weight) not in (1, len(self.labels)):
            raise ConfigError(
                f"The loss has {len(weight)} positive weights, the target "
                f"{len(self.labels)} labels.",
                fix="give one number, or one for each label",
            )


def find_separator(column: pa.ChunkedArray) -> str | None:
    """The separator of delimited labels: its parts repeat across rows; else None.

    Of the separators whose parts repeat (each part in two rows on average), the one
    with the fewest distinct parts wins.

    >>> find_separator(pa.chunked_array([["red|blue", "blue", "red|green", "green"]]))
    '|'
    """
    found: dict[str, int] = {}
    for separator in SEPARATORS:
        if not pc.any(pc.match_substring(column, separator)).as_py():
            continue
        parts = _flat(_split(column, separator))
        kinds = len(distinct(parts))
        if 2 * kinds <= len(parts):
            found[separator] = kinds
    return min(found, key=found.__getitem__) if found else None


def _split(column: pa.ChunkedArray, separator: str) -> pa.ChunkedArray:
    """Text cells to lists of parts, spaces around parts and empty parts removed."""
    text = pc.utf8_trim_whitespace(column)
    lists = pc.split_pattern(text, separator).combine_chunks()
    if isinstance(lists, pa.ChunkedArray):
        lists = lists.combine_chunks()
    parts = pc.utf8_trim_whitespace(lists.flatten())
    keep = pc.not_equal(parts, "").to_numpy(zero_copy_only=False)
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    owner = np.repeat(np.arange(len(lists)), lengths)[keep]
    ends = np.searchsorted(owner, np.arange(len(lists) + 1))
    kept = pa.ListArray.from_arrays(
        pa.array(ends, pa.int32()), parts.filter(pa.array(keep))
    )
    valid = pc.is_valid(lists)
    return pa.chunked_array([pc.if_else(valid, kept, pa.scalar(None, kept.type))])


def _flat(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    parts = pc.list_flatten(lists)
    return parts if isinstance(parts, pa.ChunkedArray) else pa.chunked_array([parts])
