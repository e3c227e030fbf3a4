"""Steps as native programs give what eager steps give, and are kept on disk."""

import math
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.fx.experimental.proxy_tensor import make_fx

from dovetail import losses, optim
from dovetail.backbones import Flat
from dovetail.errors import Interrupted
from dovetail.train import Checkpoints, Stop, Trained, train, train_members
from dovetail.train.native import kept
from dovetail.train.stop import Cut
from tests.train.engine import FULL, SGD, both, close, long, rows, same_bits, small

SQUARED = losses.Squared()


def normed(seed: int = 0) -> Flat:
    torch.manual_seed(seed)
    return Flat(
        nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)),
        (),
    )


@pytest.fixture
def single(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of one step, as large networks have them."""
    monkeypatch.setattr("dovetail.train.choices.SMALL", 0)


@pytest.fixture(scope="module")
def several(programs: Path) -> Iterator[Trained]:
    """A program that some tests share, of 5 steps: more take longer to compile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dovetail.train.choices.BLOCKS", (5,))
        yield both(small, rows(35, weighted=True), long(**FULL), 1e-12, optim.AdamW())


def test_several_steps_in_a_program_are_as_many_eager_ones(several: Trained) -> None:
    """With dropout, clip, average, row weights, and a last batch that is filled up.

    The program makes the five steps of an epoch, of which the last has three rows.
    """
    assert several.choices.compiled == 5
    assert several.clipped > 0


def test_the_second_run_takes_its_program_from_the_disk(
    several: Trained, forbidden: None
) -> None:
    """Other weights, rows and seed are the same program."""
    both(
        lambda: small(7), rows(35, weighted=True), long(**FULL, seed=5), 1e-12,
        optim.AdamW(lr=0.02),
    )  # fmt: skip


def test_a_damaged_program_is_not_used(
    several: Trained, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def copy(graph: object, example: object, place: Path) -> None:
        """In place of a compilation."""
        place.parent.mkdir(exist_ok=True)
        for suffix in (".pt2", ".sha256"):
            shutil.copy(programs / place.with_suffix(suffix).name, place.parent)
        made.append(place)

    def run() -> None:
        both(small, rows(35, weighted=True), long(**FULL), 1e-12, optim.AdamW())

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kept, "_compile", copy)
    run()
    [place] = made
    whole, digest = place.read_bytes(), place.with_suffix(".sha256")
    run()
    assert len(made) == 1
    for count, spoil in enumerate(
        (
            lambda: place.write_bytes(whole[:1000] + b"x" + whole[1001:]),
            lambda: place.write_bytes(whole[:-1]),
            lambda: place.unlink(),
            lambda: digest.write_text("0" * 64),
            lambda: digest.unlink(),
        ),
        start=2,
    ):
        spoil()
        run()
        assert made == [place] * count


def test_programs_not_used_for_longest_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEPT_BYTES", 250)
    for used, name in enumerate("dacb"):
        for suffix in (".pt2", ".sha256"):
            (tmp_path / f"{name}{suffix}").write_bytes(b"p" * 100)
        os.utime(tmp_path / f"{name}.pt2", (used, used))
    kept._prune(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {
        "b.pt2", "b.sha256", "c.pt2", "c.sha256",
    }  # fmt: skip


@pytest.mark.parametrize("at", [30, 65, 66, 67, 68, 70])
def test_an_interrupted_run_goes_on_to_the_same_bits(
    at: int, several: Trained, forbidden: None, tmp_path: Path
) -> None:
    data, given = rows(35, weighted=True), long(**FULL)
    whole = small()
    told = train(whole, SQUARED, optim.AdamW(), data, given)

    class Late:
        """A signal after 30 eager steps, at a compilation, or after programs of 5."""

        late, left_s, cutting = False, math.inf, staticmethod(nullcontext)

        def __init__(self) -> None:
            self.asked = 0

        @property
        def signal(self) -> signal.Signals | None:
            self.asked += 1
            return signal.SIGTERM if self.asked >= at else None

    pieces = small()
    checkpoints = Checkpoints(tmp_path)
    with pytest.raises(Interrupted):
        train(
            pieces, SQUARED, optim.AdamW(), data, given, checkpoints=checkpoints,
            stop=Late(),
        )  # fmt: skip
    pieces = small(3)
    again = train(pieces, SQUARED, optim.AdamW(), data, given, checkpoints=checkpoints)
    checkpoints.close()
    same_bits(whole, pieces)
    assert again.history == told.history


def killed_while_it_compiles(monkeypatch: pytest.MonkeyPatch, loud: bool) -> list[str]:
    """In place of a compilation: Ctrl-C, which reaches the compiler as well or not."""
    went_on: list[str] = []

    def compile_(graph: object, example: object, place: Path) -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except BaseException:
            if not loud:
                raise
            raise RuntimeError("g++: fatal error: Killed signal") from None
        went_on.append("compiled")

    monkeypatch.setattr(kept, "_compile", compile_)
    return went_on


@pytest.mark.parametrize("loud", [False, True], ids=["cut", "compiler fails"])
@pytest.mark.parametrize(
    ("batch", "epochs"), [(7, 18), (35, 70)], ids=["in an epoch", "between epochs"]
)
def test_a_signal_ends_a_compilation_and_changes_nothing(
    batch: int, epochs: int, loud: bool, recorded: None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The run that goes on compiles, and is the one that was left alone.

    Of 35 rows, step 65 is the last of five in an epoch, or an epoch of its own.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    data, given = rows(35), long(epochs=epochs, batch_size=batch)
    whole, pieces = small(), small()
    told = train(whole, SQUARED, optim.AdamW(), data, given)
    assert told.choices.compiled > 0

    stop, checkpoints = Stop(), Checkpoints(tmp_path / "run")
    with pytest.MonkeyPatch.context() as patch, stop.listening():
        patch.setattr("dovetail.train.native.program.program", kept.program)
        went_on = killed_while_it_compiles(patch, loud)
        with pytest.raises(Interrupted) as caught:
            train(
                pieces, SQUARED, optim.AdamW(), data, given, checkpoints=checkpoints,
                stop=stop,
            )  # fmt: skip
    assert went_on == []
    assert caught.value.saved
    saved = checkpoints.newest()
    assert saved is not None
    assert saved.document["choices"] == told.choices.to_json()
    assert saved.document["steps"] == 64
    assert saved.document["trained"][0]["notes"] == []

    pieces = small(3)
    again = train(pieces, SQUARED, optim.AdamW(), data, given, checkpoints=checkpoints)
    checkpoints.close()
    same_bits(whole, pieces)
    assert (again.history, again.notes) == (told.history, [])


def test_what_a_cut_compilation_has_written_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what a killed one left makes room after a day."""
    stop, before = Stop(), os.environ.get("TMPDIR")

    def half(exported: object, *, package_path: str, inductor_configs: object) -> None:
        Path(package_path).write_bytes(b"half")
        assert Path(os.environ["TMPDIR"]) == Path(package_path).parent
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(torch._inductor, "aoti_compile_and_package", half)
    graph = make_fx(lambda x: x + 1)(torch.ones(2))
    with stop.listening(), pytest.raises(Cut), stop.cutting():
        kept._compile(graph, [torch.ones(2)], tmp_path / "name.pt2")
    assert list(tmp_path.iterdir()) == []
    assert os.environ.get("TMPDIR") == before

    for name, age in (("old", 2 * kept.LEFT_S), ("new", 0.0)):
        left = tmp_path / f"{kept._ASIDE}{name}"
        left.mkdir()
        os.utime(left, (time.time() - age,) * 2)
    kept._prune(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [f"{kept._ASIDE}new"]


def test_one_step_in_a_program_with_batch_norm(programs: Path, single: None) -> None:
    """float32; the last batch, of other statistics, is made eagerly."""
    trained = both(
        normed, rows(43, dtype=torch.float32), long(epochs=14), 1e-3,
        optim.SGD(schedule=optim.Constant()),
    )  # fmt: skip
    assert trained.choices.compiled == 1


def test_three_members_in_one_program(programs: Path, single: None) -> None:
    def pack(compiled: bool) -> tuple[list[nn.Module], list[Trained]]:
        networks = [small(i) for i in range(3)]
        return networks, train_members(
            networks, [SQUARED, SQUARED, losses.Huber(delta=0.3)],
            [SGD, SGD.with_lr(0.01), optim.Lion(lr=1e-3)],
            rows(35, weighted=True), long(epochs=14, compiled=compiled, **FULL),
            noise_seeds=[1, 2, 3],
        )  # fmt: skip

    (one, told), (other, _) = pack(True), pack(False)
    assert told[0].notes == []
    assert told[0].choices.compiled == 1
    for a, b in zip(one, other, strict=True):
        close(a, b, 1e-12)


def test_bfloat16_products_in_a_program(programs: Path, single: None) -> None:
    """Loosely: three digits, and not always rounded at the same places."""
    both(
        lambda: small(dtype=torch.float32), rows(43, dtype=torch.float32),
        long(precision="bfloat16", epochs=14), 0.1,
    )  # fmt: skip


def test_stop_is_asked_between_programs(several: Trained, forbidden: None) -> None:
    trained = train(
        small(), SQUARED, optim.AdamW(), rows(35, weighted=True), long(**FULL),
        stop=Stop(time_limit_s=0),
    )  # fmt: skip
    assert trained.stopped == "time"
