"""Which options there are, and that each arrives at the estimator."""

import math

import click
import pytest

from dovetail.cli import _options
from dovetail.cli.main import COMMANDS, dovetail
from dovetail.estimator.options import Options

CHOICES = "--task --loss --optimizer --preset --lr --epochs --batch-size"
DATA = (
    "--target --valid --test --drop --kind --columns --sep --encoding --on-bad "
    "--weight --group --time --folds --positive"
)
READING = "--columns --sep --encoding --on-bad"
FLAGS = {
    "fit": f"{DATA} {CHOICES} --seed --device --time-limit --threads --precision --set "
    "--config --out --resume --force --dry-run --json --quiet --debug",
    "predict": f"--out --proba --safe-csv {READING} --force --json --quiet --debug",
    "evaluate": f"--min-score {READING} --json --quiet --debug",
    "explain": f"{DATA} {CHOICES} --lang --learning-curve --json --quiet --debug",
    "report": "--out --force --quiet --debug",
    "doctor": "--select --ignore --strict --explain --lang --format --diff --fix "
    "--quiet --debug",
    "completion": "--debug",
}


def _command(name):
    ctx = click.Context(dovetail, info_name="dovetail")
    return dovetail.get_command(ctx, name)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_flags_of_a_command_are_these(name):
    options = [p for p in _command(name).params if isinstance(p, click.Option)]
    assert sorted(o for p in options for o in p.opts) == sorted(FLAGS[name].split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_one_line_of_help_and_the_page_shows_it(name, run):
    page = run(name, "--help")
    assert page.code == 0
    assert page.err == ""
    for option in _command(name).params:
        if isinstance(option, click.Option):
            assert option.help
            assert option.help.endswith((".", "...", "]"))
            assert option.opts[0] in page.out
    assert "Examples:" in page.out
    assert f"dovetail {name}" in page.out


# what is typed -> the keyword arguments of the estimator
ARRIVES = {
    "valid": (["--valid", "v.csv"], {"valid": "v.csv"}),
    "test": (["--test", "t.csv"], {"test": "t.csv"}),
    "drop": (["--drop", "a", "b", "--drop", "c d"], {"drop": ("a", "b", "c d")}),
    "kind": (
        ["--kind", "zip=category", "a=b=number"],
        {"kinds": {"zip": "category", "a=b": "number"}},
    ),
    "columns": (["--columns", 'x,"y, m2",年齢'], {"columns": ("x", "y, m2", "年齢")}),
    "sep": (["--sep", ";"], {"sep": ";"}),
    "encoding": (["--encoding", "gb18030"], {"encoding": "gb18030"}),
    "on_bad": (["--on-bad", "skip"], {"on_bad": "skip"}),
    "weight": (["--weight", "w"], {"weight": "w"}),
    "group": (["--group", "g"], {"group": "g"}),
    "time": (["--time", "t"], {"time": "t"}),
    "folds": (["--folds", "3"], {"folds": 3}),
    "positive": (["--positive", "yes"], {"positive": "yes"}),
    "task": (["--task", "Ordinal"], {"task": "Ordinal"}),
    "loss": (["--loss", "huber(delta=2)"], {"loss": "huber(delta=2)"}),
    "optimizer": (["--optimizer", "lion"], {"optimizer": "lion"}),
    "preset": (["--preset", "good"], {"preset": "good"}),
    "lr": (["--lr", "1e-3"], {"lr": 0.001}),
    "epochs": (["--epochs", "7"], {"epochs": 7}),
    "batch_size": (["--batch-size", "16"], {"batch_size": 16}),
    "members": (["--set", "members=4"], {"members": 4}),
    "patience": (["--set", "patience=3"], {"patience": 3}),
    "clip": (["--set", "clip=inf"], {"clip": math.inf}),
    "average": (["--set", "average=false"], {"average": False}),
    "seed": (["--seed", "11"], {"seed": 11}),
    "device": (["--device", "cuda:1"], {"device": "cuda:1"}),
    "resume": (["--resume"], {"resume": True}),
    "time_limit": (["--time-limit", "90"], {"time_limit": 90.0}),
    "threads": (["--threads", "2"], {"threads": 2}),
    "precision": (["--precision", "bfloat16"], {"precision": "bfloat16"}),
    "compiled": (["--set", "compiled=no"], {"compiled": False}),
    "micro_batch": (["--set", "micro_batch=8"], {"micro_batch": 8}),
    "checkpoint_every": (["--set", "checkpoint-every=0"], {"checkpoint_every": 0.0}),
    "keep_checkpoints": (
        ["--set", "keep_checkpoints=true"],
        {"keep_checkpoints": True},
    ),
}
UNSAID = {
    **{name: None for _, words in ARRIVES.values() for name in words},
    "drop": (),
    "kinds": {},
    "on_bad": "fail",
    "preset": "fast",
    "seed": 0,
    "device": "auto",
    "resume": False,
    "precision": "auto",
    "checkpoint_every": 30.0,
    "keep_checkpoints": False,
}


def test_every_option_of_data_and_choices_is_in_the_walk():
    options = [*_options.DATA, *_options.CHOICES, *_options.ENGINE, *_options.SETTABLE]
    options += [_options.SEED, _options.DEVICE, _options.RESUME]
    assert {str(o.name) for o in options} - {"target"} == set(ARRIVES)


def test_every_option_of_the_estimator_can_be_said_on_the_command_line():
    words = {{"kind": "kinds"}.get(name, name) for name in ARRIVES}
    assert words | {"model"} == set(Options.model_fields)  # a module is no text


def test_what_is_left_unsaid_is_what_the_estimator_takes_by_itself():
    meant = Options()
    for name, value in UNSAID.items():
        assert getattr(meant, name) == value, name


@pytest.mark.parametrize("name", ARRIVES)
@pytest.mark.parametrize("dry_run", [False, True])
def test_an_option_arrives_and_changes_nothing_else(name, dry_run, run, estimator):
    typed, expected = ARRIVES[name]
    result = run("fit", "d.csv", "--target", "y", *typed, *["--dry-run"] * dry_run)
    assert result.code == 0, result.err
    ((call, args, words),) = estimator.calls
    assert call == ("plan" if dry_run else "fit")
    assert args == ("d.csv", "y")
    given = {k: v for k, v in words.items() if k not in ("out", "force", "tell")}
    assert given == UNSAID | expected


@pytest.mark.parametrize(
    "name", [n for n in ARRIVES if f"--{n.replace('_', '-')}" in DATA + CHOICES]
)
def test_data_options_and_choices_arrive_from_explain(name, run, estimator):
    typed, expected = ARRIVES[name]
    assert run("explain", "d.csv", "--target", "y", *typed).code == 0
    ((call, _, words),) = estimator.calls
    assert call == "plan"
    assert words == words | expected


@pytest.mark.parametrize("command", ["predict", "evaluate"])
@pytest.mark.parametrize("name", ["columns", "sep", "encoding", "on_bad"])
def test_reading_options_arrive_from_predict_and_evaluate(
    command, name, run, estimator
):
    typed, expected = ARRIVES[name]
    assert run(command, "m", "d.csv", *typed).code == 0
    words = estimator.calls[-1][2]
    assert words == words | expected


def test_out_and_force_arrive(run, estimator):
    run("fit", "d.csv", "--target", "y", "--out", "m", "--force")
    words = estimator.calls[0][2]
    assert (str(words["out"]), words["force"]) == ("m", True)


@pytest.mark.parametrize(
    ("data", "targets", "folder"),
    [
        ("a/houses.csv", ["price"], "models/houses-price"),
        ("houses.csv.gz", ["price"], "models/houses-price"),
        ("评论.csv", ["标签"], "models/评论-标签"),
        ("e.arff", ["label_*"], "models/e-label"),
        ("e.arff", ["a", "b", "c"], "models/e-a-and-2-more"),
        ("e.arff", ["../x"], "models/e-x"),
        ("e.arff", ["*"], "models/e-target"),
    ],
)
def test_the_default_folder_is_named_after_data_and_target(
    data, targets, folder, run, estimator
):
    run("fit", data, "--target", *targets)
    out = estimator.calls[0][2]["out"]
    assert str(out).removesuffix("_") == folder
