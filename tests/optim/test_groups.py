"""Each trainable parameter stands in exactly one group, and the right ones decay."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dovetail import optim
from dovetail.errors import ConfigError


class Tied(nn.Module):
    """An embedding whose table is the output layer's matrix too."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(7, 4)
        self.out = nn.Linear(4, 7)
        self.out.weight = self.words.weight


class Marked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cutpoints = nn.Parameter(torch.zeros(2, 3))
        self.cutpoints.no_weight_decay = True
        self.kept = nn.Parameter(torch.zeros(2, 3))


class MarkedModule(nn.Module):
    no_weight_decay = True

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(2, 3))


class LikeTimm(nn.Module):
    """timm's models have a method of this name, which is not our mark."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = nn.Parameter(torch.zeros(2, 3))

    def no_weight_decay(self) -> set[str]:
        return set()


class StackedBias(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, 3, 4))
        self.bias = nn.Parameter(torch.zeros(2, 4))
        self.gate_bias = nn.Parameter(torch.zeros(2, 4))


def frozen() -> nn.Module:
    layer = nn.Linear(2, 2)
    layer.weight.requires_grad_(False)
    return layer


# Maker, names that decay, names that do not.
PARTS = {
    "linear": (lambda: nn.Linear(2, 3), {"weight"}, {"bias"}),
    "conv": (lambda: nn.Conv2d(2, 3, 3), {"weight"}, {"bias"}),
    "embedding": (lambda: nn.Embedding(5, 2), set(), {"weight"}),
    "bag": (lambda: nn.EmbeddingBag(5, 2), set(), {"weight"}),
    "layer norm": (lambda: nn.LayerNorm((2, 3)), set(), {"weight", "bias"}),
    "rms norm": (lambda: nn.RMSNorm((2, 3)), set(), {"weight"}),
    "batch norm": (lambda: nn.BatchNorm1d(3), set(), {"weight", "bias"}),
    "group norm": (lambda: nn.GroupNorm(1, 3), set(), {"weight", "bias"}),
    "lstm": (
        lambda: nn.LSTM(2, 3),
        {"weight_ih_l0", "weight_hh_l0"},
        {"bias_ih_l0", "bias_hh_l0"},
    ),
    "attention": (
        lambda: nn.MultiheadAttention(4, 2),
        {"in_proj_weight", "out_proj.weight"},
        {"in_proj_bias", "out_proj.bias"},
    ),
    "tied": (Tied, set(), {"words.weight", "out.bias"}),
    "marked": (Marked, {"kept"}, {"cutpoints"}),
    "marked module": (MarkedModule, set(), {"table"}),
    "like timm": (LikeTimm, {"kept"}, set()),
    "stacked bias": (StackedBias, {"weight"}, {"bias", "gate_bias"}),
    "frozen": (frozen, set(), {"bias"}),
}


@pytest.mark.parametrize("part", PARTS)
def test_what_decays(part):
    make, decayed, spared = PARTS[part]
    found = optim.trainable(make())
    assert {t.name for t in found if t.decayed} == decayed
    assert {t.name for t in found if not t.decayed} == spared


@given(st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=6), st.booleans())
@settings(max_examples=50, deadline=None)
def test_each_trainable_parameter_exactly_once(parts, shared):
    layers = [PARTS[part][0]() for part in parts]
    if shared:  # one module registered twice
        layers.append(layers[0])
    module = nn.Sequential(*layers)
    groups = optim.parameter_groups(module, 0.1)
    given_out = [id(p) for group in groups for p in group["params"]]
    wanted = [id(p) for p in module.parameters() if p.requires_grad]
    assert sorted(given_out) == sorted(wanted)
    assert all(group["params"] for group in groups)
    assert {g["weight_decay"] for g in groups} <= {0.1, 0.0}


def test_a_mark_on_the_module_survives_a_copy():
    import copy

    copied = copy.deepcopy(nn.Sequential(MarkedModule()))
    assert [t.decayed for t in optim.trainable(copied)] == [False]


def test_nothing_to_train():
    for module in (nn.ReLU(), nn.Linear(2, 2).requires_grad_(False)):
        with pytest.raises(ConfigError, match="no parameter that requires a gradient"):
            optim.SGD().build(module)


@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_a_parameter_without_shape_is_refused():
    with pytest.raises(ConfigError, match="'weight' of LazyLinear has no shape yet"):
        optim.SGD().build(nn.LazyLinear(2))


# Networks and the names that Muon orthogonalises.
class WithHead(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.ModuleList([nn.Linear(8, 2), nn.Linear(8, 3)])
        self.embed = nn.Embedding(9, 4)
        self.body = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.Linear(8, 8))


class FreeMatrix(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 4), nn.Linear(4, 4)
        self.position = nn.Parameter(torch.zeros(4, 4))


NETWORKS = {
    "mlp": (
        lambda: nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 2)),
        ["1.weight"],
    ),
    "conv": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3), nn.Linear(4, 2)
        ),
        ["2.weight"],
    ),
    "head first, two of them": (WithHead, ["body.2.weight"]),
    "attention": (
        lambda: nn.Sequential(
            nn.Linear(4, 4), nn.MultiheadAttention(4, 2), nn.Linear(4, 2)
        ),
        ["1.in_proj_weight", "1.out_proj.weight"],
    ),
    "lstm first, with two weights": (
        lambda: nn.Sequential(nn.LSTM(4, 8), nn.Linear(8, 8), nn.Linear(8, 2)),
        ["1.weight"],
    ),
    "free matrix": (FreeMatrix, []),
    "one layer": (lambda: nn.Linear(4, 2), []),
    "only a head": (lambda: nn.ModuleDict({"head": nn.Linear(4, 2)}), []),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_hidden_matrices(network):
    make, names = NETWORKS[network]
    module = make()
    assert [t.name for t in optim.hidden_matrices(module)] == names
    if names:
        groups = optim.Muon().build(module).param_groups
        given_out = [id(p) for group in groups for p in group["params"]]
        assert sorted(given_out) == sorted(id(p) for p in module.parameters())
    else:
        with pytest.raises(ConfigError, match="Muon has nothing to do"):
            optim.Muon().build(module)
