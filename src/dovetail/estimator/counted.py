"""Which rows count, how often, and in which order they are looked at.

    weights               what is done
    of 0                  the row is left out
    whole, below 2,000    the row stands there so many times, and has no weight
    in all
    others                they stay: each loss is multiplied by its row's weight

Below 2,000 rows the order follows from what stands in them, not from where they stand.
So the same rows give the same model in any order, and a weight of 2 the same as the row
given twice, bit for bit.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy import ndarray

from dovetail._phrases import ROWS, Phrase
from dovetail.data import FOLDS_BELOW, Schema, sort_key
from dovetail.estimator.given import Given, Part
from dovetail.tasks import Task

_LEFT_OUT = Phrase("{rows} of weight 0 left out.", "权重为 0 的 {rows}未使用。")
_REPEATED = Phrase(
    "The weights are whole numbers: {rows} were taken as {taken}.",
    "权重都是整数：{rows}按 {taken} 行使用。",
)


def counted(given: Given) -> Given:
    """The rows as often as their weights say; what was done is told in the notes."""
    main = _counted(given.main)
    notes = list(given.notes)
    left_out = 0
    for part in given.parts:
        left_out += _zeros(part)
    if left_out:
        notes.append(_LEFT_OUT(rows=ROWS(left_out)))
    if given.main.weights is not None and main.weights is None:
        weighed = len(given.main) - _zeros(given.main)
        notes.append(_REPEATED(rows=ROWS(weighed), taken=f"{len(main):,}"))
    return replace(
        given,
        main=main,
        valid=None if given.valid is None else _counted(given.valid),
        test=None if given.test is None else _counted(given.test),
        weightless=left_out,
        notes=tuple(notes),
    )


def order_of(part: Part, schema: Schema, task: Task, *aside: str | None) -> ndarray:
    """The rows' order, int64 (n,): by their cells, column after column.

    The columns are those that the model uses, then the target, the weights and those
    ``aside`` (group and time). Rows that are equal in all of them are the same row.
    A large table keeps the order it has.
    """
    rows = np.arange(len(part))
    if len(part) >= FOLDS_BELOW:
        return rows
    place = np.zeros(len(part), np.int64)  # in the order by the columns so far
    for key in _keys(part, schema, task, aside):
        ranks = np.unique(key, return_inverse=True)[1].astype(np.int64)
        place = place * (int(ranks.max(initial=0)) + 1) + ranks
        found, place = np.unique(place, return_inverse=True)
        if len(found) == len(part):
            break
    return np.argsort(place, kind="stable").astype(np.int64)


def _keys(
    part: Part, schema: Schema, task: Task, aside: tuple[str | None, ...]
) -> Iterator[ndarray]:
    for column in schema.inputs:
        yield sort_key(part.table.column(column.name), column.kind)
    truth = task.truth(part.target).double().numpy()
    yield from truth.reshape(len(part), -1).T
    if part.weights is not None:
        yield part.weights.numpy()
    for name in aside:
        if name is not None:
            yield sort_key(part.table.column(name))


def _counted(part: Part) -> Part:
    if part.weights is None:
        return part
    weights = part.weights.numpy()
    if weights.sum() < FOLDS_BELOW and (weights % 1 == 0).all():
        times = weights.astype(np.int64)
        rows = np.repeat(np.arange(len(part)), times)
        return replace(part.take(rows), weights=None)
    return part.keep(weights > 0)


def _zeros(part: Part) -> int:
    return 0 if part.weights is None else int((part.weights == 0).sum())
