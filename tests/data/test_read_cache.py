"""Tables kept on disk: equal to those read anew, found by content and nothing else."""

import os
import shutil
import stat
import subprocess
import sys
import warnings

import pyarrow as pa
import pytest

from dovetail.data import read_table
from dovetail.data.reading import cache, content, read
from dovetail.errors import DovetailWarning

TEXT = 'a;b;c\n1;"x;y";2011-01-01\n2,5;é;\n;"";2011-01-02\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache that keeps tables of small files too."""
    place = tmp_path / "cache"
    monkeypatch.setenv("DOVETAIL_CACHE", str(place))
    monkeypatch.setattr(cache, "LEAST", 1)
    monkeypatch.setattr(cache, "LEAST_PACKED", 1)
    monkeypatch.setattr(cache, "_told", False)
    return place


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def loads(monkeypatch):
    """The paths that were read anew."""
    seen = []
    load = read.load
    monkeypatch.setattr(read, "load", lambda path: seen.append(path) or load(path))
    return seen


def same(one, other):
    return (
        one.table.equals(other.table, check_metadata=True)
        and one.notes == other.notes
        and one.bad_rows == other.bad_rows
    )


def entries(folder):
    return sorted(folder.glob("*.arrow"))


def test_reopened_equals_read(folder, file, loads, monkeypatch):
    first, second = read_table(file), read_table(file)
    assert len(loads) == 1
    assert len(entries(folder)) == 1
    monkeypatch.setenv("DOVETAIL_CACHE", "off")
    plain = read_table(file)
    assert len(loads) == 2
    assert plain.notes  # decimal commas: the notes are kept as well
    assert same(first, plain)
    assert same(second, plain)
    assert repr(second.table.to_pydict()) == repr(plain.table.to_pydict())


def test_a_change_of_equal_size_and_time_is_seen(folder, file):
    before = file.stat()
    read_table(file)
    file.write_text(TEXT.replace("2,5", "7,5"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert file.stat().st_size == before.st_size
    assert read_table(file).table["a"].to_pylist() == [1.0, 7.5, None]


def test_a_copy_is_found_under_another_name(folder, file, loads, tmp_path):
    read_table(file)
    read_table(shutil.copy(file, tmp_path / "other.csv"))
    assert loads == [file]
    read_table(shutil.copy(file, tmp_path / "other.tsv"))  # may be read otherwise
    assert len(loads) == 2


@pytest.mark.parametrize(
    "options",
    [
        {"sep": ";"},
        {"encoding": "cp1252"},
        {"on_bad": "skip"},
        {"known_columns": ["a"]},
    ],
)
def test_other_options_are_another_table(options, folder, file, loads):
    read_table(file)
    read_table(file, **options)
    read_table(file, **options)
    assert len(loads) == 2
    assert len(entries(folder)) == 2


def test_other_versions_are_another_table(folder, file, loads, monkeypatch):
    read_table(file)
    monkeypatch.setattr(cache, "FORMAT", cache.FORMAT + 1)
    read_table(file)
    monkeypatch.setattr(cache.pa, "__version__", "0")
    read_table(file)
    assert len(loads) == 3


@pytest.mark.parametrize("at", [0, 100, -200, -70, -1])
def test_a_changed_byte_is_noticed(at, folder, file, loads):
    wanted = read_table(file)
    (entry,) = entries(folder)
    raw = bytearray(entry.read_bytes())
    raw[at] ^= 1
    entry.write_bytes(raw)
    assert same(read_table(file), wanted)
    assert len(loads) == 2
    assert same(read_table(file), wanted)
    assert len(loads) == 2


@pytest.mark.parametrize("size", [0, 1, 64, 65, 300])
def test_a_shortened_entry_is_noticed(size, folder, file, loads):
    wanted = read_table(file)
    (entry,) = entries(folder)
    entry.write_bytes(entry.read_bytes()[:size])
    assert same(read_table(file), wanted)
    assert len(loads) == 2


def test_entries_are_the_users_own(folder, file):
    read_table(file)
    (entry,) = entries(folder)
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(folder.iterdir()) == [entry]  # nothing half-written beside it


def test_those_not_used_for_longest_go(folder, tmp_path, monkeypatch):
    paths = [tmp_path / f"{i}.csv" for i in range(3)]
    for i, path in enumerate(paths):
        path.write_text("a,b\n" + f"{i},x\n" * (10 + i))
        read_table(path)
    for i, entry in enumerate(entries(folder)):
        os.utime(entry, (i, i))
    oldest = entries(folder)[0]
    sizes = sum(entry.stat().st_size for entry in entries(folder))
    monkeypatch.setattr(cache, "KEPT", sizes)
    paths[0].write_text("a,b\n9,x\n")
    read_table(paths[0])
    left = entries(folder)
    assert oldest not in left
    assert len(left) == 3


def test_a_cache_that_cannot_be_written_is_told_of_once(tmp_path, file, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("DOVETAIL_CACHE", str(blocked))
    monkeypatch.setattr(cache, "LEAST", 1)
    monkeypatch.setattr(cache, "_told", False)
    with pytest.warns(DovetailWarning, match="DOVETAIL_CACHE"):
        first = read_table(file)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(read_table(file), first)
    assert blocked.read_text() == "in the way"


def test_a_full_disk_leaves_nothing_behind(folder, file, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "sums_of", full)
    with pytest.warns(DovetailWarning, match="No space left"):
        read_table(file)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("word", ["off", "", "OFF"])
def test_off(word, file, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "LEAST", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOVETAIL_CACHE", word)
    read_table(file)
    assert not (tmp_path / "home").exists()


def test_the_users_folder(file, tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "LEAST", 1)
    monkeypatch.delenv("DOVETAIL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    read_table(file)
    assert entries(tmp_path / "home" / "dovetail" / "tables")


def test_small_files_are_not_kept(folder, file, monkeypatch):
    monkeypatch.setattr(cache, "LEAST", 10_000)
    read_table(file)
    assert not folder.exists()


def test_digest_of_a_file_is_that_of_its_bytes(tmp_path, monkeypatch):
    path = tmp_path / "t"
    monkeypatch.setattr(content, "_PIECE", 5)
    for block in (7, 64):
        monkeypatch.setattr(content, "BLOCK", block)
        for size in (0, 1, 6, 7, 8, 14, 50):
            path.write_bytes(bytes(range(size)))
            assert content.digest_of(path) == content.digest_of(bytes(range(size)))


def test_sums_see_every_word_and_page():
    step = 16 * (1 << 16)
    whole = bytearray(os.urandom(2 * step + 100))
    known = content.sums_of(whole)
    for at in (0, 7, step - 1, step, 2 * step - 1, 2 * step, len(whole) - 1):
        whole[at] ^= 0x80
        assert content.sums_of(whole) != known
        whole[at] ^= 0x80
    swapped = whole[step : 2 * step] + whole[:step] + whole[2 * step :]
    assert content.sums_of(whole) == known != content.sums_of(swapped)
    assert content.sums_of(whole[:-1]) != known


CHILD = """
import sys
from pathlib import Path
from dovetail.data import read_table
from dovetail.data.reading import cache
cache.LEAST = 1
for _ in range(20):
    table = read_table(Path(sys.argv[1])).table
    assert table["n"].to_pylist() == list(range(2000)), table
    for entry in cache._folder().glob("*.arrow"):
        entry.unlink(missing_ok=True)
"""


def test_two_processes_read_write_and_remove_at_once(folder, tmp_path):
    path = tmp_path / "n.csv"
    path.write_text("n,word\n" + "".join(f"{i},w{i % 7}\n" for i in range(2000)))
    command = [sys.executable, "-W", "error", "-c", CHILD, str(path)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for one in both:
        said = one.communicate(timeout=120)[1]
        assert one.returncode == 0, said.decode()
    assert not [p for p in folder.iterdir() if p.name.startswith(".")]


def test_a_reopened_table_outlives_its_entry(folder, file):
    wanted = read_table(file)
    again = read_table(file)
    for entry in entries(folder):
        entry.unlink()
    assert again.table.equals(wanted.table)
    assert isinstance(again.table, pa.Table)
