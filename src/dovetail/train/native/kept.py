"""Graphs of tensor operations to native programs, kept on disk by their content.

    $XDG_CACHE_HOME/dovetail/<hash>.pt2        the program
    $XDG_CACHE_HOME/dovetail/<hash>.sha256     of its bytes, written last

The hash is over everything the program depends on: the graph with its constants, the
shapes, the threads, the version of torch, the C++ compiler and the processor. A program
that is missing or damaged is compiled again; those not used for longest make room.
"""

import contextlib
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.fx import GraphModule

from dovetail._user_cache import unused, user_cache

FORMAT = "1"  # changes whenever the way of compiling does
KEPT_BYTES = 256 * 2**20  # of programs on disk; one has up to some megabytes
LEFT_S = 86_400.0  # no compilation takes so long: what is older was left behind

Run = Callable[[list[Tensor]], Any]


def can_compile(device: torch.device) -> str:
    """Why nothing can be compiled for this device; empty where it can."""
    if device.type == "cuda":
        return ""  # launches are captured, nothing is compiled
    if device.type != "cpu":
        return f"there are no programs for {device.type}"
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        found = shutil.which(get_cpp_compiler())
    except InvalidCxxCompiler:
        found = None
    return "" if found else "there is no C++ compiler (g++) on this machine"


def program(
    graph: GraphModule,
    example: Sequence[Tensor],
    cutting: Callable[[], AbstractContextManager[None]],
) -> Run:
    """The native program of ``graph``: from disk, or compiled and kept there.

    It is compiled inside ``cutting()``, which may end that at any point.
    """
    # The user's own folder, since it holds native code.
    place = user_cache() / f"{_hash_of(graph, example)}.pt2"
    if _is_sound(place):
        with contextlib.suppress(OSError):
            os.utime(place)  # used now
    else:
        with cutting():
            _compile(graph, example, place)
    loaded = torch._inductor.aoti_load_package(str(place), run_single_threaded=True)
    # Called itself it would look for tensors inside containers, at 20 us a call.
    return loaded.loader.boxed_run


def _compile(graph: GraphModule, example: Sequence[Tensor], place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _aside(place.parent) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the compiler's own deprecations
        fresh = folder / "program.pt2"
        exported = torch.export.export(graph, tuple(example))
        # A copy: it writes settings of its own there.
        torch._inductor.aoti_compile_and_package(
            exported, package_path=str(fresh), inductor_configs=dict(_SETTINGS)
        )
        digest = _digest(fresh)
        os.replace(fresh, place)
        place.with_suffix(".sha256").write_text(digest)
    _prune(place.parent)


@contextlib.contextmanager
def _aside(parent: Path) -> Iterator[Path]:
    """A folder for what is half done, the C++ compiler's files too; gone afterwards.

    A compiler that is killed leaves its files where they are.
    """
    tempfile.gettempdir()  # settled before: it is for all of the process
    before = os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory(
        prefix=_ASIDE, dir=parent, ignore_cleanup_errors=True
    ) as folder:
        os.environ["TMPDIR"] = folder
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = before


_ASIDE = ".compiling-"


_SETTINGS = {
    # The wrapper holds calls only; the arithmetic stands in kernels of its own.
    "aot_inductor.compile_wrapper_opt_level": "O0",
}


def _is_sound(place: Path) -> bool:
    """Is the program there, whole, and written by this user?"""
    try:
        wanted = place.with_suffix(".sha256").read_text()
        mine = not hasattr(os, "getuid") or place.stat().st_uid == os.getuid()
        return mine and _digest(place) == wanted
    except OSError:
        return False


def _digest(place: Path) -> str:
    return hashlib.sha256(place.read_bytes()).hexdigest()


def _hash_of(graph: GraphModule, example: Sequence[Tensor]) -> str:
    said = hashlib.sha256()
    for word in (
        FORMAT,
        torch.__version__,
        torch.backends.cpu.get_cpu_capability(),
        _processor(),
        _compiler(),
        str(torch.get_num_threads()),
        *sorted(f"{key}={value}" for key, value in _SETTINGS.items()),
        graph.code,
        *(f"{t.dtype}{tuple(t.shape)}{t.stride()}{t.device}" for t in example),
    ):
        said.update(word.encode() + b"\0")
    for name, value in graph.named_buffers():
        said.update(name.encode() + value.reshape(-1).view(torch.uint8).numpy().data)
    return said.hexdigest()


def _processor() -> str:
    """The instructions it has, for the compiler uses all of them."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        import platform

        return platform.processor()
    flags = [line for line in text.splitlines() if line.startswith("flags")]
    return flags[0] if flags else text


def _compiler() -> str:
    """Where the C++ compiler is, and the version it tells."""
    from torch._inductor.cpp_builder import get_cpp_compiler

    path = shutil.which(get_cpp_compiler())
    return "" if path is None else f"{path} {_version(path)}"


@functools.cache
def _version(compiler: str) -> str:
    said = subprocess.run(
        [compiler, "--version"], capture_output=True, text=True, check=False
    )
    return said.stdout.partition("\n")[0]


def _prune(folder: Path) -> None:
    """Keep the last used; what another process runs stays open under its own name."""
    for left in folder.glob(f"{_ASIDE}*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > LEFT_S:
                shutil.rmtree(left, ignore_errors=True)
    for path in unused(folder.glob("*.pt2"), KEPT_BYTES):
        path.with_suffix(".sha256").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
