"""SARIF 2.1.0: what the standard asks of each object that is written.

The facts are those of the published schema (errata 01): it allows no property that it
does not name, so each object here lists the ones that are used, with their types.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dovetail.doctor._format import as_sarif
from dovetail.doctor.rules import every_rule
from dovetail.doctor.run import check

LEVELS = ("none", "note", "warning", "error")
Check = Callable[[Any], None]


def text(value: Any) -> None:
    assert isinstance(value, str)
    assert value


def whole(least: int) -> Check:
    def check_whole(value: Any) -> None:
        assert type(value) is int
        assert value >= least

    return check_whole


def one_of(*values: str) -> Check:
    def check_one(value: Any) -> None:
        assert value in values

    return check_one


def anything(value: Any) -> None:
    assert isinstance(value, dict)


def listed(kind: str) -> Check:
    def check_all(value: Any) -> None:
        assert isinstance(value, list)
        for item in value:
            conforms(item, kind)

    return check_all


def an(kind: str) -> Check:
    return lambda value: conforms(value, kind)


# Object: what must be there, and every property that may be.
SHAPES: dict[str, tuple[set[str], dict[str, Check]]] = {
    "log": (
        {"version", "runs"},
        {"$schema": text, "version": one_of("2.1.0"), "runs": listed("run")},
    ),
    "run": (
        {"tool"},
        {
            "tool": an("tool"),
            "columnKind": one_of("utf16CodeUnits", "unicodeCodePoints"),
            "results": listed("result"),
        },
    ),
    "tool": ({"driver"}, {"driver": an("toolComponent")}),
    "toolComponent": (
        {"name"},
        {
            "name": text,
            "version": text,
            "informationUri": text,
            "rules": listed("reportingDescriptor"),
        },
    ),
    "reportingDescriptor": (
        {"id"},
        {
            "id": text,
            "name": text,
            "shortDescription": an("multiformatMessageString"),
            "fullDescription": an("multiformatMessageString"),
            "help": an("multiformatMessageString"),
            "defaultConfiguration": an("reportingConfiguration"),
            "properties": anything,
        },
    ),
    "multiformatMessageString": ({"text"}, {"text": text, "markdown": text}),
    "reportingConfiguration": (set(), {"level": one_of(*LEVELS)}),
    "result": (
        {"message"},
        {
            "ruleId": text,
            "ruleIndex": whole(-1),
            "level": one_of(*LEVELS),
            "message": an("message"),
            "locations": listed("location"),
            "properties": anything,
        },
    ),
    "message": ({"text"}, {"text": text}),
    "location": (set(), {"physicalLocation": an("physicalLocation")}),
    "physicalLocation": (
        {"artifactLocation"},
        {"artifactLocation": an("artifactLocation"), "region": an("region")},
    ),
    "artifactLocation": (set(), {"uri": text}),
    "region": ({"startLine"}, {"startLine": whole(1), "startColumn": whole(1)}),
}


def conforms(value: Any, kind: str) -> None:
    required, properties = SHAPES[kind]
    assert isinstance(value, dict), kind
    assert required <= value.keys(), kind
    assert value.keys() <= properties.keys(), kind
    for name, item in value.items():
        properties[name](item)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_rule_makes_a_log_as_the_standard_asks(tmp_path: Path, lang: str) -> None:
    for rule in every_rule():
        if "S" in rule.seen:
            (tmp_path / f"{rule.code}.py").write_text(rule.bad)
    findings = check(tmp_path)
    log = json.loads(as_sarif(findings, lang))
    conforms(log, "log")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(findings) >= 30
    assert len({rule["id"] for rule in rules}) == len(rules)  # the schema: each once
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_log_without_findings() -> None:
    conforms(json.loads(as_sarif([])), "log")


@pytest.mark.parametrize("name", ["a b.py", "ä.py", "50%.py", "a#b?.py"])
def test_paths_are_references(tmp_path: Path, name: str) -> None:
    rule = next(rule for rule in every_rule() if rule.code == "DT101")
    (tmp_path / name).write_text(rule.bad)
    log = json.loads(as_sarif(check(tmp_path)))
    conforms(log, "log")
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    uri = place["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(' "<>#?')
