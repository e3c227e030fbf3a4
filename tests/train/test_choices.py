"""How a run computes: by pure rules, or as it was told."""

import dataclasses
import signal
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from dovetail import losses, optim
from dovetail.backbones import Flat, Network, Tabular, TabularShape
from dovetail.errors import ConfigError, Interrupted
from dovetail.train import Checkpoints, Choices, Rows, Stop, threads, train
from dovetail.train.choices import (
    PRECISIONS,
    Size,
    check_precision,
    choose,
    cost_s,
    has_bfloat16,
    precision_for,
    products,
)
from tests.train.engine import SGD, mlp, plan, rows

CPU = torch.device("cpu")
sizes = st.builds(
    Size,
    products=st.floats(0, 1e12),
    covers=st.integers(0, 1000),
    layers=st.integers(1, 100),
    steps=st.integers(1, 10**7),
    classifies=st.booleans(),
    device=st.just(CPU),
)


@given(sizes, st.booleans())
def test_rules_are_pure_and_give_what_the_engine_knows(size: Size, can: bool) -> None:
    choices = choose(size, can_compile=can)
    assert choices == choose(size, can_compile=can)
    assert choices.precision in PRECISIONS
    assert choices.compiled in ((0, 1, *range(6, 13)) if can else (0,))
    assert 1 <= choices.threads <= torch.get_num_threads()
    assert choices.micro_batch is None
    assert Choices.from_json(choices.to_json()) == choices


@given(
    sizes, st.sampled_from(["float32", "bfloat16"]), st.booleans(), st.integers(1, 64),
    st.integers(1, 1000),
)  # fmt: skip
def test_what_is_forced_is_taken(
    size: Size, precision: str, compiled: bool, count: int, micro: int
) -> None:
    choices = choose(
        size, precision=precision, compiled=compiled, threads=count, micro_batch=micro
    )
    assert choices.precision == precision
    assert bool(choices.compiled) == compiled
    assert (choices.threads, choices.micro_batch) == (count, micro)


def test_more_work_never_stops_paying_for_a_compilation() -> None:
    found = [choose(Size(1e4, 9, 4, 10**k, True, CPU)).compiled for k in range(2, 9)]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (0, 9)


def test_numbers_are_never_predicted_in_half_precision_by_rule() -> None:
    large = Size(1e10, 9, 10, 100, True, CPU)
    assert precision_for(dataclasses.replace(large, classifies=False)) == "float32"
    assert precision_for(dataclasses.replace(large, products=1e3)) == "float32"
    assert precision_for(large) == ("bfloat16" if has_bfloat16(CPU) else "float32")


@pytest.mark.parametrize("precision", ["float16", "half", "", "bf16"])
def test_another_precision_is_refused(precision: str) -> None:
    with pytest.raises(ConfigError, match=f"precision is '{precision}'") as caught:
        train(mlp(), losses.Squared(), SGD, rows(), plan(precision=precision))
    assert "auto, float32, tf32 or bfloat16" in caught.value.fix


def test_a_precision_is_refused_before_anything_is_trained() -> None:
    for precision in ("auto", *PRECISIONS):
        check_precision(precision, torch.device("cuda"))
    for precision in ("auto", "float32", "bfloat16"):
        check_precision(precision, CPU)
    with pytest.raises(ConfigError, match="tf32, which cpu does not have"):
        check_precision("tf32", CPU)
    with pytest.raises(ConfigError, match="precision is 'half'"):
        check_precision("half", CPU)


def test_the_run_tells_its_choices() -> None:
    with threads(2):
        trained = train(
            mlp(), losses.Squared(), SGD, rows(), plan(threads=2, micro_batch=5)
        )
    assert trained.choices == Choices(
        precision="float32", compiled=0, threads=2, micro_batch=5
    )


LOADER = DataLoader(TensorDataset(rows().numbers, rows().target), batch_size=8)


@pytest.mark.parametrize(
    ("spec", "data", "changes", "said"),
    [
        (optim.Muon(), rows(), {}, "a step of Muon cannot be compiled"),
        (optim.LBFGS(), rows(), {}, "a step of LBFGS cannot be compiled"),
        (SGD, LOADER, {}, "batches of a loader cannot be compiled"),
        (SGD, rows(), {"micro_batch": 4}, "a step in micro-batches cannot be compiled"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_program_of_what_has_none_is_refused(
    spec: optim.Spec, data: Rows | DataLoader, changes: dict[str, int], said: str
) -> None:
    """By rule they are eager steps, and nobody need say so."""
    with pytest.raises(ConfigError, match=f"compiled was asked for, but {said}"):
        train(mlp(), losses.Squared(), spec, data, plan(compiled=True, **changes))
    eager = plan(epochs=1, compiled=None, **changes)
    assert train(mlp(), losses.Squared(), spec, data, eager).choices.compiled == 0


def test_a_time_limit_leaves_time_for_more_than_compiling() -> None:
    """12 s, and 4 layers of 0.8 s in each of 9 steps: 40.8 s, five times 204 s."""
    size = Size(1e4, 9, 4, 10**8, True, CPU)
    assert cost_s(size) == pytest.approx(40.8)
    assert choose(size, left_s=205).compiled == 9
    assert choose(size, left_s=203).compiled == 0
    assert choose(size, left_s=0, compiled=True).compiled == 9
    on_gpu = dataclasses.replace(size, device=torch.device("cuda"))
    forced = {"precision": "float32", "threads": 1}
    assert choose(on_gpu, left_s=16, **forced).compiled == 9
    assert choose(on_gpu, left_s=14, **forced).compiled == 0


@pytest.mark.parametrize(("limit", "compiled"), [(None, 6), (1e6, 6), (20, 0)])
def test_the_time_limit_of_a_run_is_what_counts(
    limit: float | None, compiled: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that goes on does what it did, whatever its limit is now."""
    monkeypatch.setattr("dovetail.train.choices.BLOCKS", (6,))
    data, given = rows(96), plan(epochs=10**6, compiled=None)

    def stopped(limit: float | None) -> int:
        stop, checkpoints = Stop(limit), Checkpoints(tmp_path)
        stop.signal = signal.SIGTERM
        with pytest.raises(Interrupted):
            train(
                mlp(), losses.Squared(), SGD, data, given, checkpoints=checkpoints,
                stop=stop,
            )  # fmt: skip
        checkpoints.close()
        saved = checkpoints.newest()
        assert saved is not None
        count: int = saved.document["choices"]["compiled"]
        return count

    assert stopped(limit) == compiled
    assert stopped(1.0) == stopped(None) == compiled


def inputs(x: torch.Tensor, categories: int = 0) -> Rows:
    codes = torch.zeros(len(x), categories, dtype=torch.int64)
    return Rows(x, codes, torch.zeros(len(x), 1))


def test_products_of_linear_layers() -> None:
    """3 * 6 + 6 * 6 + 6 * 2 = 66; three linear layers and two of Tanh."""
    assert products(mlp(), rows()) == (66, 5)


def test_products_of_a_convolution_count_each_pixel() -> None:
    """8 filters of 3 x 3 x 3 on 10 x 10 pixels; then 8 to 2 on the mean."""
    network = Flat(
        nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            nn.Linear(8, 2),
        ),
        (),
    )  # fmt: skip
    found, layers = products(network, inputs(torch.zeros(2, 3, 10, 10)))
    assert found == 8 * 27 * 100 + 8 * 2
    assert layers == 4


def test_products_of_words_and_no_products_of_a_look_up() -> None:
    """An embedding multiplies nothing; a linear layer runs for each of 7 words."""

    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.linear = nn.Embedding(50, 4), nn.Linear(4, 3)

        def forward(self, numbers, categories):
            return self.linear(self.table(categories)).mean(1)

    found, _ = products(Words(), inputs(torch.zeros(2, 0), categories=7))
    assert found == 7 * 4 * 3


def test_products_of_our_network_for_tables() -> None:
    """2 numbers in 4 features each, a category in 4; embeddings are looked up:

    first layer       (8 + 4) * 16                                           = 192
    two blocks        2 * 2 * 16 * 16                                        = 1024
    head              16 * 3                                                  = 48
    """
    shape = TabularShape(
        numbers=2, cardinalities=(5,), bins=(4, 4), embedding=4, width=16, blocks=2,
        dropout=0.1,
    )  # fmt: skip
    network = Network(Tabular(shape), nn.Linear(16, 3))
    found, _ = products(network, inputs(torch.zeros(2, 2), categories=1))
    assert found == 192 + 1024 + 48


def test_counting_products_leaves_the_network_as_it_was() -> None:
    network = mlp(norm=True)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    network.train()
    products(network, rows())
    assert network.training
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
    assert not any(m._forward_hooks for m in network.modules())
