"""The model folder: complete or absent, and refused after any change."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dovetail._folder import (
    FORMAT_VERSION,
    check_free,
    checkpoints_beside,
    read_folder,
    write_folder,
)
from dovetail._folder.disk import hidden
from dovetail._folder.manifest import canonical
from dovetail.errors import DataError, FolderError, ResourceError, UsageError

FILES = {"a.json": b'{"x": 1}\n', "empty.txt": b"", "weights.bin": bytes(range(256))}
RUN = {"run.json": b'{"seconds": 1.5}\n'}
OTHER = {"a.json": b"other"}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "model", FILES, RUN)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"<folder>"
        for p in sorted(folder.rglob("*"))
    }


# -- writing --------------------------------------------------------------------------


def test_what_is_written_is_read(model: Path) -> None:
    assert read_folder(model) == {**FILES, **RUN}
    assert read_folder(str(model)) == {**FILES, **RUN}


def test_manifest_holds_sizes_and_hashes_of_the_hashed_files(model: Path) -> None:
    manifest = json.loads((model / "manifest.json").read_bytes())
    assert manifest["format_version"] == 1
    assert list(manifest["files"]) == sorted(FILES)
    for name, data in FILES.items():
        assert manifest["files"][name] == {
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
        }


def test_equal_files_give_equal_bytes_in_any_order(tmp_path: Path) -> None:
    one = write_folder(tmp_path / "one", FILES)
    two = write_folder(tmp_path / "two", dict(reversed(FILES.items())))
    assert tree(one) == tree(two)


def test_run_json_stands_outside_the_hashes(model: Path) -> None:
    (model / "run.json").write_bytes(b"{}")
    assert read_folder(model)["run.json"] == b"{}"
    (model / "run.json").unlink()
    assert read_folder(model) == FILES


def test_nothing_but_the_folder_is_left(model: Path, tmp_path: Path) -> None:
    write_folder(model, OTHER, force=True)
    assert os.listdir(tmp_path) == ["model"]
    assert read_folder(model) == OTHER


def test_folder_has_the_permissions_of_any_new_folder(
    model: Path, tmp_path: Path
) -> None:
    (tmp_path / "plain").mkdir()
    assert model.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_missing_parents_are_made(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "runs" / "a" / "model", FILES)
    assert read_folder(folder) == FILES


def test_existing_folder_needs_force(model: Path) -> None:
    for call in (lambda: write_folder(model, OTHER), lambda: check_free(model)):
        with pytest.raises(UsageError, match="exists already") as caught:
            call()
        assert caught.value.exit_code == 2
        assert "--force" in str(caught.value)
    assert read_folder(model) == {**FILES, **RUN}


def test_force_replaces_a_model_even_a_damaged_one(model: Path) -> None:
    (model / "a.json").unlink()
    write_folder(model, OTHER, force=True)
    assert read_folder(model) == OTHER


def test_force_fills_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert read_folder(write_folder(tmp_path / "empty", FILES, force=True)) == FILES


@pytest.mark.parametrize("manifest", [None, b"{}", b"not json", b'{"kind": "other"}'])
def test_force_never_replaces_what_is_not_ours(
    tmp_path: Path, manifest: bytes | None
) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter1.txt").write_text("years of work")
    if manifest is not None:
        (folder / "manifest.json").write_bytes(manifest)
    before = tree(folder)
    with pytest.raises(UsageError, match="not a dovetail model folder"):
        write_folder(folder, FILES, force=True)
    assert tree(folder) == before


def test_a_file_in_the_way_is_refused_with_and_without_force(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("a file")
    for force in (False, True):
        with pytest.raises(UsageError, match="is a file"):
            write_folder(tmp_path / "model", FILES, force=force)
    assert (tmp_path / "model").read_text() == "a file"


def test_a_link_is_followed(model: Path, tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to(model)
    write_folder(tmp_path / "latest", OTHER, force=True)
    assert (tmp_path / "latest").is_symlink()
    assert read_folder(model) == OTHER


@pytest.mark.parametrize("name", ["manifest.json", "run.json", "../x", "a/b", ""])
def test_our_own_mistakes_in_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a hashed file"):
        write_folder(tmp_path / "model", {name: b""})
    with pytest.raises(ValueError, match="cannot stand outside"):
        write_folder(tmp_path / "model", {}, {"times.json": b""})
    assert os.listdir(tmp_path) == []


# -- failures while writing -----------------------------------------------------------


def fail_at(monkeypatch: pytest.MonkeyPatch, name: str, at: int, error: BaseException):
    """Let the ``at``-th call of ``os.<name>`` raise ``error``."""
    real, calls = getattr(os, name), [0]

    def call(*args, **kwargs):
        calls[0] += 1
        if calls[0] == at:
            raise error
        return real(*args, **kwargs)

    monkeypatch.setattr(os, name, call)


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("force", [False, True], ids=["new", "replace"])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6])
def test_disk_full_leaves_things_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, force: bool
) -> None:
    # Six flushes: three files, run.json, the manifest, the folder.
    folder = tmp_path / "runs" / "model"
    if force:
        write_folder(folder, OTHER)
    before = tree(tmp_path)
    fail_at(monkeypatch, "fsync", at, FULL)
    with pytest.raises(ResourceError, match="No space left on device") as caught:
        write_folder(folder, FILES, RUN, force=force)
    assert caught.value.exit_code == 5
    assert tree(tmp_path) == before


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()], ids=["full", "ctrl-c"])
def test_failed_rename_keeps_the_old_model(
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
    error: BaseException,
) -> None:
    before = tree(tmp_path)
    fail_at(monkeypatch, "rename", at, error)
    with pytest.raises((ResourceError, KeyboardInterrupt)):
        write_folder(model, OTHER, force=True)
    assert tree(tmp_path) == before


def test_interrupt_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, "fsync", 2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "model", FILES)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("moment", ["rename 1", "rename 2", "rmtree 1"])
def test_a_kill_at_any_rename_leaves_a_whole_model_on_disk(
    model: Path, tmp_path: Path, moment: str
) -> None:
    name, at = moment.split()
    script = f"""
import os, shutil, signal, sys
from dovetail._folder import write_folder
home, calls = (os if {name!r} == "rename" else shutil), [0]
real = getattr(home, {name!r})
def call(*args, **kwargs):
    calls[0] += 1
    if calls[0] == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **kwargs)
setattr(home, {name!r}, call)
write_folder({str(model)!r}, {OTHER!r}, force=True)
"""
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -9
    whole = []
    for folder in tmp_path.iterdir():
        whole.append(read_folder(folder))
    assert {**FILES, **RUN} in whole or OTHER in whole

    (model.parent / "other").mkdir()
    write_folder(model, OTHER, force=True)
    assert sorted(os.listdir(tmp_path)) == ["model", "other"]  # nothing of the kill


def test_leftovers_of_another_folder_or_a_running_process_stay(
    model: Path, tmp_path: Path
) -> None:
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    theirs = str(hidden(model, "partial")).replace(f"-{os.getpid()}-", f"-{other.pid}-")
    of_another = str(hidden(tmp_path / "m", "partial"))
    of_another = of_another.replace(f"-{os.getpid()}-", f"-{other.pid}-")
    os.mkdir(theirs)
    os.mkdir(of_another)
    write_folder(model, OTHER, force=True)
    assert os.path.isdir(theirs)
    other.communicate()
    write_folder(model, OTHER, force=True)
    assert not os.path.exists(theirs)
    assert os.path.isdir(of_another)


def test_checkpoints_stand_beside_the_folder_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    beside = tmp_path.with_name(f"{tmp_path.name}.checkpoints")
    for same in (".", "a/..", tmp_path):
        assert checkpoints_beside(same).resolve() == beside


def test_a_folder_made_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real = tmp_path / "model", os.rename

    def rename(source, target):
        Path(target).mkdir()
        (Path(target) / "mine.txt").write_text("mine")
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(UsageError, match="made by someone else"):
        write_folder(folder, FILES)
    assert tree(tmp_path) == {"model": b"<folder>", "model/mine.txt": b"mine"}


def test_an_old_model_that_cannot_be_deleted_is_named(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.rmtree

    def rmtree(path, ignore_errors=False):
        if not ignore_errors:
            raise PermissionError(errno.EACCES, "Permission denied")
        real(path, ignore_errors=True)

    monkeypatch.setattr(shutil, "rmtree", rmtree)
    with pytest.raises(ResourceError, match=r"is saved .* could not be deleted"):
        write_folder(model, OTHER, force=True)
    assert read_folder(model) == OTHER


def test_a_parent_that_is_a_file_is_a_resource_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="could not be written"):
        write_folder(tmp_path / "file" / "model", FILES)


def test_a_disk_without_fsync_of_folders_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fsync(descriptor):
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert read_folder(write_folder(tmp_path / "model", FILES)) == FILES


# -- tampering ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.json", "weights.bin", "manifest.json"])
def test_every_flipped_byte_is_refused(model: Path, name: str) -> None:
    path = model / name
    good = path.read_bytes()
    for place in range(0, len(good), 5 if name == "weights.bin" else 1):
        for flip in (0x01, 0x20):
            bad = bytearray(good)
            bad[place] ^= flip
            path.write_bytes(bytes(bad))
            with pytest.raises(FolderError) as caught:
                read_folder(model)
            assert caught.value.exit_code == 6
            # A flip in the manifest may show as a file that is missing or changed.
            assert name in str(caught.value) or name == "manifest.json"


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_every_missing_file_is_named(model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(FolderError, match=name):
        read_folder(model)


@pytest.mark.parametrize("name", FILES)
def test_every_grown_or_cut_file_is_named(model: Path, name: str) -> None:
    data = (model / name).read_bytes()
    for changed in (data + b"\n", data[:-1]):
        if changed != data:
            (model / name).write_bytes(changed)
            with pytest.raises(FolderError, match=rf"{name} has \d+ bytes"):
                read_folder(model)


@pytest.mark.parametrize(
    "name", ["extra.json", ".hidden", "A.json", "a.json~", "数.txt"]
)
def test_unlisted_files_are_named(model: Path, name: str) -> None:
    (model / name).write_bytes(b"")
    with pytest.raises(FolderError, match="not listed") as caught:
        read_folder(model)
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["sub", ".git", "__pycache__"])
def test_unlisted_folders_are_named(model: Path, name: str) -> None:
    (model / name).mkdir()
    with pytest.raises(FolderError, match=name):
        read_folder(model)


@pytest.mark.parametrize("name", ["a.json", "manifest.json", "run.json"])
def test_a_folder_in_a_files_place_is_refused(model: Path, name: str) -> None:
    (model / name).unlink()
    (model / name).mkdir()
    with pytest.raises(FolderError, match=f"{name} is not a plain file"):
        read_folder(model)


@pytest.mark.parametrize("name", ["a.json", "manifest.json", "run.json"])
def test_a_link_in_a_files_place_is_refused_though_its_bytes_are_right(
    model: Path, tmp_path: Path, name: str
) -> None:
    shutil.move(model / name, tmp_path / "elsewhere")
    (model / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match=f"{name} is not a plain file"):
        read_folder(model)


def test_force_never_replaces_a_folder_whose_manifest_is_a_link(
    model: Path, tmp_path: Path
) -> None:
    thesis = tmp_path / "thesis"
    thesis.mkdir()
    (thesis / "manifest.json").symlink_to(model / "manifest.json")
    with pytest.raises(UsageError, match="not a dovetail model folder"):
        write_folder(thesis, FILES, force=True)
    assert os.listdir(thesis) == ["manifest.json"]


def test_a_newer_format_is_refused_and_says_so(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", FILES, format_version=FORMAT_VERSION + 1)
    with pytest.raises(FolderError, match=r"has format 2.*up to 1") as caught:
        read_folder(folder)
    assert "--upgrade dovetail-ml" in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["../secret", "/etc/passwd", "..", ".", "a/b", "a\\b", "C:x", ".hidden", "",
     "manifest.json", "run.json", "\x00", "\ud800"],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(
    model: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_bytes(b"")
    manifest = json.loads((model / "manifest.json").read_bytes())
    manifest["files"][name] = {"sha256": hashlib.sha256(b"").hexdigest(), "size": 0}
    (model / "manifest.json").write_bytes(canonical(manifest))
    with pytest.raises(FolderError, match=r"manifest\.json lists"):
        read_folder(model)


@pytest.mark.parametrize(
    "change",
    [
        {"files": []},
        {"files": {"a.json": None}},
        {"files": {"a.json": {"sha256": 1, "size": 1}}},
        {"files": {"a.json": {"sha256": "", "size": True}}},
        {"files": {"a.json": {"sha256": "", "size": 1, "more": 1}}},
        {"format_version": 0},
        {"format_version": True},
        {"format_version": "1"},
        {"format_version": None},
        {"kind": "other"},
        {"kind": None},
    ],
)
def test_every_malformed_manifest_is_a_folder_error(model: Path, change: dict) -> None:
    manifest = json.loads((model / "manifest.json").read_bytes())
    (model / "manifest.json").write_bytes(canonical({**manifest, **change}))
    with pytest.raises(FolderError, match=r"manifest\.json"):
        read_folder(model)


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_a_manifest_that_is_no_object_is_a_folder_error(
    model: Path, data: bytes
) -> None:
    (model / "manifest.json").write_bytes(data)
    with pytest.raises(FolderError, match="not a dovetail model folder"):
        read_folder(model)


# -- not a model ----------------------------------------------------------------------


def test_a_missing_folder_is_a_data_error_with_a_near_name(model: Path) -> None:
    with pytest.raises(DataError, match="no model folder") as caught:
        read_folder(model.parent / "modle")
    assert caught.value.exit_code == 3
    assert "Did you mean 'model'?" in str(caught.value)


def test_a_folder_without_manifest_and_a_file_are_folder_errors(
    tmp_path: Path,
) -> None:
    with pytest.raises(FolderError, match="not a dovetail model folder"):
        read_folder(tmp_path)
    (tmp_path / "data.csv").write_text("a,b\n")
    with pytest.raises(FolderError, match="is not a folder"):
        read_folder(tmp_path / "data.csv")


def test_a_folder_that_cannot_be_read_is_a_data_error(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, "listdir", 1, PermissionError(errno.EACCES, "no"))
    with pytest.raises(DataError, match="cannot be read"):
        read_folder(model)


def test_reading_needs_no_torch() -> None:
    code = "import dovetail._folder, sys; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
