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
    english, zh = _SEEN.get(rule.seen, ("", ""))
    if chinese:
        head = f"{severity_in(rule.severity, lang)}；怎样发现：{zh}"
        words = ("怎么改", "错误写法", "正确写法")
        text = rule.page_zh.strip()
        title, fix = rule.title_zh, rule.fix
    else:
        head = f"{rule.severity}, seen {english}"
        words = ("What to do", "Wrong", "Right")
        text = inspect.cleandoc(type(rule).__doc__ or "")
        title, fix = rule.title, rule.fix
    lines = [f"# {rule.code} {rule.id}", "", f"{title} ({head}).", "", text, ""]
    if not chinese:
        lines += [f"{words[0]}: {fix}.", ""]
    for word, code in zip(words[1:], (rule.bad, rule.good), strict=True):
        lines += [f"{word}:" if not chinese else f"{word}：", "", "```python"]
        lines += [code.rstrip(), "```", ""]
    return "\n".join(lines)


def short_zh(code: str) -> str:
    """The Chinese title of a rule, or ""."""
    from dovetail.doctor.rules import rule_named

    rule = rule_named(code)
    return rule.title_zh if rule is not None else ""
