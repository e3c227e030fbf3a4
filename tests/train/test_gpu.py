"""On a GPU: the same training, as a graph of launches and one by one."""

import pytest
import torch

from dovetail import losses, optim
from dovetail.errors import ConfigError
from dovetail.train import Rows, Trained, train
from tests.train.engine import close, long, rows, small

SQUARED = losses.Squared()


def on_gpu(given: Rows) -> Rows:
    return given.to(torch.device("cuda"))


def trained(**changes: object) -> tuple[torch.nn.Module, Trained]:
    network = small().cuda()
    data = on_gpu(rows(35, weighted=True))
    return network, train(network, SQUARED, optim.AdamW(), data, long(**changes))


@pytest.mark.gpu
def test_captured_steps_are_the_eager_ones() -> None:
    one, told = trained(clip=1.0, average=True)
    other, plainly = trained(clip=1.0, average=True, compiled=False)
    assert told.choices.compiled > 0
    assert told.notes == []
    close(one, other, 1e-10)
    assert told.history[-1]["loss"] == pytest.approx(plainly.history[-1]["loss"])


@pytest.mark.gpu
def test_the_gpu_gives_what_the_processor_gives() -> None:
    """Dropout too: its noise is a function of place, not of the device's generator."""
    there, _ = trained(compiled=False)
    here = small()
    data = rows(35, weighted=True)
    train(here, SQUARED, optim.AdamW(), data, long(compiled=False))
    close(there.cpu(), here, 1e-9)


def test_a_processor_has_no_tf32() -> None:
    with pytest.raises(ConfigError, match="tf32, which cpu does not have"):
        train(small(), SQUARED, optim.AdamW(), rows(35), long(precision="tf32"))
