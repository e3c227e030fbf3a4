"""What to warn of before training: leaks, and rows that stand on both sides."""

import pyarrow as pa

from dovetail.data import Leak, find_leaks, repeated_rows

REPEATS_WORTH_SAYING = 0.01  # of all rows


def warnings(table: pa.Table, target: list[str], columns: list[str]) -> tuple[str, ...]:
    """Columns, or sums of two, that determine the target."""
    return tuple(_leak(leak) for leak in find_leaks(table, target, columns))


def notes(table: pa.Table, target: list[str], columns: list[str]) -> tuple[str, ...]:
    """Rows that repeat an earlier one, where there are many."""
    repeats = repeated_rows(table, [*columns, *target])
    if repeats <= REPEATS_WORTH_SAYING * len(table):
        return ()
    return (
        f"{repeats:,} of {len(table):,} rows repeat an earlier row exactly; copies "
        "may lie on both sides of the split and flatter the score.",
    )


def _leak(leak: Leak) -> str:
    columns = " ".join(leak.columns)
    return (
        f"Leak: {leak.message} in every row, so the model will only repeat it. "
        f"Unless it is known at prediction time, leave it out: --drop {columns}"
    )
