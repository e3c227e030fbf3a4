"""Every mistake of the catalogue has one clear answer, and leaves nothing behind."""

import re
import warnings
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import dovetail as dt
from tests.mistakes.catalogue import CATALOGUE
from tests.mistakes.files import houses
from tests.mistakes.page import PAGE, page
from tests.mistakes.row import Mistake
from tests.mistakes.running import Outcome, make, run

ROWS = [row for rows in CATALOGUE.values() for row in rows]
FIX = "What to do: "


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that predicts whether a house was sold."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "houses.csv").write_text(houses(), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dt.errors.DovetailWarning)
        dt.fit(
            folder / "houses.csv",
            "sold",
            drop=["price"],
            epochs=2,
            folds=2,
            out=folder / "model",
        )
    return folder / "model"


@pytest.mark.filterwarnings("ignore::dovetail.errors.DovetailWarning")
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_the_mistake_has_its_answer(row: Mistake, tmp_path: Path, model: Path) -> None:
    make(row, tmp_path, model)
    told = run(row, tmp_path)
    assert told.code == row.code, told
    said = " ".join(f"{told.out} {told.err}".split())
    assert [words for words in row.says if words not in said] == [], said
    assert "Traceback" not in told.err
    left = [n for n in told.changed if not any(fnmatchcase(n, p) for p in row.leaves)]
    assert left == [], "nothing half-written"
    if row.code:
        _is_one_error(row, told)
    else:
        assert "Error:" not in told.err


def _is_one_error(row: Mistake, told: Outcome) -> None:
    """One message in two parts: what was wrong, and what to do about it."""
    evaluated = row.code == 8  # a check is missed after its numbers were shown
    assert told.out == "" or evaluated
    _, *messages = re.split(r"(?<!\w)Error: ", told.err)
    assert len(messages) == 1
    message = messages[0]
    what, fix, todo = message.partition(f"\n{FIX}")
    assert fix, "the message says what to do"
    assert row.fix, "the catalogue says what to do"
    assert row.fix in todo
    assert what.rstrip().endswith((".", "?", ")")) or "\n" in what
    assert todo.count("\n") <= 1


def test_no_two_rows_have_one_name() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_the_catalogue_has_what_was_promised() -> None:
    assert len(ROWS) >= 200
    assert {row.code for row in ROWS} >= {0, 2, 3, 4, 5, 6, 8}
    assert sum("Did you mean" in " ".join(row.says) for row in ROWS) >= 15


def test_the_page_is_in_step_with_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "write it again: python -m tests.mistakes.page"
    )
