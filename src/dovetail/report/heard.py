"""Notes of layers that speak English only, in Chinese as well.

Reading a file and training hand their notes on as plain text, through checkpoints and
model folders. What they say is known; each sentence stands here once more, with the
places where its values were, and is recognised by them. A sentence that is not known is
told as it is, marked as English.
"""

import re
from functools import cache

from dovetail._phrases import Phrase, Said

_UNKNOWN = Phrase("{text}", "（英文原文：{text}）")

# Values of the sentences below that are words themselves.
_WORDS = {
    "thousands separators": "千位分隔符",
    "decimal commas": "小数点",
    "stands beside marks within cells": "与单元格内的引号并存",
    "is never closed": "始终没有闭合",
    "is followed by more text": "后面还有文字",
    "write decimal commas as points": "请把小数逗号写成小数点",
    "write the numbers alone, the unit into the column's name": "请只写数，单位写进"
    "列名",
    "training loss": "训练损失",
    "largest weight": "最大权重",
    "training": "训练",
    "epoch": "该轮",
}

HEARD = (
    # reading a file
    Phrase(
        "{n} row(s) left out, the first is line {line}",
        "略去 {n} 行，第一处在第 {line} 行",
    ),
    Phrase(
        "{n} line(s) with a broken quotation mark left out, the first is line {line}",
        "略去 {n} 行引号不完整的行，第一处在第 {line} 行",
    ),
    Phrase(
        "{n} line(s) without {cells} cells left out, the first is line {line}",
        "略去 {n} 行单元格数不是 {cells} 的行，第一处在第 {line} 行",
    ),
    Phrase(
        "{n} line(s) that hold no JSON object left out, the first is line {line}",
        "略去 {n} 行不是 JSON 对象的行，第一处在第 {line} 行",
    ),
    Phrase(
        "the row labels of pandas were left out ({names})",
        "略去了 pandas 的行标签（{names}）",
    ),
    Phrase(
        "column {name}: commas taken for {what} ({example})",
        "列 {name}：逗号当作{what}（{example}）",
    ),
    Phrase(
        "the separator {sep} does not occur: one column",
        "分隔符 {sep} 没有出现：只有一列",
    ),
    Phrase(
        "the separator {sep} does not occur: one column; the lines fit {other}",
        "分隔符 {sep} 没有出现：只有一列；各行符合的分隔符是 {other}",
    ),
    Phrase(
        "line {line} holds one cell, {n} lines below it hold {cells} with {sep} "
        "between them; if it is a title, remove it",
        "第 {line} 行只有一格，其下 {n} 行各有 {cells} 格，以 {sep} 分隔；如果第 "
        "{line} 行是标题，请删去",
    ),
    Phrase(
        "column {name}: numbers with the sign {sign}, {example} read as {value}",
        "列 {name}：带符号 {sign} 的数，{example} 读作 {value}",
    ),
    Phrase(
        "column {name}: text, since {n} of {total} cells are no numbers: {example} "
        "(data row {row})",
        "列 {name}：按文本读取，因为 {total} 格中有 {n} 格不是数：{example}（第 {row} "
        "个数据行）",
    ),
    Phrase(
        "column {name}: text such as {example}; if these are numbers, {what}",
        "列 {name}：诸如 {example} 的文本；如果本来是数，{what}",
    ),
    Phrase(
        "quotation marks were read as plain characters: the one that opens a cell in "
        "line {line} {why}, and without them every line has {n} cell(s)",
        "引号按普通字符读取：第 {line} 行中开启单元格的引号{why}，而不看引号时每行都"
        "有 {n} 格",
    ),
    Phrase(
        "line 1 repeats the names given, and is not a row",
        "第 1 行重复了给定的列名，不是数据行",
    ),
    Phrase(
        "no header: line 1 holds the number {number}, so columns are named 0 to "
        "{last}; name them with --columns",
        "没有表头：第 1 行含有数 {number}，因此各列命名为 0 到 {last}；可用 --columns "
        "命名",
    ),
    Phrase(
        "the first column has no name in the header; it is named {name}",
        "表头中第一列没有名称，命名为 {name}",
    ),
    Phrase(
        "line 1 was taken for column names, but {name} is also a value in its column; "
        "if there is no header line, name the columns with --columns",
        "第 1 行被当作列名，但 {name} 也是该列中的一个值；如果没有表头，请用 "
        "--columns 给出列名",
    ),
    Phrase(
        "read as {codec}, since it is no UTF-8; force another with --encoding",
        "不是 UTF-8，按 {codec} 读取；可用 --encoding 指定其他编码",
    ),
    # training
    Phrase(
        "The compiled step gave another loss than the network itself: its forward, or "
        "the loss, must have an effect beside its result; the steps were made eagerly "
        "instead.",
        "编译后的步骤与网络本身给出的损失不同：其前向计算或损失必有结果之外的副作用；"
        "因此改为逐步即时执行。",
    ),
    Phrase(
        "Memory was short: rows go through the network {n} at a time, with the same "
        "effective batch.",
        "内存不足：每次让 {n} 行通过网络，有效批大小不变。",
    ),
    Phrase(
        "The {what} was {value} in epoch {epoch}, step {step}; the {part} was begun "
        "again at {rate} of the learning rate.",
        "第 {epoch} 轮第 {step} 步的{what}为 {value}；{part}以学习率的 {rate} 重新开"
        "始。",
    ),
    Phrase(
        "The {what} was {value} in epoch {epoch}; the {part} was begun again at {rate} "
        "of the learning rate.",
        "第 {epoch} 轮的{what}为 {value}；{part}以学习率的 {rate} 重新开始。",
    ),
    Phrase(
        "The {what} was {value} in epoch {epoch}.", "第 {epoch} 轮的{what}为 {value}。"
    ),
    Phrase("Steps are not compiled: {reason}.", "步骤未编译，原因（英文）：{reason}。"),
)


def heard(text: str) -> Said:
    """``text`` as it is where it knows its Chinese; else looked up."""
    if isinstance(text, Said):
        return text
    for phrase in HEARD:
        if found := _pattern(phrase).fullmatch(text.strip()):
            values = {k: _WORDS.get(v, v) for k, v in found.groupdict().items()}
            return Said(text, phrase.zh.format(**values))
    return _UNKNOWN(text=text)


@cache
def _pattern(phrase: Phrase) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)[^}]*\}", phrase.en)
    made = [
        f"(?P<{part}>.+?)" if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    ]
    return re.compile("".join(made), re.DOTALL)
