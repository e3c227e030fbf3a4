"""Files to tensors: read, divide, look for leaks, learn a schema, transform.

    read_table       a file of any format          table, notes, rows left out
    select_columns   names, globs, ranges          column names
    plan_rows        number of rows, strata        which rows train, tune and score
    find_leaks       table, target                 columns that determine the target
    times_of         dates, times, ISO text        microseconds, to order rows by
    Schema           table, training rows          features: numbers and categories

Tables are pyarrow's; no stage knows what the target means.
"""

from dovetail.data.dates import times_of
from dovetail.data.kinds import Kind, infer_kind
from dovetail.data.leaks import Leak, find_leaks
from dovetail.data.reading import Read, read_table, write_csv
from dovetail.data.repeats import repeated_rows
from dovetail.data.schema import Features, Schema
from dovetail.data.sorting import sort_key
from dovetail.data.split import FOLDS_BELOW, Plan, Rows, plan_rows
from dovetail.data.targets import select_columns

__all__ = [
    "FOLDS_BELOW",
    "Features",
    "Kind",
    "Leak",
    "Plan",
    "Read",
    "Rows",
    "Schema",
    "find_leaks",
    "infer_kind",
    "plan_rows",
    "read_table",
    "repeated_rows",
    "select_columns",
    "sort_key",
    "times_of",
    "write_csv",
]
