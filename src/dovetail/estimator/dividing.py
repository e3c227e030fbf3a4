"""Which rows of the main data decide what, and in which order they are taken."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy import ndarray

from dovetail.data import FOLDS_BELOW, Plan, Rows, Schema, plan_rows, times_of
from dovetail.estimator.counted import order_of
from dovetail.estimator.given import Given, Part, column_of
from dovetail.estimator.options import Options
from dovetail.tasks import Task


def divide(
    given: Given, task: Task, said: Options, learn: Callable[..., Schema]
) -> tuple[Plan, ndarray, Schema]:
    """The folds, the order of all rows, and the schema that ``learn`` learns of them.

    The folds' rows are in that order, too. It follows from what stands in the rows
    (``order_of``), which only the kinds of their columns tell how to compare.
    """
    main = given.main
    order = np.arange(len(main))
    if not 2 <= len(main) < FOLDS_BELOW:
        row_plan = _row_plan(given, task, said, main)
    else:
        schema = learn()
        order = order_of(main, schema, task, given.group, given.time)
        found = _row_plan(given, task, said, main.take(order))
        folds = (
            Rows(order[f.train], order[f.tune], order[f.score]) for f in found.folds
        )
        row_plan = replace(found, folds=tuple(folds))
        if row_plan.refit:
            return row_plan, order, schema
    rows = order if row_plan.refit else row_plan.folds[0].train
    return row_plan, order, learn(rows=rows)


def _row_plan(given: Given, task: Task, said: Options, main: Part) -> Plan:
    """The folds of ``main``, the main data's rows in their order."""
    group = time = None
    if given.group is not None:
        group = _codes(column_of(main, given.group, "group"))
    if given.time is not None:
        time = times_of_rows(given, main)
    return plan_rows(
        len(main),
        strata=task.strata(task.encode(main.target)),
        group=group,
        time=time,
        seed=said.seed,
        folds=said.folds,
        valid=given.valid is not None,
        test=given.test is not None,
    )


def _codes(column: pa.ChunkedArray) -> ndarray:
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)


def times_of_rows(given: Given, main: Part) -> ndarray:
    """Whole numbers (n,) that rise with the time of the rows of ``main``."""
    column = column_of(main, str(given.time), "time")
    if pa.types.is_integer(column.type):
        return np.asarray(column.to_numpy(), np.int64)
    if pa.types.is_floating(column.type):
        # Ranks keep the order and are whole numbers.
        ranks = np.unique(column.to_numpy(), return_inverse=True)[1]
        return np.asarray(ranks, np.int64)
    return times_of(column, str(given.time), where=main.where, numbers=main.numbers)
