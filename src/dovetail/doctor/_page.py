"""A rule's page, from its own docstring; the same for the terminal and the docs."""

import inspect
from typing import Final

from dovetail.doctor._base import Rule, Severity

_SEVERITY_ZH: Final = {
    Severity.ERROR: "错误",
    Severity.WARNING: "警告",
    Severity.HINT: "提示",
}
_SEEN: Final = {
    "S": ("in the code", "读代码"),
    "R": ("at run time", "运行时"),
    "SR": ("in the code and at run time", "读代码，以及运行时"),
}


def severity_in(severity: Severity, lang: str) -> str:
    """The word for a severity."""
    return _SEVERITY_ZH[severity] if lang == "zh" else str(severity)


def page(rule: Rule, lang: str = "en") -> str:
    """What is wrong, why it hurts, the wrong and the right code, as Markdown."""
    chinese = lang == "zh"
    seen_en, seen_zh = seen_in(rule)
    text = rule.page_zh if chinese else type(rule).__doc__ or ""
    if chinese:
        head = f"{severity_in(rule.severity, lang)}；怎样发现：{seen_zh}"
        opening = f"{rule.title_zh}（{head}）。"
        to_do = f"怎么改：{rule.fix_zh}。"
        words = ("错误写法：", "正确写法：")
    else:
        opening = f"{rule.title} ({rule.severity}, seen {seen_en})."
        to_do = f"What to do: {rule.fix}."
        words = ("Wrong:", "Right:")
    lines = [f"# {rule.code} {rule.id}", "", opening, "", inspect.cleandoc(text), ""]
    lines += [to_do, ""]
    for word, code in zip(words, (rule.bad, rule.good), strict=True):
        lines += [word, "", "```python", code.rstrip(), "```", ""]
    return "\n".join(lines)


def seen_in(rule: Rule) -> tuple[str, str]:
    """How a rule is seen, in English and in Chinese."""
    return _SEEN[rule.seen]


def short_zh(code: str) -> tuple[str, str]:
    """What is wrong and what to do, in Chinese; empty for a rule that is not known."""
    from dovetail.doctor.rules import rule_named

    rule = rule_named(code)
    return (rule.title_zh, rule.fix_zh) if rule is not None else ("", "")
