"""A few hundred spoilt files: read, refused by an error of ours, and nothing else.

``make fuzz`` does 100,000 of them; a case that ends wrong has a number, with which
``python -m tests.fuzz.run --case NUMBER`` does it again.
"""

import os

import pyarrow as pa
import pytest

from tests.fuzz import run as driver
from tests.fuzz.run import run
from tests.fuzz.seeds import packed, seeds
from tests.fuzz.spoil import case

SEED = int(os.environ.get("DOVETAIL_FUZZ_SEED", "0"))


def test_spoilt_files_are_read_or_refused() -> None:
    counts, wrong = run(SEED, 0, 400)
    assert wrong == {}
    assert sum(counts.values()) == 400
    # Cases that are all refused, or all read, would show nothing.
    for outcome in ("done", "refused"):
        assert counts[f"read: {outcome}"] > 50
    assert counts["fit: refused"] > 5
    assert counts["predict: refused"] > 5


def test_a_case_is_a_function_of_its_number() -> None:
    assert case(3, 17) == case(3, 17)
    assert len({case(3, number).raw for number in range(50)}) > 40


@pytest.mark.parametrize("name", [name for name, _ in seeds()])
def test_every_seed_is_sound(name: str, tmp_path) -> None:
    from dovetail.data import read_table

    raw = dict(seeds())[name]
    (tmp_path / name).write_bytes(packed(name, raw))
    table = read_table(tmp_path / name).table
    assert isinstance(table, pa.Table)
    assert table.num_rows > 1


# Each was found by make fuzz, and ended in a traceback, a crash or a hang.
FOUND = [(0, 577), (0, 749), (0, 12588), (1, 4016), (1, 8929), (1, 11292)]


@pytest.mark.parametrize(("seed", "number"), FOUND)
def test_what_was_found_stays_mended(
    seed: int, number: int, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.fuzz.worker import outcome

    monkeypatch.chdir(tmp_path)
    assert outcome(case(seed, number)) in ("done", "refused")


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        ("while True: pass", "no answer"),
        ("import os; os.kill(os.getpid(), 11)", "ended with -11"),
        ("raise SystemExit(3)", "ended with 3"),
    ],
)
def test_a_hang_and_a_crash_are_seen(
    ends: str, word: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "tests" / "fuzz"
    place.mkdir(parents=True)
    for folder in (place, place.parent):
        (folder / "__init__.py").touch()  # or the real package would be found
    (place / "worker.py").write_text(f"print(5)\nprint('5 done', flush=True)\n{ends}\n")
    monkeypatch.setattr(driver, "ROOT", tmp_path)
    monkeypatch.setattr(driver, "CPU_SECONDS", 0.3)
    first, (number, how) = driver._answers(0, 5, 9, str(tmp_path))
    assert first == (5, "done")
    assert number == 6
    assert how.startswith("WRONG")
    assert word in how
