"""What a plan notes of what it sets aside, and of a reading that is hardly sure."""

from dovetail._phrases import Phrase, joined
from dovetail.data import Schema
from dovetail.tasks import Reading

SURE = 0.6  # a reading of less confidence is told with its alternative

_NO_TARGET = Phrase(
    "{n:,} rows without a target were set aside.", "{n:,} 行没有目标，已搁置。"
)
_ASIDE = Phrase("{name} ({why})", "{name}（{why}）")
_SET_ASIDE = Phrase("Columns set aside: {columns}.", "搁置的列：{columns}。")
_MORE_SET_ASIDE = Phrase(
    "Columns set aside: {columns} and {n} more.", "搁置的列：{columns}，另有 {n} 列。"
)
_UNSURE = Phrase(
    "The target could as well be {second}: {reason}; task={lower!r} (--task {lower}) "
    "chooses it.",
    "目标也可以读作 {second}：{reason}；用 task={lower!r}（--task {lower}）选择。",
)


def rows(missing: int) -> tuple[str, ...]:
    """Rows without a target, where there are any."""
    return (_NO_TARGET(n=missing),) if missing else ()


def columns(schema: Schema, dropped: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that are not used, but for those dropped as asked."""
    aside = [_ASIDE(name=n, why=why) for n, why in schema.set_aside if n not in dropped]
    if not aside:
        return ()
    first = joined(aside[:5], "; ", "；")
    if len(aside) > 5:
        return (_MORE_SET_ASIDE(columns=first, n=len(aside) - 5),)
    return (_SET_ASIDE(columns=first),)


def unsure(reading: Reading | None) -> tuple[str, ...]:
    """A reading that is little more than a guess is said, wherever it is asked from."""
    if reading is None or reading.confidence >= SURE or reading.runner_up is None:
        return ()
    second = type(reading.runner_up).__name__
    said = _UNSURE(second=second, reason=reading.reason, lower=second.lower())
    return (said,)
