"""Whatever is raised, the command leaves with the documented code and one message."""

import errno
from signal import SIGINT, SIGTERM

import pyarrow as pa
import pytest
import torch

from dovetail import errors

FIT = ("fit", "d.csv", "--target", "y")
RAISED = {
    "usage": (errors.UsageError("u"), 2, "u"),
    "data": (errors.DataError("d.csv, line 3: bad", fix="mend it"), 3, "line 3"),
    "target": (errors.TargetError("one class"), 3, "one class"),
    "config": (errors.ConfigError("c"), 4, "c"),
    "resource": (errors.ResourceError("full"), 5, "full"),
    "folder": (errors.FolderError("task.json changed"), 6, "task.json"),
    "not finite": (errors.NotFiniteError("nan"), 7, "nan"),
    "check": (errors.CheckFailed("missed"), 8, "missed"),
    "memory": (MemoryError(), 5, "memory"),
    "arrow": (pa.ArrowMemoryError("malloc"), 5, "memory"),
    "cuda": (torch.OutOfMemoryError("CUDA out of memory."), 5, "--batch-size"),
    "cpu": (RuntimeError("DefaultCPUAllocator: can't allocate"), 5, "--batch-size"),
    "disk": (OSError(errno.ENOSPC, "No space left on device", "x"), 5, "No space"),
    "permission": (PermissionError(errno.EACCES, "Permission denied", "x"), 5, "(x)"),
    "interrupt": (KeyboardInterrupt(), 130, "Interrupted"),
    "unsaved": (errors.Interrupted(SIGINT, saved=False), 130, "half-written"),
    "unsaved, 15": (errors.Interrupted(SIGTERM, saved=False), 143, "by SIGTERM"),
    "bug": (RuntimeError("two\nlines"), 1, "A bug of ours: RuntimeError: two lines"),
    "index": (KeyError("k"), 1, "A bug of ours: KeyError: 'k'"),
    "missing": (FileNotFoundError(errno.ENOENT, "No such file"), 1, "A bug of ours"),
}


@pytest.mark.parametrize("name", RAISED)
def test_the_code_and_the_one_message(name, run, estimator, here):
    estimator.error, code, needed = RAISED[name]
    result = run(*FIT)
    assert result.code == code
    assert result.out == ""
    assert result.err.count("Error:") == 1 + ("KeyError:" in result.err) + (
        "RuntimeError:" in result.err
    ) + ("FileNotFoundError:" in result.err)
    assert needed in result.err
    assert "Traceback" not in result.err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("name", RAISED)
def test_debug_adds_the_traceback_and_keeps_the_code(name, run, estimator):
    estimator.error, code, needed = RAISED[name]
    result = run(*FIT, "--debug")
    assert result.code == code
    assert "Traceback (most recent call last)" in result.err
    assert needed in result.err


def test_a_bug_says_how_to_see_more(run, estimator):
    estimator.error = RuntimeError("?")
    assert "--debug" in run(*FIT).err


def test_quiet_silences_talk_but_no_error(run, estimator):
    estimator.error = errors.DataError("bad line")
    result = run(*FIT, "--quiet")
    assert result.err == "Error: bad line\n"


def test_a_warning_of_a_library_is_shown_with_debug_only(run, estimator, monkeypatch):
    import warnings

    def load(folder):
        warnings.warn("noise", UserWarning, stacklevel=1)
        raise errors.FolderError("x")

    monkeypatch.setattr(estimator, "load", load)
    assert run("explain", ".").err == "Error: x\n"


def test_colour_only_on_a_terminal_without_no_color(run, estimator, monkeypatch):
    import sys

    estimator.error = errors.DataError("bad")
    assert "\x1b" not in run(*FIT).err
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert "\x1b[1;31mError:\x1b[0m" in run(*FIT).err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run(*FIT).err
