"""--config is weaker than the command line, --set stronger."""

import pytest


@pytest.fixture
def calls(run, estimator, here):
    """The words that reach the estimator for a config text and further options."""

    def calls(text, *args):
        (here / "c.yaml").write_text(text, encoding="utf-8")
        result = run("fit", "d.csv", "--config", "c.yaml", *args)
        assert result.code == 0, result.err
        return estimator.calls[-1]

    return calls


def test_every_option_can_stand_in_the_file(calls):
    text = """
    target: [a, b]
    drop: c
    kind: {zip: category, day: number}
    columns: [x, y]
    sep: ";"
    on_bad: skip
    folds: 3
    positive: yes
    lr: 1e-3
    Batch-Size: 16
    loss: huber(delta=2)
    seed: 5
    valid: null
    out: somewhere
    force: true
    """
    _, args, words = calls(text)
    assert args == ("d.csv", ["a", "b"])
    expected = {
        "drop": ("c",),
        "kinds": {"zip": "category", "day": "number"},
        "columns": ("x", "y"),
        "sep": ";",
        "on_bad": "skip",
        "folds": 3,
        "positive": "yes",  # the label, not YAML's true
        "lr": 0.001,
        "batch_size": 16,
        "loss": "huber(delta=2)",
        "seed": 5,
        "valid": None,
        "force": True,
    }
    assert words == words | expected
    assert str(words["out"]) == "somewhere"


def test_the_command_line_wins_over_the_file_even_with_a_default_value(calls):
    words = calls("target: a\nseed: 5\nepochs: 9", "--seed", "0")[2]
    assert (words["seed"], words["epochs"]) == (0, 9)


def test_set_wins_over_both(calls):
    line = ["--epochs", "3", "--set", "epochs=4", "drop=[u, v]", "json=true"]
    words = calls("target: a\nepochs: 9", *line)[2]
    assert (words["epochs"], words["drop"]) == (4, ("u", "v"))


def test_set_to_null_takes_an_option_back(calls):
    assert (
        calls("target: a", "--epochs", "3", "--set", "epochs=null")[2]["epochs"] is None
    )


def test_an_empty_file_says_nothing(calls):
    assert calls("", "--target", "a")[2]["epochs"] is None


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("epoch: 3", "unknown option 'epoch'. Did you mean 'epochs'?"),
        ("epochs: three", "epochs: 'three' is not a whole number."),
        ("epochs: 3.5", "epochs: '3.5' is not a whole number."),
        ("epochs: [3]", "['3'] is not a single value"),
        ("epochs: {a: 3}", "takes no mapping"),
        ("on_bad: ignore", "on-bad: 'ignore' is not one of 'fail', 'skip'"),
        ("force: perhaps", "force: 'perhaps' is not a valid boolean"),
        ("kind: zip", "'zip' is not COL=KIND"),
        ("config: other.yaml", "unknown option 'config'"),
        ("- epochs", "not a mapping of options"),
        ("a: [", "line 1: not YAML"),
        ("lr: 1\nlr: 2", "line 2: not YAML: 'lr' stands here twice"),
        ("lr: !!python/name:os.system", "not YAML"),
    ],
)
def test_a_file_that_says_something_else_is_refused(text, needed, run, estimator, here):
    (here / "c.yaml").write_text(text)
    result = run("fit", "d.csv", "--target", "a", "--config", "c.yaml")
    assert result.code == 4
    assert needed in result.err
    assert "c.yaml" in result.err
    assert estimator.calls == []


@pytest.mark.parametrize(
    ("setting", "code", "needed"),
    [
        (
            "optimiser=lion",
            4,
            "--set: unknown option 'optimiser'. Did you mean 'optimizer'?",
        ),
        ("epochs", 2, "'epochs' is not key=value"),
        ("epochs=many", 4, "--set: epochs: 'many' is not a whole number"),
        ("drop=[", 4, "--set drop"),
    ],
)
def test_a_setting_that_says_something_else_is_refused(
    setting, code, needed, run, estimator
):
    result = run("fit", "d.csv", "--target", "a", "--set", setting)
    assert result.code == code
    assert needed in result.err
    assert estimator.calls == []


def test_a_missing_file_is_named(run, estimator):
    result = run("fit", "d.csv", "--target", "a", "--config", "no.yaml")
    assert result.code == 4
    assert "No file 'no.yaml'" in result.err
