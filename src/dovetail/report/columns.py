"""What was done with each column: kind, why, how it is encoded, what is in it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dovetail._phrases import Noun, Phrase, Said, joined, listed, stopped
from dovetail.report._text import cut, number, percent

MOST = 40  # columns told one by one
TOP = 3  # categories told of each
LONGEST = 24  # columns of a category's name

# How the columns of each kind become features; one column's numbers stand in describe.
_ENCODED = {
    "number": Said(
        "scaled by median and quartiles, outliers drawn in smoothly",
        "按中位数与四分位数缩放，离群值平滑压缩",
    ),
    "boolean": Said("-1 for no, 1 for yes, 0 for missing", "否为 -1，是为 1，缺失为 0"),
    "category": Said(
        "an embedding for each value, for missing, and for rare or new ones",
        "每个取值、缺失、罕见或新出现的取值各有一个嵌入向量",
    ),
    "datetime": Said(
        "a line through time, and the seasons that vary", "一条时间轴，加上有变化的周期"
    ),
}
_USED = Said("used", "使用")
_NOUNS = {
    "number": Noun("number", "numbers", "列数值"),
    "category": Noun("category", "categories", "列类别"),
    "boolean": Noun("yes/no column", "yes/no columns", "列是/否"),
    "datetime": Noun("date or time", "dates or times", "列日期或时间"),
}
_KINDS = {
    "number": Said("number", "数值"),
    "category": Said("category", "类别"),
    "boolean": Said("yes/no", "是/否"),
    "datetime": Said("date or time", "日期或时间"),
}
_GROUP = Phrase("{count} ({names}): {encoded}.", "{count}（{names}）：{encoded}。")
_ASIDE = Phrase("{name} ({why})", "{name}（{why}）")

_COLUMN = Phrase(
    "{name}: {kind} ({why}); {facts}; becomes {encoding}.",
    "{name}：{kind}（{why}）；{facts}；编码为：{encoding}。",
)
_PLAIN = Phrase(
    "{name}: {kind} ({why}); becomes {encoding}.",
    "{name}：{kind}（{why}）；编码为：{encoding}。",
)
_MORE = Phrase("and {n:,} more columns.", "另有 {n:,} 列。")
_COMPLETE = Said("no cell missing", "无缺失")
_MISSING = Phrase("{share} missing", "缺失 {share}")
_MEDIAN = Phrase(
    "median {median}, half of it from {first} to {third}",
    "中位数 {median}，一半落在 {first} 到 {third}",
)
_TOP = Phrase("most frequent {values}", "最常见 {values}")
_VALUE = Phrase("{value} ({share})", "{value}（{share}）")


def inputs(columns: Sequence[Sequence[str]]) -> Said:
    """The columns by kind, and how each kind becomes features."""
    by_kind: dict[str, list[str]] = {}
    for name, kind, *_ in columns:
        if kind != "set aside":
            by_kind.setdefault(kind, []).append(name)
    return joined(
        _GROUP(
            count=_NOUNS.get(kind, Noun(kind, f"{kind}s", kind))(len(names)),
            names=listed(names),
            encoded=_ENCODED.get(kind, _USED),
        )
        for kind, names in by_kind.items()
    )


def set_aside(columns: Sequence[Sequence[str]]) -> Said:
    """The columns that are not used, each with its reason."""
    aside = [
        _ASIDE(name=name, why=why)
        for name, kind, why, *_ in columns
        if kind == "set aside"
    ]
    return stopped(listed(aside, 10))


def each(columns: Sequence[Sequence[str]], facts: Mapping[str, str]) -> Said:
    """A line for each used column; ``facts`` of its cells by name, as ``facts_of``."""
    used = [row for row in columns if row[1] != "set aside"]
    lines: list[Said] = []
    for name, kind, why, encoding in used[:MOST]:
        said = {
            "name": name,
            "kind": _KINDS.get(kind, kind),
            "why": why,
            "encoding": encoding,
        }
        fact = facts.get(name, "")
        lines.append(_COLUMN(facts=fact, **said) if fact else _PLAIN(**said))
    if len(used) > MOST:
        lines.append(_MORE(n=len(used) - MOST))
    return joined(lines, "\n", "\n")


def facts_of(table: pa.Table, columns: Sequence[Sequence[str]]) -> dict[str, Said]:
    """For each of the first used columns what its cells hold.

    ``columns`` are rows of ``schema.describe()``.

    >>> table = pa.table({"age": [20, 30, 40, None]})
    >>> facts_of(table, [("age", "number", "", "")])["age"]
    '25 % missing, median 30, half of it from 25 to 35'
    """
    used = [(name, kind) for name, kind, *_ in columns if kind != "set aside"]
    return {name: _facts(table.column(name), kind) for name, kind in used[:MOST]}


def _facts(column: pa.ChunkedArray, kind: str) -> Said:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    missing = column.null_count / max(1, len(column))
    parts = [_MISSING(share=percent(missing)) if missing else _COMPLETE]
    present = column.drop_null()
    if kind == "number" and _is_number(column.type) and len(present):
        first, median, third = np.quantile(
            present.cast(pa.float64()).to_numpy(), [0.25, 0.5, 0.75]
        ).tolist()
        parts.append(
            _MEDIAN(median=number(median), first=number(first), third=number(third))
        )
    if kind in ("category", "boolean") and len(present):
        parts.append(_TOP(values=_most_frequent(present)))
    return joined(parts, ", ", "，")


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _most_frequent(present: pa.ChunkedArray) -> Said:
    counted = pc.value_counts(present)
    counts = counted.field("counts").to_numpy()
    order = np.argsort(-counts, kind="stable")[:TOP]
    values = counted.field("values").take(pa.array(order)).to_pylist()
    shares = counts[order] / len(present)
    return joined(
        (
            _VALUE(value=cut(str(value).strip(), LONGEST), share=percent(share))
            for value, share in zip(values, shares, strict=True)
        ),
        ", ",
        "、",
    )
