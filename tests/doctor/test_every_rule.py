"""Every rule finds its ``bad``, leaves its ``good`` alone, says why in two tongues."""

import ast

import pytest

from dovetail.doctor._base import CODES, Finding, Rule, Severity
from dovetail.doctor._fix import mended
from dovetail.doctor._project import Project
from dovetail.doctor._source import parse
from dovetail.doctor.rules import every_rule, rule_named
from dovetail.doctor.run import check_project

RULES = every_rule()
STATIC = [rule for rule in RULES if "S" in rule.seen]


def findings(text: str) -> list[Finding]:
    return check_project(Project([parse(text, "a.py")]))


def test_rules_are_found() -> None:
    assert {"DT101", "DT106", "DT112", "DT204", "DT301"} <= {r.code for r in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_code_and_texts(rule: Rule) -> None:
    assert CODES[rule.id] == rule.code
    assert type(rule).__module__.rpartition(".")[2] == (
        f"{rule.code.lower()}_{rule.id.replace('-', '_')}"
    )
    assert rule_named(rule.code.lower()) is rule is rule_named(rule.id)
    page = type(rule).__doc__ or ""
    assert len(page) > 200
    assert len(rule.page_zh) > 60
    for chinese in (rule.page_zh, rule.title_zh, rule.fix_zh):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    assert rule.title
    assert rule.fix
    assert "\n" not in rule.title + rule.fix + rule.fix_zh


@pytest.mark.parametrize("rule", STATIC, ids=lambda r: r.code)
def test_bad_has_this_finding_and_no_other_error(rule: Rule) -> None:
    found = findings(rule.bad)
    assert [f.code for f in found if f.severity is rule.severity].count(rule.code) == 1
    assert {f.code for f in found if f.severity is Severity.ERROR} <= {rule.code}


@pytest.mark.parametrize("rule", STATIC, ids=lambda r: r.code)
def test_good_has_none(rule: Rule) -> None:
    ast.parse(rule.good)
    found = findings(rule.good)
    assert rule.code not in [f.code for f in found]
    assert not [f for f in found if f.severity is not Severity.HINT]


@pytest.mark.parametrize("rule", STATIC, ids=lambda r: r.code)
def test_mended_bad_is_fine(rule: Rule) -> None:
    found = [f for f in findings(rule.bad) if f.edits]
    if not found:
        pytest.skip("no edit")
    text = mended(rule.bad, [e for f in found for e in f.edits])
    after = findings(text)
    assert rule.code not in [f.code for f in after], text


@pytest.mark.parametrize("rule", STATIC, ids=lambda r: r.code)
def test_comment_silences(rule: Rule) -> None:
    line = next(f.line for f in findings(rule.bad) if f.code == rule.code)
    assert line is not None
    lines = rule.bad.split("\n")
    for said in (f"[{rule.code}]", f"[ {rule.id} , DT999]", ""):
        text = [*lines]
        text[line - 1] += f"  # dovetail: ignore{said}"
        assert rule.code not in [f.code for f in findings("\n".join(text))]
    lines[line - 1] += "  # dovetail: ignore[DT999]"
    assert rule.code in [f.code for f in findings("\n".join(lines))]
