"""Code cells of a notebook, joined in order, with what is not Python blanked.

Lines keep their numbers: a magic (``%``, ``!``, ``?``) becomes ``pass``, a cell in
another language becomes empty lines.
"""

import ast
import json
import re
import warnings
from dataclasses import dataclass
from typing import Any, final

# Cell magics whose cell is Python all the same.
_PYTHON_CELLS = re.compile(
    r"%%(time|timeit|capture|prun|memit|mprun|lprun|python3?|wandb|writefile\s+\S+\.py)\b"
)
_MAGIC = re.compile(r"^(\s*)(%|!|\?|get_ipython\(\)\.(system|run_line_magic)\b)")
_HELP = re.compile(r"^\s*[\w.]+\?{1,2}\s*$")
_ASSIGNED = re.compile(r"^(\s*[\w., ]+=\s*)[!%]\s*\w.*$")


@final
@dataclass
class Notebook:
    """``code[i]`` is the Python text of the cell that is number ``cells[i]`` of all."""

    code: list[str]
    cells: list[int]

    def text(self) -> str:
        """All cells in a row, each ended by a newline."""
        return "".join(f"{code}\n" for code in self.code)

    def starts(self) -> list[int]:
        """The first line of each cell in ``text()``, from 1."""
        starts, line = [], 1
        for code in self.code:
            starts.append(line)
            line += code.count("\n") + 1
        return starts


def read_notebook(data: bytes) -> Notebook:
    """Cells of a notebook of any format version; ValueError says what is wrong.

    >>> book = read_notebook(b'{"cells": [{"cell_type": "markdown", "source": "x"},'
    ...     b'{"cell_type": "code", "source": ["%matplotlib inline\\\\n", "x = 1"]}]}')
    >>> book.cells, book.code
    ([1], ['pass\\nx = 1'])
    """
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ValueError("not a notebook (no JSON), left out") from None
    if not isinstance(document, dict):
        raise ValueError("not a notebook (no cells), left out")
    language = _language(document)
    if language and not language.lower().startswith(("python", "ipython")):
        raise ValueError(f"a notebook in {language}, left out")
    cells = _cells(document)
    code: list[str] = []
    numbers: list[int] = []
    for number, cell in enumerate(cells):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            text = source_of(cell)
            if text.strip():
                code.append(python(text))
                numbers.append(number)
    if not code:
        raise ValueError("a notebook without code")
    return Notebook(code, numbers)


def source_of(cell: dict[str, Any]) -> str:
    """The text of a cell, a string or a list of lines; with Unix line ends."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def python(text: str) -> str:
    """The text of a cell with everything that is not Python blanked.

    >>> python("if colab:\\n    !pip install timm\\nfiles = !ls")
    'if colab:\\n    pass\\nfiles = None'
    >>> python("%%bash\\nls")
    '\\n'
    """
    lines = text.split("\n")
    if not any(_MAGIC.match(x) or _HELP.match(x) or _ASSIGNED.match(x) for x in lines):
        return text
    if _parses(text):  # a line of Python can begin with %, inside brackets
        return text
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if not _PYTHON_CELLS.match(lines[first]):
            return "\n" * (len(lines) - 1)
        lines[first] = ""
    continued = False
    for at, line in enumerate(lines):
        if continued:
            continued = line.rstrip().endswith("\\")
            lines[at] = ""
        elif found := _MAGIC.match(line):
            continued = line.rstrip().endswith("\\")
            lines[at] = f"{found[1]}pass"
        elif _HELP.match(line):
            lines[at] = "pass"
        elif found := _ASSIGNED.match(line):
            lines[at] = f"{found[1]}None"
    return "\n".join(lines)


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _language(document: dict[str, Any]) -> str:
    about = document.get("metadata")
    if not isinstance(about, dict):
        return ""
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        part = about.get(key)
        if isinstance(part, dict) and isinstance(part.get(name), str):
            return str(part[name])
    return ""


def _cells(document: dict[str, Any]) -> list[Any]:
    cells = document.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = document.get("worksheets")  # format 3
    if isinstance(sheets, list):
        return [
            cell
            for sheet in sheets
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    raise ValueError("not a notebook (no cells), left out")
