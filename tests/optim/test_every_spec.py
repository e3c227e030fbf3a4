"""What holds for every spec: it goes downhill, resumes exactly, and survives JSON."""

import copy
import dataclasses
import json

import pytest
import torch

from dovetail import optim
from dovetail.errors import ConfigError

EVERY = {**optim.SPECS, **optim.PRESETS}


@pytest.mark.parametrize("name", EVERY)
def test_walks_a_convex_problem_downhill(name, convex, batch, train):
    # One rate for all would be too small for some: Adagrad's own falls as 1 / sqrt(t)
    rates = {"lbfgs": 1.0, "adagrad": 0.5, "radam": 0.05}
    spec = EVERY[name].with_lr(rates.get(name, 0.02))
    optimizer = spec.build(convex)
    steps = 3 if spec.full_batch else 300
    before = train(convex, optimizer, spec.schedule, range(steps), total=steps)[0]
    optim.set_training(optimizer, False)
    x, y = batch
    after = float((convex(x) - y).square().mean().detach())
    # The noise of standard deviation 0.1 leaves 0.01 of the squared error
    best = float((x @ torch.linalg.lstsq(x, y).solution - y).square().mean())
    assert before > 20 * best
    assert after < 2 * best


@pytest.mark.parametrize("name", EVERY)
def test_resumes_bit_for_bit(name, mlp, train):
    spec = EVERY[name]
    mlp.float()  # torch's NAdam rounds a float32 counter to the parameters' dtype
    optimizer = spec.build(mlp)
    train(mlp, optimizer, spec.schedule, range(5))
    other = copy.deepcopy(mlp)
    saved = copy.deepcopy(optimizer.state_dict())
    train(mlp, optimizer, spec.schedule, range(5, 10))

    resumed = spec.build(other)
    resumed.load_state_dict(saved)
    train(other, resumed, spec.schedule, range(5, 10))
    for p, q in zip(mlp.parameters(), other.parameters(), strict=True):
        assert torch.equal(p, q)


@pytest.mark.parametrize("name", EVERY)
def test_settings_of_the_groups_are_plain_values(name, mlp):
    for group in EVERY[name].build(mlp).state_dict()["param_groups"]:
        assert json.loads(json.dumps(group))["initial_lr"] == group["lr"]


@pytest.mark.parametrize("name", EVERY)
def test_json_round_trip(name):
    spec = dataclasses.replace(EVERY[name], schedule=optim.OneCycle(warmup=0.2))
    for value in (EVERY[name], spec):
        text = json.dumps(value.to_json(), allow_nan=False)
        again = optim.from_json(json.loads(text))
        assert again == value
        assert type(again) is type(value)
        assert hash(again) == hash(value)


@pytest.mark.parametrize("name", EVERY)
def test_is_a_frozen_keyword_only_value(name):
    spec = EVERY[name]
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.lr = 1.0
    with pytest.raises(TypeError):
        type(spec)(0.1)


BAD = [
    ("lr", 0.0),
    ("lr", -0.1),
    ("lr", float("nan")),
    ("lr", float("inf")),
    ("lr", "0.1"),
    ("lr", True),
    ("lr", None),
    ("momentum", 1.0),
    ("momentum", -0.1),
    ("alpha", 1.0),
    ("betas", (0.9, 1.0)),
    ("betas", (0.9,)),
    ("betas", 0.9),
    ("eps", 0.0),
    ("weight_decay", -1e-9),
    ("initial_accumulator_value", -1.0),
    ("nesterov", 1),
    ("history_size", 0),
    ("max_iter", 2.5),
    ("tolerance_grad", -1.0),
    ("tolerance_change", float("nan")),
    ("schedule", "cosine"),
]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_a_bad_value_is_refused_and_shown(field, value):
    fitting = [s for s in optim.SPECS.values() if hasattr(s, field)]
    assert fitting
    for spec in fitting:
        with pytest.raises(ConfigError) as caught:
            dataclasses.replace(spec, **{field: value})
        assert f"{type(spec).__name__}: {field} is {value!r}" in str(caught.value)
        assert caught.value.fix


def test_every_field_of_every_spec_has_a_bad_value_above():
    used = {f.name for s in optim.SPECS.values() for f in dataclasses.fields(s)}
    assert used == {field for field, _ in BAD}


def test_numbers_become_plain_python_values():
    numpy = pytest.importorskip("numpy")
    spec = optim.AdamW(lr=numpy.float32(0.5), betas=[0, 0.5], weight_decay=1)
    assert spec == optim.AdamW(lr=0.5, betas=(0.0, 0.5), weight_decay=1.0)
    assert [type(v) for v in (spec.lr, spec.betas, spec.weight_decay)] == [
        float,
        tuple,
        float,
    ]


def test_one_spec_serves_several_networks(mlp, convex):
    spec = optim.SGD()
    first, second = spec.build(mlp), spec.build(convex)
    assert first.param_groups[0]["params"][0] is mlp[0].weight
    assert second.param_groups[0]["params"][0] is convex.first.weight


COSINE = {"name": "WarmupCosine", "warmup": 0.05}
JSON = {
    "sgd": {
        "name": "SGD",
        "lr": 0.05,
        "schedule": COSINE,
        "momentum": 0.9,
        "nesterov": True,
        "weight_decay": 5e-4,
    },
    "rmsprop": {
        "name": "RMSprop",
        "lr": 1e-3,
        "schedule": COSINE,
        "alpha": 0.99,
        "eps": 1e-8,
        "momentum": 0.0,
        "weight_decay": 0.0,
    },
    "adagrad": {
        "name": "Adagrad",
        "lr": 1e-2,
        "schedule": COSINE,
        "eps": 1e-10,
        "initial_accumulator_value": 0.0,
        "weight_decay": 0.0,
    },
    "adam": {
        "name": "Adam",
        "lr": 1e-3,
        "schedule": COSINE,
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": 0.0,
    },
    "adamw": {
        "name": "AdamW",
        "lr": 1e-3,
        "schedule": COSINE,
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": 1e-2,
    },
    "nadam": {
        "name": "NAdam",
        "lr": 1e-3,
        "schedule": COSINE,
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": 1e-2,
    },
    "radam": {
        "name": "RAdam",
        "lr": 1e-3,
        "schedule": {"name": "WarmupCosine", "warmup": 0.0},
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": 1e-2,
    },
    "lion": {
        "name": "Lion",
        "lr": 1e-4,
        "schedule": COSINE,
        "betas": [0.9, 0.99],
        "weight_decay": 0.1,
    },
}


@pytest.mark.parametrize("name", JSON)
def test_what_is_written_is_settings_alone(name):
    """Saved runs are read by these keys, and compared by their text."""
    written = optim.SPECS[name].to_json()
    assert list(written.items()) == list(JSON[name].items())
