import functools

import pytest
import torch
from torch import nn

from dovetail import optim
from dovetail.errors import ConfigError

SPELLINGS = {
    "adamw": optim.AdamW(),
    "AdamW": optim.AdamW(),
    " Adam W ": optim.AdamW(),
    "torch.optim.AdamW": optim.AdamW(),
    "optim.SGD(lr=0.1)": optim.SGD(lr=0.1),
    "sgd(lr=0.01, momentum=0.9)": optim.SGD(lr=0.01),
    "SGD(0.01, momentum=0.5)": optim.SGD(lr=0.01, momentum=0.5),
    "adam(betas=[0.5, 0.9])": optim.Adam(betas=(0.5, 0.9)),
    "rms-prop": optim.RMSprop(),
    "NADAM": optim.NAdam(),
    "r_adam": optim.RAdam(),
    "Adagrad": optim.Adagrad(),
    "muon": optim.Muon(),
    "Lion": optim.Lion(),
    "L-BFGS": optim.LBFGS(),
    "schedule-free": optim.ScheduleFree(),
    "ScheduleFree": optim.ScheduleFree(),
    "schedule-free AdamW": optim.ScheduleFree(),
    "schedule-free(lr=0.1)": optim.ScheduleFree(lr=0.1),
    "tutorial_sgd": optim.PRESETS["tutorial-sgd"],
    "Tutorial-SGD": optim.PRESETS["tutorial-sgd"],
    "adamw(schedule='one-cycle')": optim.AdamW(schedule=optim.OneCycle()),
    "adamw(schedule='Constant(warmup=0.1)')": optim.AdamW(
        schedule=optim.Constant(warmup=0.1)
    ),
}


@pytest.mark.parametrize("text", SPELLINGS)
def test_spelling(text):
    assert optim.by_name(text) == SPELLINGS[text]


def test_every_listed_name_is_read():
    assert [optim.by_name(n) for n in optim.names()] == [
        *optim.SPECS.values(),
        *optim.PRESETS.values(),
    ]


def test_presets_are_the_tutorials_to_the_letter():
    sgd, adam, rmsprop = (
        optim.by_name(f"tutorial-{n}").to_json() for n in ("sgd", "adam", "rmsprop")
    )
    constant = {"name": "Constant", "warmup": 0.0}
    assert sgd == {
        "name": "SGD",
        "lr": 0.01,
        "momentum": 0.9,
        "nesterov": False,
        "weight_decay": 0.0,
        "schedule": constant,
    }
    assert adam == {
        "name": "Adam",
        "lr": 0.001,
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": 0.0,
        "schedule": constant,
    }
    assert rmsprop == {
        "name": "RMSprop",
        "lr": 0.001,
        "alpha": 0.99,
        "eps": 1e-8,
        "momentum": 0.0,
        "weight_decay": 0.0,
        "schedule": constant,
    }


def test_defaults_are_those_of_the_pairing_table():
    def settings(name):
        spec = optim.by_name(name).to_json()
        return {k: v for k, v in spec.items() if k not in ("name", "schedule")}

    assert settings("sgd") == {
        "lr": 0.05,
        "momentum": 0.9,
        "nesterov": True,
        "weight_decay": 5e-4,
    }
    assert settings("adamw") == {
        "lr": 1e-3,
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": 1e-2,
    }
    tabular = optim.by_name("tabular-adamw")
    assert (tabular.lr, tabular.betas) == (2e-3, (0.9, 0.95))
    lion = optim.Lion()
    assert (lion.lr, lion.betas) == (1e-4, (0.9, 0.99))
    assert lion.weight_decay == 10 * optim.AdamW().weight_decay
    muon = optim.Muon()
    assert (muon.lr, muon.weight_decay) == (1e-3, 1e-2)
    lbfgs = optim.LBFGS()
    assert (lbfgs.history_size, lbfgs.max_iter) == (20, 200)
    free = optim.ScheduleFree()
    assert (free.lr, free.schedule) == (2.5e-3, optim.Constant(warmup=0.05))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("adamm", "Unknown optimizer 'adamm'. Did you mean 'adam"),
        ("tutorial-sdg", "Did you mean 'tutorial-sgd'?"),
        ("", "Unknown optimizer ''."),
        ("sgd(moment=0.9)", "SGD has no setting 'moment'. Did you mean 'momentum'?"),
        ("sgd(wd=0.1)", "its settings are: lr, schedule, momentum"),
        ("sgd(0.1, 0.9)", "the learning rate alone may stand without a name"),
        ("sgd(0.1, lr=0.1)", "the learning rate alone may stand without a name"),
        ("sgd(lr=-1)", "SGD: lr is -1; needed: a finite number above 0"),
        ("sgd(lr='fast')", "SGD: lr is 'fast'"),
        ("sgd(lr=1", "Cannot read the optimizer"),
        ("sgd(lr=2*3)", "Cannot read the optimizer"),
        ("sgd(schedule='cosin')", "Unknown schedule 'cosin'. Did you mean"),
        ("sgd(schedule='one-cycle(0.1)')", "a setting without a name"),
        ("sgd(schedule='cosine(warm=0.1)')", "WarmupCosine has no setting 'warm'."),
        ("sgd(schedule=3)", "schedule is 3; needed: a Schedule"),
    ],
)
def test_what_cannot_be_read(text, said):
    with pytest.raises(ConfigError) as caught:
        optim.by_name(text)
    assert said in str(caught.value)
    assert caught.value.fix


def test_unknown_names_list_what_there_is():
    with pytest.raises(ConfigError) as caught:
        optim.by_name("sofia")
    for name in optim.names():
        assert name in str(caught.value)


@pytest.mark.parametrize("text", ["sgd", "sgd(0.3)", "tutorial-sgd"])
def test_lr_wins_over_the_text(text):
    assert optim.by_name(text, lr=0.2) == optim.by_name(text).with_lr(0.2)
    assert optim.by_name(text, lr=0.2).lr == 0.2


@pytest.mark.parametrize("value", ["adamw", optim.AdamW()])
def test_resolve_text_and_specs(value):
    assert optim.resolve(value) == optim.AdamW()
    assert optim.resolve(value, lr=0.5) == optim.AdamW(lr=0.5)


@pytest.mark.parametrize(
    ("make", "lr"),
    [
        (torch.optim.Adamax, 2e-3),  # torch's own default
        (functools.partial(torch.optim.SGD, lr=0.3), 0.3),
        (lambda parameters: torch.optim.SGD(parameters, lr=0.4), 0.4),
    ],
)
def test_resolve_a_callable_uses_it_as_it_is(make, lr):
    spec = optim.resolve(make)
    module = nn.Linear(2, 2)
    optimizer = spec.build(module)
    (group,) = optimizer.param_groups
    assert group["params"] == list(module.parameters())
    assert group["lr"] == group["initial_lr"] == lr
    assert spec.schedule == optim.Constant()


def test_resolve_a_callable_with_lr():
    spec = optim.resolve(functools.partial(torch.optim.SGD, lr=0.3), lr=0.1)
    assert spec.build(nn.Linear(2, 2)).param_groups[0]["lr"] == 0.1
    assert spec.with_lr(0.7).build(nn.Linear(2, 2)).param_groups[0]["lr"] == 0.7


def test_a_built_optimizer_is_refused():
    built = torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=0.1)
    with pytest.raises(ConfigError) as caught:
        optim.resolve(built)
    assert "holds the parameters of another network" in str(caught.value)
    assert "functools.partial(SGD, lr=...)" in caught.value.fix


@pytest.mark.parametrize("value", [None, 3, optim.SGD])
def test_other_things_are_refused(value):
    with pytest.raises(ConfigError):
        optim.resolve(value)


def test_a_callable_that_gives_no_optimizer():
    with pytest.raises(ConfigError, match="gave a list without param_groups, step"):
        optim.resolve(list).build(nn.Linear(2, 2))


def test_custom_is_written_and_not_read():
    spec = optim.Custom(make=functools.partial(torch.optim.Adamax, eps=1e-6), lr=0.1)
    written = spec.to_json()
    assert written == {
        "name": "Custom",
        "make": "torch.optim.adamax.Adamax",
        "lr": 0.1,
        "schedule": {"name": "Constant", "warmup": 0.0},
    }
    with pytest.raises(ConfigError, match=r"torch\.optim\.adamax\.Adamax"):
        optim.from_json(written)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"name": "sgd"},
        {"name": "SGD", "speed": 1},
        {"name": "SGD", "lr": -1},
        {"name": "SGD", "schedule": {"name": "Stairs"}},
        {"name": "SGD", "schedule": "cosine"},
    ],
)
def test_json_that_nobody_wrote(values):
    with pytest.raises(ConfigError):
        optim.from_json(values)
