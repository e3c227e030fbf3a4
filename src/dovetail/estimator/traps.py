"""What to warn of before training: leaks, and rows that stand on both sides."""

import pyarrow as pa

from dovetail._phrases import Phrase
from dovetail.data import Leak, find_leaks, repeated_rows

REPEATS_WORTH_SAYING = 0.01  # of all rows


_REPEATED = Phrase(
    "{n:,} of {total:,} rows repeat an earlier row exactly; copies may lie on both "
    "sides of the split and flatter the score.",
    "{total:,} 行中有 {n:,} 行与前面某行完全相同；副本可能落在划分的两侧，使得分虚高。",
)
_LEAK = Phrase(
    "Leak: {message} in every row, so the model will only repeat it. Unless it is "
    "known at prediction time, leave it out: --drop {columns}",
    "泄漏：每一行中 {message}，模型只会照抄它。除非预测时已知，否则请去掉：--drop "
    "{columns}",
)


def warnings(table: pa.Table, target: list[str], columns: list[str]) -> tuple[str, ...]:
    """Columns, or sums of two, that determine the target."""
    return tuple(_leak(leak) for leak in find_leaks(table, target, columns))


def notes(table: pa.Table, target: list[str], columns: list[str]) -> tuple[str, ...]:
    """Rows that repeat an earlier one, where there are many."""
    repeats = repeated_rows(table, [*columns, *target])
    if repeats <= REPEATS_WORTH_SAYING * len(table):
        return ()
    return (_REPEATED(n=repeats, total=len(table)),)


def _leak(leak: Leak) -> str:
    columns = " ".join(leak.columns)
    return _LEAK(message=leak.message, columns=columns)
