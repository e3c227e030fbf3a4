"""Checkpoints in their folder: numbers, pruning, background writing, errors."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from dovetail.errors import ResourceError
from dovetail.train.checkpoint import Checkpoint, Checkpoints
from dovetail.train.checkpoint import store as module
from dovetail.train.checkpoint.files import packed
from dovetail.train.checkpoint.json import to_json


def small(number: int) -> Checkpoint:
    return Checkpoint({"w": torch.full((2, 3), float(number))}, {"number": number})


def number_of(checkpoint: Checkpoint | None) -> int:
    assert checkpoint is not None
    assert checkpoint.tensors["w"].eq(checkpoint.document["number"]).all()
    return int(checkpoint.document["number"])


@pytest.mark.gpu
def test_tensors_on_a_device_are_stored_and_come_back_on_the_cpu(
    tmp_path: Path,
) -> None:
    weights = torch.arange(6.0, device="cuda").reshape(2, 3).T
    store = Checkpoints(tmp_path)
    store.save(Checkpoint({"w": weights}, {}))
    weights.zero_()
    back = store.newest()
    assert back is not None
    assert back.tensors["w"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_others_can_read_the_files(tmp_path: Path) -> None:
    tensors = {"ü": torch.randn(3, 2).T, "n": torch.tensor(7)}
    Checkpoints(tmp_path).save(Checkpoint(tensors, {"loss": math.inf}), wait=True)
    folder = tmp_path / "00000001"
    with safe_open(folder / "tensors.safetensors", framework="pt") as file:
        assert set(file.keys()) == {"ü", "n"}
        assert torch.equal(file.get_tensor("ü"), tensors["ü"])
    state = json.loads((folder / "state.json").read_bytes())
    assert state["tensors"] == ["ü", "n"]
    assert state["document"] == {"loss": {"$float": "7ff0000000000000"}}
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["kind"] == "dovetail checkpoint"
    assert manifest["format_version"] == 1
    assert list(manifest["files"]) == ["state.json", "tensors.safetensors"]


def test_equal_checkpoints_give_equal_bytes(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    for _ in range(2):
        store.save(small(1), wait=True)
    one, two = (
        {file.name: file.read_bytes() for file in folder.iterdir()}
        for folder in sorted(tmp_path.iterdir())
    )
    assert one == two


# -- the folder -----------------------------------------------------------------------


def test_nothing_is_made_before_the_first_save(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path / "a" / "c")
    assert store.newest() is None
    store.remove()
    store.close()
    assert os.listdir(tmp_path) == []


def test_numbers_rise_and_the_newest_stay(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path / "c", keep=3)
    for number in range(1, 6):
        store.save(small(number), wait=True)
    assert sorted(os.listdir(tmp_path / "c")) == ["00000003", "00000004", "00000005"]
    again = Checkpoints(tmp_path / "c")
    assert number_of(again.newest()) == 5
    again.save(small(6), wait=True)
    assert sorted(os.listdir(tmp_path / "c")) == ["00000005", "00000006"]


def test_at_least_two_are_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="keep=1"):
        Checkpoints(tmp_path, keep=1)


def test_nothing_is_pruned_before_enough_are_known_to_be_good(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    for number in (1, 2):
        store.save(small(number), wait=True)
    (tmp_path / "00000002" / "state.json").write_bytes(b"{}")
    again = Checkpoints(tmp_path)
    assert number_of(again.newest()) == 1
    again.save(small(3), wait=True)
    assert number_of(again.newest()) == 3
    # One good one is older than the damaged one, so both are still there.
    assert sorted(os.listdir(tmp_path)) == ["00000001", "00000002", "00000003"]
    again.save(small(4), wait=True)
    assert sorted(os.listdir(tmp_path)) == ["00000003", "00000004"]


def test_leftovers_of_a_kill_go_at_the_next_save_and_others_stay(
    tmp_path: Path,
) -> None:
    mine = f".dovetail-{'0' * 8}-{os.getpid()}-{'f' * 8}"
    for name in (f"{mine}.partial", f"{mine}.replaced"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tensors.safetensors").write_bytes(b"half")
    (tmp_path / ".dovetail-notes").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    store = Checkpoints(tmp_path)
    assert store.newest() is None
    assert store.damaged == []
    store.save(small(1), wait=True)
    kept = {".dovetail-notes", "notes.txt"}
    assert set(os.listdir(tmp_path)) == {"00000001"} | kept
    store.remove()
    assert set(os.listdir(tmp_path)) == kept


def test_remove_deletes_the_folder_and_a_new_run_starts_at_one(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path / "c")
    for number in (1, 2, 3):
        store.save(small(number))
    store.remove()
    assert os.listdir(tmp_path) == []
    store.save(small(4), wait=True)
    assert os.listdir(tmp_path / "c") == ["00000001"]


def test_a_newer_format_is_passed_over_and_told_of(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    store.save(small(1), wait=True)
    module.write_folder(
        tmp_path / "00000002",
        packed(small(2)),
        kind=module.KIND,
        format_version=2,
    )
    assert number_of(store.newest()) == 1
    assert "has format 2" in store.damaged[0]


def test_a_model_folder_is_no_checkpoint(tmp_path: Path) -> None:
    module.write_folder(tmp_path / "00000001", packed(small(1)))
    store = Checkpoints(tmp_path)
    assert store.newest() is None
    assert "is not a dovetail checkpoint folder" in store.damaged[0]


@pytest.mark.parametrize(
    "files",
    [
        {"state.json": b"{}"},
        {"state.json": b"not json"},
        {"state.json": to_json({"document": {}, "tensors": ["x"], "complex": []})},
        {"tensors.safetensors": b"\xff" * 64},
        {"tensors.safetensors": b""},
        {"state.json": b'{"document": {"$float": "00"}}'},
    ],
)
def test_files_whose_hashes_are_right_and_content_is_not(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    whole = {**packed(small(1)), **files}
    module.write_folder(tmp_path / "00000001", whole, kind=module.KIND)
    store = Checkpoints(tmp_path)
    assert store.newest() is None
    assert "is not that of a checkpoint" in store.damaged[0]


def test_everything_is_flushed_before_it_is_counted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, seen = tmp_path / "c", []
    store = Checkpoints(folder)
    for number in (1, 2):
        store.save(small(number), wait=True)
    fsync, rename = os.fsync, os.rename

    def flushed(descriptor: int) -> None:
        seen.append(f"flush {Path(os.readlink(f'/proc/self/fd/{descriptor}')).name}")
        fsync(descriptor)

    def renamed(old: Path, new: Path) -> None:
        seen.append(f"rename {old.name} to {new.name}")
        rename(old, new)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "rename", renamed)
    store.save(small(3), wait=True)
    new, old = (re.search(r"\.dovetail-[\w-]+\.\w+", line)[0] for line in seen[3::3])
    assert seen == [
        "flush state.json",
        "flush tensors.safetensors",
        "flush manifest.json",
        f"flush {new}",
        f"rename {new} to 00000003",
        "flush c",
        f"rename 00000001 to {old}",
    ]


# -- in the background ----------------------------------------------------------------


class Gate:
    """Holds writes back until ``open`` is set; says when one has begun."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open, self.begun = threading.Event(), threading.Event()
        real = module.write_folder

        def write_folder(*args: Any, **kwargs: Any) -> Any:
            self.begun.set()
            assert self.open.wait(30)
            return real(*args, **kwargs)

        monkeypatch.setattr(module, "write_folder", write_folder)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


def test_the_caller_may_change_everything_after_save(
    tmp_path: Path, gate: Gate
) -> None:
    store = Checkpoints(tmp_path)
    weights, document = torch.ones(4), {"history": [1.0]}
    store.save(Checkpoint({"w": weights}, document))
    weights.zero_()
    document["history"].append(2.0)
    assert gate.begun.wait(30)
    assert not any(tmp_path.iterdir())  # save came back, nothing is written yet
    gate.open.set()
    store.close()
    back = store.newest()
    assert back is not None
    assert back.tensors["w"].tolist() == [1, 1, 1, 1]
    assert back.document == {"history": [1.0]}


def test_of_snapshots_that_wait_the_newest_is_written(
    tmp_path: Path, gate: Gate
) -> None:
    store = Checkpoints(tmp_path)
    store.save(small(1))
    assert gate.begun.wait(30)
    for number in (2, 3, 4):
        store.save(small(number))
    gate.open.set()
    store.wait()
    assert sorted(os.listdir(tmp_path)) == ["00000001", "00000002"]
    assert number_of(store.newest()) == 4
    (tmp_path / "00000002" / "state.json").unlink()
    assert number_of(store.newest()) == 1


def test_newest_waits_for_what_is_under_way(tmp_path: Path, gate: Gate) -> None:
    store = Checkpoints(tmp_path)
    store.save(small(1))
    assert gate.begun.wait(30)
    threading.Timer(0.05, gate.open.set).start()
    assert number_of(store.newest()) == 1


def test_no_thread_is_left(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path)
    store.save(small(1))
    store.close()
    for thread in threading.enumerate():
        if thread.name == "dovetail-checkpoint":
            thread.join(30)  # it has nothing to do any more, so this ends
            assert not thread.is_alive()


def test_the_interpreter_finishes_a_write_before_it_exits(tmp_path: Path) -> None:
    script = """
import sys, torch
from pathlib import Path
from dovetail.train.checkpoint import Checkpoint, Checkpoints
Checkpoints(Path(sys.argv[1])).save(Checkpoint({"w": torch.ones(2_000_000)}, {}))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    newest = Checkpoints(tmp_path).newest()
    assert newest is not None
    assert newest.tensors["w"].sum() == 2_000_000


# -- what goes wrong ------------------------------------------------------------------


@pytest.mark.parametrize("call", ["save", "wait", "close"])
def test_an_error_in_the_background_is_raised_once_by_the_next_call(
    tmp_path: Path, call: str
) -> None:
    store = Checkpoints(tmp_path / "c")
    store.save(small(1), wait=True)
    shutil.rmtree(tmp_path / "c")
    store.save(small(2))
    store._background.settle()
    calls: dict[str, Callable[[], None]] = {
        "save": lambda: store.save(small(3)),
        "wait": store.wait,
        "close": store.close,
    }
    with pytest.raises(ResourceError, match="is gone") as caught:
        calls[call]()
    assert caught.value.exit_code == 5
    store.wait()
    assert not (tmp_path / "c").exists()
    (tmp_path / "c").mkdir()  # the disk is back
    store.save(small(4), wait=True)
    assert number_of(store.newest()) == 4


def test_a_folder_that_vanished_is_named(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path / "c")
    store.save(small(1), wait=True)
    shutil.rmtree(tmp_path / "c")
    with pytest.raises(ResourceError) as caught:
        store.save(small(2), wait=True)
    assert f"the folder {tmp_path / 'c'} is gone" in caught.value.message
    assert caught.value.fix
    assert store.newest() is None


def test_a_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("mine")
    store = Checkpoints(tmp_path / "c")
    with pytest.raises(ResourceError, match="Not a directory") as caught:
        store.save(small(1), wait=True)
    assert str(tmp_path / "c") in caught.value.message
    assert "No checkpoint of this run was complete yet" in caught.value.message
    with pytest.raises(ResourceError, match="cannot be read: Not a directory"):
        store.newest()
    assert (tmp_path / "c").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any folder")
def test_a_folder_without_permission_to_write(tmp_path: Path) -> None:
    store = Checkpoints(tmp_path / "c")
    store.save(small(1), wait=True)
    (tmp_path / "c").chmod(0o555)
    try:
        with pytest.raises(ResourceError, match="Permission denied") as caught:
            store.save(small(2), wait=True)
        assert str(tmp_path / "c" / "00000001") in caught.value.message
        assert number_of(store.newest()) == 1
    finally:
        (tmp_path / "c").chmod(0o755)


def test_no_memory_for_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Checkpoints(tmp_path)
    store.save(small(1), wait=True)
    # 2**60 numbers that take four bytes: expanded, not allocated.
    huge = Checkpoint({"w": torch.ones(1).expand(2**60)}, {})
    with pytest.raises(ResourceError, match="no memory") as caught:
        store.save(huge)
    assert caught.value.exit_code == 5
    assert "00000001" in caught.value.message
    store.save(small(2), wait=True)
    assert number_of(store.newest()) == 2


def test_an_old_checkpoint_that_cannot_be_deleted_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Checkpoints(tmp_path)
    for number in (1, 2):
        store.save(small(number), wait=True)

    def delete(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "delete", delete)
    with pytest.raises(ResourceError, match="is saved, but the old one") as caught:
        store.save(small(3), wait=True)
    assert "00000001" in caught.value.message
    assert number_of(store.newest()) == 3
