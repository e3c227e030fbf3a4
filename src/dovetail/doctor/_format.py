"""Findings as text for people, and as JSON, SARIF and annotations for programs."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from dovetail._version import __version__
from dovetail.doctor._base import Finding, Severity, page_path
from dovetail.doctor._page import page, severity_in, short_zh
from dovetail.doctor.rules import rule_named

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.HINT: "note",
}
_COMMANDS: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.HINT: "notice",
}


def as_text(findings: Sequence[Finding], lang: str = "en") -> str:
    """One finding in two lines: where and what, then what to do."""
    lines: list[str] = []
    for f in findings:
        cell = "" if f.cell is None else f"cell {f.cell}:"
        title, to_do = short_zh(f.code) if lang == "zh" else ("", "")
        # What is said of this very place is known in English alone.
        message = f"{title}（{f.message}）" if title else f.message
        lines.append(
            f"{f.path}:{cell}{f.line}:{f.column}: {severity_in(f.severity, lang)} "
            f"{f.code} [{f.rule}] {message}"
        )
        if to_do:
            to_do += f"（dovetail doctor --explain {f.code} --lang zh）"
        lines.append(f"    {to_do or f.fix}")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding], lang: str = "en") -> str:
    """A list of objects."""
    documents = [f.to_json() for f in findings]
    return json.dumps(documents, ensure_ascii=False, indent=2)


def as_github(findings: Sequence[Finding], lang: str = "en") -> str:
    """Annotations of GitHub Actions, one a line."""
    lines = []
    for f in findings:
        where = f"file={_property(f.path or '')},line={f.line},col={f.column}"
        cell = "" if f.cell is None else f"cell {f.cell}, line {f.line}: "
        title = _property(f"{f.code} {f.rule}")
        text = _data(f"{cell}{f.message}. What to do: {f.fix}")
        lines.append(f"::{_COMMANDS[f.severity]} {where},title={title}::{text}")
    return "\n".join(lines)


def as_sarif(findings: Sequence[Finding], lang: str = "en") -> str:
    """A log of the Static Analysis Results Interchange Format, version 2.1.0."""
    used = sorted({f.code for f in findings})
    index = {code: number for number, code in enumerate(used)}
    run = {
        "tool": {
            "driver": {
                "name": "dovetail doctor",
                "version": __version__,
                "rules": [_rule(code, lang) for code in used],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(f, index) for f in findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2)


def _rule(code: str, lang: str) -> dict[str, Any]:
    """The rule with its whole page, which viewers show beside a finding.

    There is no ``helpUri``: it must be a full address, and the project has none yet.
    """
    rule = rule_named(code)
    if rule is None:
        return {"id": code}
    return {
        "id": code,
        "name": "".join(word.title() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": " ".join((type(rule).__doc__ or "").split())},
        "help": {
            "text": rule.fix_zh if lang == "zh" else rule.fix,
            "markdown": page(rule, lang),
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.id], "page": page_path(code, lang)},
    }


def _result(f: Finding, index: dict[str, int]) -> dict[str, Any]:
    cell = "" if f.cell is None else f"cell {f.cell}, line {f.line}: "
    result: dict[str, Any] = {
        "ruleId": f.code,
        "ruleIndex": index[f.code],
        "level": _LEVELS[f.severity],
        "message": {"text": f"{cell}{f.message}. What to do: {f.fix}"},
        "properties": {"rule": f.rule, "cell": f.cell},
    }
    region = {"startLine": max(1, f.line or 1), "startColumn": max(1, f.column or 1)}
    if f.path is not None:
        place = {"artifactLocation": {"uri": _uri(f.path)}, "region": region}
        result["locations"] = [{"physicalLocation": place}]
    return result


def _uri(path: str) -> str:
    from urllib.parse import quote

    return f"file://{quote(path)}" if path.startswith("/") else quote(path)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: Final[dict[str, Callable[[Sequence[Finding], str], str]]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
