"""Frozen weights are held and written once, and are still part of the run."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from dovetail import optim
from dovetail.train import Checkpoints, train, train_members
from dovetail.train.snapshot import keep, renewed
from tests.train.engine import Own, mlp, plan, rows, scores, state_of
from tests.train.pieces import SQUARED, equal, run_in_pieces, whole_run


def frozen(seed: int = 0) -> nn.Sequential:
    network = mlp(seed, norm=True, dropout=0.2).module
    network[0].requires_grad_(False)
    return network


class Teacher(nn.Module):
    """Moves frozen weights towards the trained ones in its forward."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.pupil, self.teacher = mlp(seed).module, mlp(seed).module
        self.teacher.requires_grad_(False)

    def forward(self, numbers: Tensor) -> Tensor:
        if self.training:
            with torch.no_grad():
                for own, other in zip(
                    self.teacher.parameters(), self.pupil.parameters(), strict=True
                ):
                    own.data.lerp_(other, 0.1)
        return self.pupil(numbers) + 0.5 * self.teacher(numbers)


@pytest.mark.parametrize("make", [frozen, Teacher])
@pytest.mark.parametrize("at", [[3], [5, 8, 14]])
@pytest.mark.parametrize("trouble", [0, 7])
def test_a_run_goes_on(make, at: list[int], trouble: int, tmp_path: Path) -> None:
    data, spec, given = rows(), optim.AdamW(), plan(average=True)
    one, _ = whole_run(make, spec, lambda: data, given, data, trouble)
    other = run_in_pieces(make, spec, lambda: data, given, data, tmp_path, at, trouble)
    equal(one, other)


def test_a_checkpoint_has_frozen_weights_once(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for make, times in ((frozen, 1), (Teacher, 3)):
        checkpoints.remove()
        train(
            Own(make(0)), SQUARED, optim.SGD(), rows(), plan(), score=lambda: 1.0,
            checkpoints=checkpoints,
        )  # fmt: skip
        names = [n for n in checkpoints.newest().tensors if n.endswith("0.weight")]
        assert len(names) == times, names


def test_members_keep_their_own_frozen_weights() -> None:
    data, together = rows(), [Own(frozen(i)) for i in range(2)]
    before = [state_of(network) for network in together]
    train_members(
        together, [SQUARED] * 2, [optim.SGD()] * 2, data, plan(),
        scores=scores(together, data),
    )  # fmt: skip
    for network, start in zip(together, before, strict=True):
        now = state_of(network)
        assert torch.equal(now["inner.0.weight"], start["inner.0.weight"])
        assert not torch.equal(now["inner.4.weight"], start["inner.4.weight"])


def test_a_snapshot_uses_the_memory_of_the_one_before() -> None:
    state = {"a": torch.ones(2), "f": torch.ones(2), "g": torch.zeros(2)}
    first = {name: value.clone() for name, value in state.items()}
    state["g"] += 1  # frozen, and moved all the same
    old = renewed({}, state, first, {"f", "g"})
    assert old["f"] is first["f"]
    assert [v.tolist() for v in old.values()] == [[1, 1], [1, 1], [1, 1]]
    state["a"] += 4
    new = renewed(old, state, first, {"f", "g"})
    assert new["a"] is old["a"]
    assert new["a"].tolist() == [5, 5]
    state["f"] += 1
    assert renewed(new, state, first, {"f", "g"})["f"].tolist() == [2, 2]
    assert first["f"].tolist() == [1, 1]


def test_the_best_of_a_member_leaves_the_first_weights_alone() -> None:
    first = {"f": torch.ones(2, 1)}
    best = {"f": first["f"]}
    keep(best, {"f": torch.tensor([[1.0], [3.0]])}, first, 0)
    assert best["f"] is first["f"]
    keep(best, {"f": torch.tensor([[2.0], [3.0]])}, first, 1)
    assert (best["f"].tolist(), first["f"].tolist()) == ([[1], [3]], [[1], [1]])
