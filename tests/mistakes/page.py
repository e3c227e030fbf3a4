"""The catalogue as a page of the documentation: ``python -m tests.mistakes.page``."""

from pathlib import Path

from tests.mistakes.catalogue import CATALOGUE
from tests.mistakes.row import Mistake

PAGE = Path(__file__).parents[2] / "docs" / "mistakes.md"
HEAD = """\
# Mistakes and their answers

What people do wrong, and what dovetail answers. Every row is a test: `tests/mistakes/`
runs it, and looks at the exit code, at the words, and that nothing was left on disk.
An answer is one message: what was wrong and where, what was needed, and what to do.
Code 0 is no mistake for dovetail: it does what was meant, and says what it took it for.
Exit codes: 2 usage, 3 data, 4 choices that do not fit, 5 disk or memory, 6 model folder
refused, 8 a check failed.

The page is written from the catalogue: `python -m tests.mistakes.page`.
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    for topic, rows in CATALOGUE.items():
        parts.append(
            f"\n## {topic}\n\n| mistake | code | answer |\n| --- | --- | --- |\n"
        )
        parts += [_line(row) for row in rows]
    return "".join(parts)


def _line(row: Mistake) -> str:
    said = " … ".join(row.says) if row.code or row.says != () else ""
    answer = f"{said} *{row.fix}*" if row.fix and row.code else said
    line = row.line if len(row.line) < 120 else f"{row.line[:80]}..."
    cells = (f"{row.name}: `{line}`", str(row.code), answer)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
