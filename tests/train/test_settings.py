"""A checkpoint of another training is refused, and the message says what differs."""

from pathlib import Path

import pytest
from torch import nn

from dovetail import losses, optim
from dovetail.errors import ConfigError
from dovetail.train import Checkpoint, Checkpoints, Plan, train, train_members
from tests.train.engine import SGD, mlp, plan, rows

SQUARED = losses.Squared()


def begun(folder: Path) -> Checkpoints:
    checkpoints = Checkpoints(folder)
    train(mlp(), SQUARED, SGD, rows(), plan(), checkpoints=checkpoints)
    return checkpoints


CHANGED: dict[str, tuple[nn.Module, losses.Loss, optim.Spec, Plan, str]] = {
    "rate": (mlp(), SQUARED, SGD.with_lr(0.1), plan(), "lr was 0.05, is 0.1"),
    "optimizer": (
        mlp(), SQUARED, optim.Muon(), plan(), "optimizer name was SGD, is Muon",
    ),
    "loss": (mlp(), losses.Huber(), SGD, plan(), "loss name was Squared, is Huber"),
    "seed": (mlp(), SQUARED, SGD, plan(seed=2), "seed was 1, is 2"),
    "epochs": (
        mlp(), SQUARED, SGD, plan(epochs=4), "steps of all epochs was 15, is 20",
    ),
    "batch": (
        mlp(), SQUARED, SGD, plan(batch_size=20), "steps of an epoch was 5, is 2",
    ),
    "clip": (mlp(), SQUARED, SGD, plan(clip=1.0), "clip was None, is 1.0"),
    "average": (
        mlp(), SQUARED, SGD, plan(average=True), "average was False, is True",
    ),
    "width": (
        mlp(width=7), SQUARED, SGD, plan(),
        r"weights module.0.weight was \[6, 3\], is \[7, 3\]",
    ),
    "layers": (
        mlp(norm=True), SQUARED, SGD, plan(), "weights module.2.weight is missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
def test_what_differs_is_said(name: str, tmp_path: Path) -> None:
    network, loss, spec, given, said = CHANGED[name]
    checkpoints = begun(tmp_path)
    with pytest.raises(ConfigError, match=f"is of another training.*{said}") as caught:
        train(network, loss, spec, rows(), given, checkpoints=checkpoints)
    assert caught.value.exit_code == 4


def test_many_differences_are_counted(tmp_path: Path) -> None:
    checkpoints = begun(tmp_path)
    with pytest.raises(ConfigError, match=r"and \d+ more\."):
        train(mlp(width=7), SQUARED, SGD, rows(), plan(seed=2), checkpoints=checkpoints)


def test_of_members_the_one_that_differs_is_named(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)

    def run(*specs: optim.Spec) -> None:
        train_members(
            [mlp(0), mlp(1)], [SQUARED] * 2, specs, rows(), plan(),
            checkpoints=checkpoints,
        )  # fmt: skip

    run(SGD, SGD)
    with pytest.raises(ConfigError, match=r"member 1 lr was 0\.05, is 0\.1"):
        run(SGD, SGD.with_lr(0.1))


def test_a_checkpoint_that_does_not_say_what_it_is_of_is_refused(
    tmp_path: Path,
) -> None:
    checkpoints = begun(tmp_path)
    saved = checkpoints.newest()
    document = {k: v for k, v in saved.document.items() if k != "settings"}
    checkpoints.save(Checkpoint(saved.tensors, document), wait=True)
    with pytest.raises(ConfigError, match="written by an earlier version"):
        train(mlp(), SQUARED, SGD, rows(), plan(), checkpoints=checkpoints)
