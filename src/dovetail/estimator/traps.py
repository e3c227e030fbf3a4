"""What to warn of before training: leaks, and rows that stand on both sides."""

import pyarrow as pa
import pyarrow.compute as pc

from dovetail._phrases import Phrase
from dovetail.data import Leak, find_leaks, repeated_rows
from dovetail.data.leaks import MOST_PAIRED

LABELS_COMPARED = 10_000
REPEATS_WORTH_SAYING = 0.01  # of all rows


_REPEATED = Phrase(
    "{n:,} of {total:,} rows repeat an earlier row exactly; copies may lie on both "
    "sides of the split and flatter the score.",
    "{total:,} 行中有 {n:,} 行与前面某行完全相同；副本可能落在划分的两侧，使得分虚高。",
)
_ALIKE = Phrase(
    "Labels {known!r} and {label!r} of {name!r} differ in case or blanks only, and "
    "count as two; write them alike if they mean the same.",
    "{name!r} 的标签 {known!r} 与 {label!r} 仅大小写或空白不同，现按两个标签计；若含"
    "义相同，请统一写法。",
)
_NOT_PAIRED = Phrase(
    "Sums of two columns were not compared with the target, as there are more than "
    "{most:,} columns.",
    "列数超过 {most:,}，因此没有把两列之和与目标比较。",
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
    """Rows that repeat an earlier one, where there are many; labels that look alike."""
    alike = tuple(note for name in target for note in _alike(name, table.column(name)))
    if len(columns) > MOST_PAIRED:
        alike = (*alike, _NOT_PAIRED(most=MOST_PAIRED))
    repeats = repeated_rows(table, [*columns, *target])
    if repeats <= REPEATS_WORTH_SAYING * len(table):
        return alike
    return (*alike, _REPEATED(n=repeats, total=len(table)))


def _alike(name: str, column: pa.ChunkedArray) -> tuple[str, ...]:
    """Labels that nobody would tell apart by ear."""
    if not pa.types.is_string(column.type):
        return ()
    labels = pc.unique(column).drop_null().to_pylist()
    first: dict[str, str] = {}
    for label in labels if len(labels) <= LABELS_COMPARED else ():
        known = first.setdefault(" ".join(label.split()).casefold(), label)
        if known != label:
            return (_ALIKE(known=known, label=label, name=name),)
    return ()


def _leak(leak: Leak) -> str:
    columns = " ".join(leak.columns)
    return _LEAK(message=leak.message, columns=columns)
