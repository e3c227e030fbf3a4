"""Checkpoints under damage, kills and full disks: short here, long in make torture."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from dovetail.errors import ResourceError
from dovetail.train.checkpoint import POINTS, Checkpoint, Checkpoints
from tests.train.checkpoint_killed import numbered
from tests.train.conftest import Torture

pytestmark = pytest.mark.torture

ROOT = Path(__file__).parents[2]
FILES = ("manifest.json", "state.json", "tensors.safetensors")


def checkpoint(number: int) -> Checkpoint:
    return Checkpoint(numbered(number), {"number": number, "history": [0.1] * 50})


def number_of(found: Checkpoint | None) -> int:
    """The number of a checkpoint, once every bit of it is the right one."""
    assert found is not None
    number = int(found.document["number"])
    expected = numbered(number)
    assert list(found.tensors) == list(expected)
    assert all(torch.equal(found.tensors[name], expected[name]) for name in expected)
    return number


def run(program: str, lines: list[str], *arguments: str) -> list[dict[str, object]]:
    """What a program beside this file answers to each line of its input."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"tests.train.{program}", *arguments],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    return answers


# -- damage ---------------------------------------------------------------------------


def damage(newest: Path, older: Path, rng: random.Random) -> tuple[str, str]:
    """Do one thing to one file of ``newest``; what, and to which."""
    path = newest / rng.choice(FILES)
    data = path.read_bytes()
    what = rng.choice(["flip", "cut", "extend", "empty", "delete", "swap", "zero"])
    if what == "flip":
        changed = bytearray(data)
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
    elif what == "cut":
        path.write_bytes(data[: rng.randrange(len(data))])
    elif what == "extend":
        path.write_bytes(data + rng.randbytes(rng.randint(1, 64)))
    elif what == "empty":
        path.write_bytes(b"")
    elif what == "delete":
        path.unlink()
    elif what == "swap":
        shutil.copy(older / path.name, path)
    elif what == "zero":  # what some file systems leave after a power cut
        path.write_bytes(bytes(len(data)))
    return what, path.name


def test_every_damage_is_noticed_and_the_one_before_is_used(
    tmp_path: Path, torture: Torture
) -> None:
    store = Checkpoints(tmp_path / "c")
    for number in (1, 2):
        store.save(checkpoint(number), wait=True)
    older, newest = sorted((tmp_path / "c").iterdir())
    shutil.copytree(newest, tmp_path / "whole")
    count = torture.count(short=60, long=1000)
    torture.say(f"{count} damages")
    for _ in range(count):
        what, name = damage(newest, older, torture.rng)
        assert number_of(store.newest()) == 1, (what, name)
        (sentence,) = store.damaged
        assert str(newest) in sentence
        # A change to what the manifest says of a file may show as that file's.
        assert name in sentence or name == "manifest.json", (what, sentence)
        shutil.rmtree(newest)
        shutil.copytree(tmp_path / "whole", newest)
        assert number_of(store.newest()) == 2
        assert store.damaged == []


def test_where_all_are_damaged_all_are_told_of_and_saving_goes_on(
    tmp_path: Path,
) -> None:
    store = Checkpoints(tmp_path)
    for number in (1, 2):
        store.save(checkpoint(number), wait=True)
    (tmp_path / "00000001" / "tensors.safetensors").unlink()
    (tmp_path / "00000002" / "state.json").write_bytes(b"")
    assert store.newest() is None
    assert "00000002 is refused: state.json has 0 bytes" in store.damaged[0]
    assert "00000001 is refused: tensors.safetensors is missing" in store.damaged[1]
    store.save(checkpoint(3), wait=True)
    assert number_of(store.newest()) == 3


# -- kills ----------------------------------------------------------------------------


def goes_on(folder: Path, number: int) -> None:
    """A new process finds checkpoint ``number``, saves on, and tidies up."""
    store = Checkpoints(folder)
    assert number_of(store.newest()) == number
    assert store.damaged == []
    store.save(checkpoint(number + 1), wait=True)
    assert number_of(Checkpoints(folder).newest()) == number + 1
    names = sorted(os.listdir(folder))
    assert len(names) == 2
    assert all(len(name) == 8 and name.isdigit() for name in names)


def test_a_kill_at_each_point_leaves_the_last_complete_one(
    tmp_path: Path, torture: Torture
) -> None:
    times = torture.count(short=1, long=10)  # the third save, the sixth, ...
    torture.say(f"{len(POINTS)} points, {times} times each")
    points = [(point, 3 * (i + 1)) for point in POINTS for i in range(times)]
    jobs = []
    for point, save in points:
        # The first two saves have nothing to prune.
        passes = save - 2 if point == "mid-prune" else save
        folder = tmp_path / f"{point}-{save}"
        jobs.append({"folder": str(folder), "kill_at": f"{point}:{passes}"})
    answers = run("checkpoint_killed", [json.dumps(job) for job in jobs])
    in_place = POINTS.index("after-rename")
    for (point, save), job, answer in zip(points, jobs, answers, strict=True):
        assert answer == {"ended": -9, "last": save - 1}, point
        placed = POINTS.index(point) >= in_place
        goes_on(Path(job["folder"]), save if placed else save - 1)


def test_a_kill_at_any_instant_leaves_the_last_complete_one(
    tmp_path: Path, torture: Torture
) -> None:
    count = torture.count(short=10, long=200)
    torture.say(f"{count} kills at random instants")
    jobs = [
        {
            "folder": str(tmp_path / str(i)),
            "kill_at": None,
            "delay_s": torture.rng.uniform(0, 0.03),
        }
        for i in range(count)
    ]
    answers = run("checkpoint_killed", [json.dumps(job) for job in jobs])
    for job, answer in zip(jobs, answers, strict=True):
        assert answer["ended"] == -9
        folder = Path(str(job["folder"]))
        found = number_of(Checkpoints(folder).newest())
        # The one in place may be newer than the last that the process was told of.
        assert found in (answer["last"], int(str(answer["last"])) + 1)
        goes_on(folder, found)


# -- full and read-only disks ---------------------------------------------------------


def size_of(folder: Path) -> int:
    return max(file.stat().st_size for file in folder.iterdir())


def test_a_full_disk_at_any_size_by_a_limit_on_files(
    tmp_path: Path, torture: Torture
) -> None:
    store = Checkpoints(tmp_path / "size")
    store.save(Checkpoint(numbered(1), {"number": 1}), wait=True)
    size = size_of(tmp_path / "size" / "00000001")
    count = torture.count(short=12, long=100)
    torture.say(f"{count} sizes up to {size} bytes")
    limits = [2 * size, 2 * size, 0, size - 1]
    limits += [torture.rng.randrange(size) for _ in range(count - 2)]
    limits += [size]
    folder = tmp_path / "c"
    answers = run("checkpoint_full", [str(limit) for limit in limits], str(folder))
    kept = ["00000001", "00000002"]
    for limit, answer in zip(limits[2:-1], answers[2:-1], strict=True):
        error = str(answer["error"])
        assert answer["code"] == 5, limit
        assert "File too large" in error
        assert str(folder / "00000003") in error
        assert f"last good checkpoint is intact: {folder / '00000002'}" in error
        assert answer["newest"] == 2
        assert answer["left"] == kept  # nothing half-written, its space given back
    assert answers[-1]["error"] is None
    assert number_of(Checkpoints(folder).newest()) == len(limits)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, one megabyte in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "dovetail-test", str(place)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def free(disk: Path) -> int:
    status = os.statvfs(disk)
    return status.f_bavail * status.f_frsize


def test_a_full_disk_at_any_size_by_a_small_disk(disk: Path, torture: Torture) -> None:
    folder, ballast = disk / "runs" / "c", disk / "ballast"
    store = Checkpoints(folder)
    before = free(disk)
    for number in (1, 2):
        store.save(checkpoint(number), wait=True)
    size = (before - free(disk)) // 2
    count = torture.count(short=12, long=100)
    torture.say(f"{count} sizes up to {size} bytes")
    refused = 0
    for _ in range(count):
        left = torture.rng.randrange(size)
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, free(disk) - left)
        room, names = free(disk), sorted(os.listdir(folder))
        with pytest.raises(ResourceError, match="No space left on device") as caught:
            store.save(checkpoint(3), wait=True)
        assert caught.value.exit_code == 5
        assert str(folder / "00000003") in caught.value.message
        assert f"is intact: {folder / '00000002'}" in caught.value.message
        assert free(disk) == room
        assert sorted(os.listdir(folder)) == names
        assert number_of(Checkpoints(folder).newest()) == 2
        ballast.unlink()
        refused += 1
    store.save(checkpoint(3), wait=True)
    assert number_of(store.newest()) == 3
    assert refused == count


def test_a_disk_that_becomes_read_only(disk: Path) -> None:
    store = Checkpoints(disk / "c")
    for number in (1, 2, 3):
        store.save(checkpoint(number), wait=True)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(ResourceError, match="Read-only file system") as caught:
        store.save(checkpoint(4), wait=True)
    assert caught.value.exit_code == 5
    assert f"is intact: {disk / 'c' / '00000003'}" in caught.value.message
    assert number_of(store.newest()) == 3
    with pytest.raises(ResourceError, match="could not be deleted: Read-only"):
        store.remove()


def test_the_last_save_is_tried_whatever_became_of_those_before(
    tmp_path: Path,
) -> None:
    """On Ctrl-C after a full disk that is no more full, the work since is kept."""
    store = Checkpoints(tmp_path / "c")
    store.save(checkpoint(1), wait=True)
    (tmp_path / "c").rename(tmp_path / "away")
    store.save(checkpoint(2))
    store._background.settle()
    (tmp_path / "away").rename(tmp_path / "c")
    store.save(checkpoint(3), wait=True)
    assert number_of(store.newest()) == 3
    store.wait()  # nothing is left to raise
