"""What to warn of before training: leaks, and rows that stand on both sides."""

import pyarrow as pa
import pyarrow.compute as pc

from dovetail.data import Leak, find_leaks, repeated_rows
from dovetail.data.leaks import MOST_PAIRED

LABELS_COMPARED = 10_000
REPEATS_WORTH_SAYING = 0.01  # of all rows


def warnings(table: pa.Table, target: list[str], columns: list[str]) -> tuple[str, ...]:
    """Columns, or sums of two, that determine the target."""
    return tuple(_leak(leak) for leak in find_leaks(table, target, columns))


def notes(table: pa.Table, target: list[str], columns: list[str]) -> tuple[str, ...]:
    """Rows that repeat an earlier one, where there are many; labels that look alike."""
    alike = tuple(note for name in target for note in _alike(name, table.column(name)))
    if len(columns) > MOST_PAIRED:
        alike = (
            *alike,
            f"Sums of two columns were not compared with the target, as there are more "
            f"than {MOST_PAIRED:,} columns.",
        )
    repeats = repeated_rows(table, [*columns, *target])
    if repeats <= REPEATS_WORTH_SAYING * len(table):
        return alike
    return (
        *alike,
        f"{repeats:,} of {len(table):,} rows repeat an earlier row exactly; copies "
        "may lie on both sides of the split and flatter the score.",
    )


def _alike(name: str, column: pa.ChunkedArray) -> tuple[str, ...]:
    """Labels that nobody would tell apart by ear."""
    if not pa.types.is_string(column.type):
        return ()
    labels = pc.unique(column).drop_null().to_pylist()
    first: dict[str, str] = {}
    for label in labels if len(labels) <= LABELS_COMPARED else ():
        known = first.setdefault(" ".join(label.split()).casefold(), label)
        if known != label:
            return (
                f"Labels {known!r} and {label!r} of {name!r} differ in case or blanks "
                "only, and count as two; write them alike if they mean the same.",
            )
    return ()


def _leak(leak: Leak) -> str:
    columns = " ".join(leak.columns)
    return (
        f"Leak: {leak.message} in every row, so the model will only repeat it. "
        f"Unless it is known at prediction time, leave it out: --drop {columns}"
    )
