"""On a GPU: the same training, as a graph of launches and one by one."""

from contextlib import nullcontext

import pytest
import torch
from torch import Tensor, nn

from dovetail import losses, optim
from dovetail.errors import ConfigError
from dovetail.train import Rows, Trained, train
from dovetail.train.native.captured import WARMED, captured
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


class Noisy(nn.Module):
    """Draws from the device's generator, which a graph would do forever alike."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = small()

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        return self.inner(numbers + 0.1 * torch.randn_like(numbers), categories)


@pytest.mark.gpu
def test_noise_of_its_own_is_not_captured() -> None:
    network = Noisy().cuda()
    told = train(network, SQUARED, optim.AdamW(), on_gpu(rows(35)), long())
    [note] = told.notes
    assert "draws noise of its own" in note
    assert told.choices.compiled == 0


class NoStream:
    """Stands for streams and graphs where there is no GPU."""

    def wait_stream(self, other: object) -> None: ...

    def replay(self) -> None: ...


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CUDAGraph", "Stream", "current_stream"):
        monkeypatch.setattr(torch.cuda, name, NoStream)
    for name in ("stream", "graph"):
        monkeypatch.setattr(torch.cuda, name, lambda _: nullcontext())


@pytest.mark.parametrize("last", [1, WARMED, WARMED + 1, None])
def test_a_capture_leaves_the_weights_as_they_were(
    last: int | None, no_gpu: None
) -> None:
    """Where it fails while warming up, in the capture itself, or not at all."""
    weights, calls = torch.tensor([1.0, 2.0]), 0

    def function(state: Tensor, block: Tensor) -> list[Tensor]:
        nonlocal calls
        calls += 1
        state.mul_(block)
        if calls == last:
            raise RuntimeError("operation not permitted when stream is capturing")
        return [state.sum()]

    if last is None:
        captured(function, [weights], [torch.zeros(1)])
    else:
        with pytest.raises(RuntimeError, match="not permitted"):
            captured(function, [weights], [torch.zeros(1)])
    assert calls == (last or WARMED + 1)
    assert weights.tolist() == [1.0, 2.0]


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
