"""The doctor's pages in docs: ``python -m tests.doctor.pages`` writes them all.

Each rule's page is made from the rule; the index from all of them; ``docs/common-
mistakes.md`` from ``texts/common-mistakes.md``, in which ``{{name|.3f}}`` is a
figure of ``docs/doctor/figures.json`` and ``{{doctor two_outputs}}`` what the doctor
says of the program ``tutorials/wrong/two_outputs.py``. Every page has a Chinese twin.
"""

import json
import re
from functools import cache
from itertools import groupby
from pathlib import Path

from dovetail.doctor import check
from dovetail.doctor._base import Rule, page_path
from dovetail.doctor._format import as_text
from dovetail.doctor._page import page, seen_in, severity_in
from dovetail.doctor.rules import every_rule

ROOT = Path(__file__).parents[2]
TEXTS = Path(__file__).parent / "texts"
TUTORIALS = Path(__file__).parent / "tutorials"
FAMILIES = {
    "DT1": ("Output and loss", "输出与损失"),
    "DT2": ("Targets", "目标"),
    "DT3": ("Decision and metric", "决策与指标"),
    "DT4": ("Training loop", "训练循环"),
    "DT5": ("Optimizer and class weights", "优化器与类别权重"),
    "DT6": ("Seen only at run time", "只在运行时看得到"),
}
_WIDE = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”]"


def pages() -> dict[Path, str]:
    """Every page, by the file that holds it."""
    found: dict[Path, str] = {}
    for lang, tail in (("en", ""), ("zh", ".zh-CN")):
        for rule in every_rule():
            found[ROOT / page_path(rule.code, lang)] = of_rule(rule, lang)
        found[ROOT / f"docs/doctor/README{tail}.md"] = index(lang)
        told = filled(text_of("common-mistakes", lang), lang)
        found[ROOT / f"docs/common-mistakes{tail}.md"] = told
    return found


def text_of(name: str, lang: str) -> str:
    """What is written by hand of a page."""
    path = TEXTS / f"{name}{'.zh-CN' if lang == 'zh' else ''}.md"
    return path.read_text(encoding="utf-8")


def of_rule(rule: Rule, lang: str) -> str:
    """What ``--explain`` prints, with ways to the index and to the other language."""
    text = page(rule, lang).rstrip() + "\n\n"
    if lang == "zh":
        links = f"[全部规则](../README.zh-CN.md) · [English]({rule.code}.md)"
        return unwrapped(text) + links + "\n"
    return f"{text}[All rules](../README.md) · [中文]({rule.code}.zh-CN.md)\n"


def unwrapped(text: str) -> str:
    """Chinese on one line for each paragraph: Markdown shows a line end as a space."""
    prose, *rest = re.split(r"(?=```python)", text, maxsplit=1)
    prose = re.sub(rf"(?<={_WIDE})\n(?={_WIDE})", "", prose)
    punctuation = r"[\u3000-\u303f\uff00-\uffef“”]"
    prose = re.sub(rf"(?<={punctuation})\n(?=\S)|(?<=\S)\n(?={punctuation})", "", prose)
    return re.sub(r"(?<=\S)\n(?=[^\s#])", " ", prose) + "".join(rest)


def index(lang: str) -> str:
    """A table for each family of rules."""
    parts = [text_of("README", lang)]
    heads = {
        "en": "| code | rule | severity | seen | what is wrong |",
        "zh": "| 编号 | 规则 | 级别 | 怎样发现 | 错在哪里 |",
    }
    for family, rules in groupby(every_rule(), key=lambda rule: rule.code[:3]):
        title = FAMILIES[family][lang == "zh"]
        parts.append(
            f"\n## {title}\n\n{heads[lang]}\n| --- | --- | --- | --- | --- |\n"
        )
        for rule in rules:
            path = page_path(rule.code, lang).removeprefix("docs/doctor/")
            cells = (
                f"[{rule.code}]({path})",
                f"`{rule.id}`",
                severity_in(rule.severity, lang),
                seen_in(rule)[lang == "zh"],
                rule.title_zh if lang == "zh" else rule.title,
            )
            parts.append(f"| {' | '.join(cells)} |\n")
    return "".join(parts)


@cache
def figures() -> dict[str, float]:
    """Every computed figure, by name."""
    document = json.loads((ROOT / "docs/doctor/figures.json").read_text())
    return {k: v for part in document.values() for k, v in part["figures"].items()}


def filled(text: str, lang: str) -> str:
    """A template with its figures and with what the doctor says."""
    text = re.sub(r"\{\{doctor (\w+)\}\}", lambda m: said(m[1], lang), text)
    return re.sub(
        r"\{\{([\w.-]+)\|([^}]+)\}\}", lambda m: format(figures()[m[1]], m[2]), text
    )


def said(name: str, lang: str) -> str:
    """The doctor's words on a wrong program, under a short path."""
    path = TUTORIALS / "wrong" / f"{name}.py"
    text = as_text(check([path]), lang)
    return text.replace(path.as_posix(), f"wrong/{name}.py")


def main() -> None:
    """Write all pages; of rules that are gone, remove them."""
    every = pages()
    for old in (ROOT / "docs/doctor/rules").glob("*.md"):
        if old not in every:
            old.unlink()
    for path, text in every.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
