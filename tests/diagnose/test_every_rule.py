"""Each rule seen at run time only: its wrong program and its right one, executed."""

import inspect
import re

import pytest
import torch

from dovetail.diagnose._findings import severity_of
from dovetail.doctor._base import CODES, Finding, Rule, Severity
from dovetail.doctor.rules import every_rule

RULES = {r.id: r for r in every_rule() if "dovetail.diagnose" in r.bad}
RUN_TIME = {
    "label-out-of-range",
    "labels-start-at-one",
    *(id_ for id_, code in CODES.items() if code.startswith("DT6")),
}

# The severities that are promised of what is seen at run time; all others are errors.
WARNINGS = {
    "activation-on-regression",
    "missing-eval-mode",
    "missing-train-mode",
    "dead-outputs",
    "wrong-reduction",
}
HINTS = {
    "log-softmax-before-cross-entropy",
    "onehot-target-for-class-index",
    "initial-loss-far-above-null",
    "cell-accuracy-for-multi-label",
}


def promised(rule: str) -> Severity:
    if rule in WARNINGS:
        return Severity.WARNING
    return Severity.HINT if rule in HINTS else Severity.ERROR


def found_by(program: str) -> list[Finding]:
    names: dict[str, object] = {"__name__": "program"}
    exec(compile(program, "program", "exec"), names)
    found = names["found"]
    assert isinstance(found, list)
    return found


def test_every_run_time_rule_is_there() -> None:
    assert RULES.keys() >= RUN_TIME


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_wrong_program_has_this_finding_only(rule: Rule) -> None:
    found = found_by(rule.bad)
    assert [f.rule for f in found] == [rule.id]
    assert found[0].code == rule.code == CODES[rule.id]
    assert found[0].severity is rule.severity
    assert found[0].path is None
    assert re.search(r"\d", found[0].message), "no figure measured"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_right_program_has_none(rule: Rule) -> None:
    assert found_by(rule.good) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_page_is_whole(rule: Rule) -> None:
    page = inspect.getdoc(type(rule)) or ""
    assert "Not seen:" in page
    assert "看不到的：" in rule.page_zh
    for text in (rule.title, rule.title_zh, rule.fix):
        assert text
        assert len(text) < 130
    assert rule.severity is severity_of(rule.id) is promised(rule.id)
    assert inspect.getfile(type(rule)).endswith(
        f"{rule.code.lower()}_{rule.id.replace('-', '_')}.py"
    )


@pytest.mark.parametrize("rule", every_rule(), ids=lambda rule: rule.code)
def test_both_halves_agree_on_the_severity(rule: Rule) -> None:
    if "R" not in rule.seen:
        pytest.skip("not seen at run time")
    assert severity_of(rule.id) is rule.severity is promised(rule.id)


def test_programs_leave_the_generators_alone() -> None:
    # A page's programs seed on their own; the suite's numbers must not depend on them.
    state = torch.get_rng_state()
    with torch.random.fork_rng():
        found_by(RULES["dead-outputs"].bad)
    assert torch.equal(state, torch.get_rng_state())
