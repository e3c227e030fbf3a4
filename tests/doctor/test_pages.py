"""The doctor's pages say what the rules say, and figures that were computed."""

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from dovetail.doctor._base import Rule
from dovetail.doctor.rules import every_rule
from tests.doctor.pages import ROOT, figures, pages, text_of

RULES = every_rule()
# Limits and sizes that the rules themselves set.
CHOSEN = {"1e-3", "1e-4", "1e-6"}


def test_pages_are_those_of_the_rules() -> None:
    written = pages()
    drifted = [
        path.relative_to(ROOT).as_posix()
        for path, text in written.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert drifted == [], "write them anew: python -m tests.doctor.pages"
    there = set((ROOT / "docs/doctor/rules").glob("*.md"))
    assert there <= set(written), "pages of rules that are gone"


def test_links_lead_somewhere() -> None:
    written = pages()
    for path, text in written.items():
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, part = link.partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.exists(), f"{path.name}: {link}"
            if part:
                assert part in anchors(written[target]), f"{path.name}: {link}"


@pytest.mark.parametrize("name", ["common-mistakes.md", "common-mistakes.zh-CN.md"])
def test_python_of_the_pages_runs(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) >= 3
    exec(compile("\n".join(blocks), name, "exec"), {"__name__": "page"})


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_a_page_says_what_it_cannot_see(rule: Rule) -> None:
    assert "Not seen:" in " ".join((type(rule).__doc__ or "").split())
    assert "查不到的情况：" in rule.page_zh or "看不到的：" in rule.page_zh
    assert not rule.fix_zh.endswith("。"), "the page adds it"


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_figures_of_a_page_were_computed(rule: Rule) -> None:
    for name, text in rule.figures.items():
        assert shows(text, figures()[name]), f"{name} is {figures()[name]}, not {text}"
        for said in (type(rule).__doc__ or "", rule.page_zh):
            assert text.lstrip("-") in numbers(said), f"{text} ({name})"


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_every_figure_of_a_page_has_a_name(rule: Rule) -> None:
    """Two decimals, a power of ten, a per cent: none without a source."""
    for said in (type(rule).__doc__ or "", rule.page_zh):
        quoted = set(
            re.findall(r"\d[\d,]*\.\d{2,}|\d[\d.]*e-\d+|\d+\.\d+(?= ?%)", said)
        )
        named = {text.lstrip("-") for text in rule.figures.values()}
        assert quoted <= named | CHOSEN


def test_templates_name_their_figures() -> None:
    """Neither language states a figure by hand; both state the same."""
    named = []
    for lang in ("en", "zh"):
        text = text_of("common-mistakes", lang)
        named.append(sorted(set(re.findall(r"\{\{([^}]+)\}\}", text))))
        by_hand = re.sub(r"\{\{[^}]+\}\}|`[^`]*`", "", text)
        found = re.findall(r"\d+\.\d{2,}", by_hand)
        assert set(found) <= {"0.01", "0.001"}, "learning rates, and nothing else"
    assert named[0] == named[1]


def test_what_needs_no_training_is_computed_again(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    command = ["-m", "benchmarks.doctor.figures", "--only", "formulas", "--out"]
    subprocess.run([sys.executable, *command, out], cwd=ROOT, check=True)
    found = json.loads(out.read_text(encoding="utf-8"))["formulas"]["figures"]
    stored = figures()
    assert len(found) > 20
    for name, value in found.items():
        assert value == pytest.approx(stored[name], rel=1e-3, abs=1e-6), name


@pytest.mark.parametrize(
    ("text", "value", "right"),
    [
        ("1.461", 1.4612, True),
        ("1.462", 1.4612, False),
        ("1.6e-5", 1.609e-5, True),
        ("29,033", 29033.0, True),
        ("97.1", 97.11, True),
    ],
)
def test_a_figure_is_rounded(text: str, value: float, right: bool) -> None:
    assert shows(text, value) is right


def shows(text: str, value: float) -> bool:
    """Is ``text`` the value, rounded to as many places as it has?"""
    said = Decimal(text.replace(",", ""))
    unit = Decimal(1).scaleb(int(said.as_tuple().exponent))
    return abs(said - Decimal(value)) <= unit * Decimal("0.5000001")


def numbers(text: str) -> list[str]:
    """The numbers that stand in a text."""
    return re.findall(r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", text)


def anchors(text: str) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
