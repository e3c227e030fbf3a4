"""The python blocks of both READMEs run, in order, as a reader would type them."""

import re
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def blocks(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_python_blocks_run(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = blocks(name)
    assert len(found) >= 2
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        exec(compile("\n".join(found), name, "exec"), {"__name__": "readme"})


def test_both_readmes_hold_the_same_commands() -> None:
    def commands(name: str) -> list[str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return re.findall(r"^(?:\$ )?((?:dovetail|make|pip) .*)$", text, flags=re.M)

    assert commands("README.md") == commands("README.zh-CN.md")


def test_every_link_into_the_repository_leads_somewhere() -> None:
    for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#\s]+)", text):
            if not link.startswith("http"):
                assert (ROOT / link).exists(), f"{name}: {link}"
