"""Ensembles: trained together, each member as if alone; to all else one network."""

import copy
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median
from typing import Any

import pandas as pd
import pytest
import torch
from sklearn.datasets import load_wine
from torch import nn

import dovetail as dt
from dovetail import errors
from dovetail.backbones import Ensemble
from dovetail.estimator import Config, members, one_run
from dovetail.estimator.command import command_of
from dovetail.optim import AdamW
from dovetail.train import raw_outputs, train_members
from tests.estimator.pieces import (
    TINY,
    ctrl_c,
    fit_in_pieces,
    frame_of,
    kill,
    same,
)

pytestmark = pytest.mark.filterwarnings("ignore:The model is no better")

ONE_RUN = {"epochs": 4, "batch_size": 32}


@pytest.fixture(scope="module")
def parts() -> tuple[pd.DataFrame, dict[str, Any]]:
    """Training rows, and options that give the others a file of their own."""
    frame = frame_of("Multiclass")
    return frame[:150], {"valid": frame[150:190], "test": frame[190:], **ONE_RUN}


@pytest.fixture(scope="module")
def four(
    parts: tuple[pd.DataFrame, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> dt.Model:
    """An ensemble of four, saved."""
    out = tmp_path_factory.mktemp("ensemble") / "four"
    return dt.fit(parts[0], "y", out=out, members=4, **parts[1])


def close(one: nn.Module, other: nn.Module) -> None:
    """Equal weights but for the order in which float32 numbers are added up."""
    state = other.state_dict()
    assert state.keys() == one.state_dict().keys()
    for name, value in one.state_dict().items():
        assert torch.allclose(value, state[name], rtol=1e-4, atol=1e-4), name


def test_each_member_is_the_network_trained_alone(
    parts: tuple[pd.DataFrame, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone: list[nn.Module] = []

    def both(
        networks: Any, losses: Any, specs: Any, rows: Any, plan: Any, *,
        noise_seeds: Any, scores: Any, metric: str, higher_is_better: bool, **_: Any,
    ) -> Any:  # fmt: skip
        assert list(noise_seeds) == [5, 6, 7]
        alone.extend(copy.deepcopy(list(networks)))
        told = []
        for number, network in enumerate(alone):
            [one] = train_members(
                [network], losses[:1], specs[:1], rows, plan,
                noise_seeds=[noise_seeds[number]],
                scores=[lambda n=network: scores[0].func(n)],
                metric=metric, higher_is_better=higher_is_better,
            )  # fmt: skip
            told.append(one)
        found = train_members(
            networks, losses, specs, rows, plan, noise_seeds=noise_seeds,
            scores=scores, metric=metric, higher_is_better=higher_is_better,
        )  # fmt: skip
        assert [o.best_epoch for o in found] == [o.best_epoch for o in told]
        return found

    monkeypatch.setattr(one_run, "train_members", both)
    model = dt.fit(parts[0], "y", members=3, seed=5, **parts[1])
    monkeypatch.undo()
    for one, other in zip(model.network.members, alone, strict=True):
        close(one, other)
    # The first is the network of the fit without the option; the others are not.
    single = dt.fit(parts[0], "y", seed=5, **parts[1]).network
    close(model.network.members[0], single)
    with pytest.raises(AssertionError):
        close(model.network.members[1], single)


def test_one_member_is_no_ensemble(frame: pd.DataFrame, whole: Path, tmp_path: Path):
    dt.fit(frame, "y", out=tmp_path / "m", members=1, **TINY)
    assert same(tmp_path / "m", whole)
    assert json.loads((whole / "network.json").read_text())["name"] == "tabular"
    assert "member" not in (whole / "history.jsonl").read_text()


def test_what_is_saved_answers_with_the_same_bits(
    four: dt.Model, parts: tuple[pd.DataFrame, dict[str, Any]]
) -> None:
    assert four.folder is not None
    loaded = dt.load(four.folder)
    test = parts[1]["test"]
    assert torch.equal(loaded.raw(test), four.raw(test))
    assert isinstance(loaded.network, Ensemble)
    spec = json.loads((four.folder / "network.json").read_text())
    assert (spec["name"], spec["members"], spec["member"]["name"]) == (
        "ensemble", 4, "tabular",
    )  # fmt: skip
    assert loaded.config.members == 4


def test_the_answer_is_the_mean_of_the_members(
    four: dt.Model, parts: tuple[pd.DataFrame, dict[str, Any]]
) -> None:
    test = parts[1]["test"]
    table = four.schema.transform(four._read(test, {}))
    each = [
        raw_outputs(one, table.numbers, table.categories).double()
        for one in four.network.members
    ]
    assert torch.allclose(four.raw(test), sum(each) / 4, atol=1e-5)
    assert not torch.allclose(each[0], each[1], atol=1e-2)


def test_what_a_fit_tells(four: dt.Model) -> None:
    d = four.document
    lines = {m: [x for x in four.history if x["member"] == m] for m in (1, 2, 3, 4)}
    assert sum(map(len, lines.values())) == len(four.history)
    assert list(four.history[0])[:2] == ["fold", "member"]
    best = [min(x, key=lambda line: line["log_loss"])["epoch"] for x in lines.values()]
    told = ", ".join(map(str, best))
    assert f"4 members, best epochs {told}." in d["notes"]
    assert d["members"] == four.summary()["members"] == 4
    assert d["epochs"] == max(map(len, lines.values()))
    assert d["best_epoch"] == round(median(best))
    assert "ensemble of 4" in four.explain()
    assert "median best epoch" in four.explain()
    assert "ensemble of 4" in four.report()
    assert "Each member has a line" in four.report()


def test_the_plan_and_the_command_say_how_many(frame: pd.DataFrame) -> None:
    planned = dt.plan(frame, "y", members=3)
    assert "ensemble of 3" in planned.explain()
    assert command_of(planned)["choices"]["members"] == 3
    assert dt.plan(frame, "y").config.members == 1
    document = planned.config.model_dump(mode="json")
    del document["members"]  # as written before there were any
    assert Config(**document).members == 1


def test_the_log_loss_is_at_most_the_mean_of_the_members() -> None:
    """Wine cultivars (UCI, 178 rows); Jensen's inequality, whatever was learnt."""
    frame = load_wine(as_frame=True).frame.sample(frac=1, random_state=0)
    rest = {"valid": frame[90:120], "test": frame[120:], "epochs": 8}
    model = dt.fit(frame[:90], "target", task="Multiclass", members=4, **rest)
    features = model.schema.transform(model._read(frame[120:], {}))
    target = model.task.truth(model._targets(model._read(frame[120:], {}), None, ""))
    each = [
        float(model.task.loss.rows(
            raw_outputs(one, features.numbers, features.categories).double(), target
        ).mean())
        for one in model.network.members
    ]  # fmt: skip
    assert len(set(each)) == 4
    assert model.document["score"] <= mean(each)
    assert model.document["score"] < model.document["baseline"]


def test_folds_are_ensembles_and_the_last_one_has_their_median(
    frame: pd.DataFrame,
) -> None:
    model = dt.fit(frame, "y", members=3, epochs=5, batch_size=64, folds=2)
    best = []
    for fold in (1, 2):
        for member in (1, 2, 3):
            lines = [
                line
                for line in model.history
                if (line["fold"], line["member"]) == (fold, member)
            ]
            best.append(min(lines, key=lambda line: line["log_loss"])["epoch"])
    last = [line for line in model.history if line["fold"] == "all"]
    assert {line["member"] for line in last} == {1, 2, 3}
    assert max(line["epoch"] for line in last) == round(median(best))
    told = f"{best[0]}, {best[1]}, {best[2]}; {best[3]}, {best[4]}, {best[5]}"
    assert f"3 members in each fold, best epochs {told}." in model.document["notes"]
    assert len(model.network.members) == 3


@pytest.mark.parametrize(("calls", "act"), [(17, ctrl_c), (26, kill)])
def test_an_interrupted_fit_is_the_one_that_was_not(
    calls: int,
    act: Callable[[], None],
    frame: pd.DataFrame,
    tmp_path: Path,
    every_step: None,
) -> None:
    options = {"members": 3, **TINY}
    dt.fit(frame, "y", out=tmp_path / "whole", **options)
    ends = fit_in_pieces(calls, act, frame, "y", out=tmp_path / "m", **options)
    assert ends >= 1
    assert same(tmp_path / "m", tmp_path / "whole")


def test_another_number_of_members_is_another_command(
    frame: pd.DataFrame, whole: Path
) -> None:
    with pytest.raises(errors.ConfigError, match="members: 1 before, 2 now"):
        dt.fit(frame, "y", out=whole, resume=True, members=2, **TINY)


def test_a_time_limit_ends_it_in_good_order(
    parts: tuple[pd.DataFrame, dict[str, Any]],
) -> None:
    model = dt.fit(parts[0], "y", members=2, time_limit=1e-6, **parts[1])
    assert model.document["stopped"] == "time"
    assert len(model.network.members) == 2


# -- a user's own module ----------------------------------------------------------


class Net(nn.Sequential):
    """Frozen, then trained layers; some with statistics of the batch."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Linear(inputs, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2),
            nn.Linear(8, outputs),
        )  # fmt: skip
        self[0].requires_grad_(False)


def own_inputs(frame: pd.DataFrame) -> int:
    """How many columns a module gets for this frame."""
    seen = []

    def made(inputs: int, outputs: int) -> nn.Module:
        seen.append(inputs)
        return nn.Linear(inputs, outputs)

    command_of(dt.plan(frame, "y", model=made))
    return seen[0]


def test_copies_of_a_module_begin_anew_but_for_what_is_frozen(
    parts: tuple[pd.DataFrame, dict[str, Any]], tmp_path: Path
) -> None:
    module = Net(own_inputs(parts[0]), 3)
    begun: list[nn.Module] = []
    begin = members.begin

    def noting(*args: Any) -> Any:
        found = begin(*args)
        begun.extend(copy.deepcopy(network.module) for network, _ in found)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "begin", noting)
        model = dt.fit(
            parts[0], "y", model=module, members=3, out=tmp_path / "m", **parts[1]
        )
    for one in begun:
        assert torch.equal(one[0].weight, module[0].weight)
    assert torch.equal(begun[0][4].weight, module[4].weight)
    assert not torch.equal(begun[1][4].weight, module[4].weight)
    assert not torch.equal(begun[1][4].weight, begun[2][4].weight)
    test = parts[1]["test"]
    again = dt.load(tmp_path / "m", model=Net(own_inputs(parts[0]), 3))
    assert torch.equal(again.raw(test), model.raw(test))
    with pytest.raises(errors.ConfigError, match=r"test_ensemble\.Net; a model folder"):
        dt.load(tmp_path / "m").raw(test)
    other = nn.Linear(own_inputs(parts[0]), 3)
    with pytest.raises(errors.ConfigError, match="not of this module"):
        dt.load(tmp_path / "m", model=other)


def test_an_outer_layer_has_the_last_word_when_weights_are_drawn() -> None:
    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Linear(2, 2)

        def reset_parameters(self) -> None:
            nn.init.constant_(self.inner.weight, 7.0)

    drawn = members._begun_anew(Outer())
    assert drawn.inner.weight.tolist() == [[7.0, 7.0], [7.0, 7.0]]


def test_a_function_is_called_for_each_member(
    parts: tuple[pd.DataFrame, dict[str, Any]],
) -> None:
    made: list[nn.Module] = []

    def make(inputs: int, outputs: int) -> nn.Module:
        made.append(nn.Sequential(nn.Linear(inputs, 4), nn.Linear(4, outputs)))
        return made[-1]

    model = dt.fit(parts[0], "y", model=make, members=3, **parts[1])
    assert [one.module for one in model.network.members] == made


# -- members that diverge ---------------------------------------------------------


def large(*which: int) -> Callable[[int, int], nn.Module]:
    """Makes networks of which some overflow in the first step."""
    made = 0

    def make(inputs: int, outputs: int) -> nn.Module:
        nonlocal made
        made += 1
        network = nn.Linear(inputs, outputs)
        if made in which:
            with torch.no_grad():
                network.weight *= 1e30
        return network

    return make


def test_a_member_that_diverges_is_left_out() -> None:
    frame = frame_of("Regression")
    rest = {"valid": frame[150:190], "test": frame[190:], **ONE_RUN}
    model = dt.fit(frame[:150], "y", model=large(2), members=3, **rest)
    assert len(model.network.members) == model.document["members"] == 2
    [note] = [n for n in model.document["notes"] if n.startswith("Member 2 ")]
    assert "Member 2 diverged and is left out. The training loss was" in note
    assert "in epoch 1" in note
    assert any(n.startswith("2 members, best ") for n in model.document["notes"])
    assert {line["member"] for line in model.history} == {1, 3}
    assert "ensemble of 2" in model.explain()
    assert model.document["score"] < model.document["baseline"]


def test_where_all_diverge_there_is_no_model(tmp_path: Path) -> None:
    frame = frame_of("Regression")
    rest = {"valid": frame[150:190], "test": frame[190:], **ONE_RUN}
    made = large(1, 2, 3)  # once more, for the record of the command
    with pytest.raises(errors.NotFiniteError, match="every member") as caught:
        dt.fit(frame[:150], "y", model=made, members=2, out=tmp_path / "m", **rest)
    assert caught.value.exit_code == 7
    assert list(tmp_path.iterdir()) == []


def test_members_that_all_diverge_later_are_no_model_either(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverging(*args: Any, **how: Any) -> Any:
        found = train_members(*args, **how)
        for one in found:
            one.stopped = "diverged"
            one.notes.append("The training loss was nan in epoch 2.")
        return found

    monkeypatch.setattr(one_run, "train_members", diverging)
    with pytest.raises(
        errors.NotFiniteError, match=r"2 members diverged\. The training"
    ):
        dt.fit(frame, "y", members=2, **TINY)


# -- what is refused --------------------------------------------------------------


@pytest.mark.parametrize(
    ("optimizer", "name"),
    [
        ("muon", "Muon"), ("lbfgs", "LBFGS"), ("schedule-free", "ScheduleFree"),
        (torch.optim.Adamax, "Custom"),
    ],
)  # fmt: skip
def test_optimizers_of_one_network_are_refused_before_data_is_read(
    optimizer: Any, name: str
) -> None:
    with pytest.raises(errors.ConfigError, match=f"2 members .* {name}") as caught:
        dt.fit("there-is-no-such-file.csv", "y", members=2, optimizer=optimizer)
    assert "adamw" in str(caught.value.fix)


@pytest.mark.parametrize("count", [0, -1, 1.5, "many"])
def test_a_number_that_cannot_be_meant(count: Any) -> None:
    with pytest.raises(errors.ConfigError, match=r"^members is "):
        dt.plan("there-is-no-such-file.csv", "y", members=count)


class Bare(nn.Module):
    """Its own parameter cannot be drawn anew."""

    def __init__(self, inputs: int = 3, outputs: int = 1) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, outputs)
        self.scale = nn.Parameter(torch.ones(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) * self.scale


class Counting(nn.Module):
    """Puts a new tensor in the place of its buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 1)
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen = self.seen + 1
        return self.layer(x)


@pytest.mark.parametrize(
    ("module", "what"),
    [(Bare(), "parameter 'scale' .* reset_parameters"), (Counting(), "buffer .*seen")],
)
def test_modules_that_cannot_be_members_are_refused_before_data_is_read(
    module: nn.Module, what: str
) -> None:
    with pytest.raises(errors.ConfigError, match=what):
        dt.plan("there-is-no-such-file.csv", "y", model=module, members=2)
    module.requires_grad_(False)
    module.layer.requires_grad_(True)
    if isinstance(module, Bare):  # what is frozen may be equal
        members.check(2, module, AdamW())


def branching(inputs: int, outputs: int) -> nn.Module:
    class Branching(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raw = super().forward(x)
            return 2 * raw if raw.sum() > 0 else raw

    return Branching(inputs, outputs)


def seeded(inputs: int, outputs: int) -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(inputs, outputs)


def of_many_sizes() -> Callable[[int, int], nn.Module]:
    sizes = iter(range(3, 99))
    return lambda i, o: nn.Sequential(nn.Linear(i, s := next(sizes)), nn.Linear(s, o))


def sharing() -> Callable[[int, int], nn.Module]:
    shared: list[nn.Module] = []

    def make(inputs: int, outputs: int) -> nn.Module:
        shared.append(nn.Linear(inputs, 4))
        return nn.Sequential(shared[0], nn.Linear(4, outputs))

    return make


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (branching, r"torch\.func\.vmap"),
        (seeded, "begins with the weights of member 1"),
        (of_many_sizes(), "Member 2 has other layers"),
        (sharing(), "Member 2 shares '0.weight'"),
    ],
)
def test_functions_whose_networks_cannot_be_members_are_refused(
    make: Any, what: str, frame: pd.DataFrame
) -> None:
    with pytest.raises(errors.ConfigError, match=what) as caught:
        dt.fit(frame, "y", model=make, members=2, **TINY)
    assert caught.value.fix
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", errors.DovetailWarning)
        dt.fit(frame, "y", model=make, **TINY)  # alone each is fine
