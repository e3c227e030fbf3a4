"""One flag with several values, DATA before or after it."""

import pytest


@pytest.mark.parametrize(
    "line",
    [
        "d.csv --target a b --drop c d",
        "--target a b --drop c d -- d.csv",
        "--target a b --drop c d d.csv",  # the last value is written like a file
        "--target a b d.csv --drop c d",
        "--target a b --quiet d.csv --drop c d",
        "--target=a --target=b d.csv --drop=c --drop d",
        "--epochs 3 --target a b --drop c d --epochs 4 d.csv",
        "--target a --lr 0.1 --target b --drop c d --json d.csv",
    ],
)
def test_every_order_means_the_same(line, run, estimator):
    result = run("fit", *line.split())
    assert result.code == 0, result.err
    ((_, args, words),) = estimator.calls
    assert args == ("d.csv", ["a", "b"])
    assert words["drop"] == ("c", "d")


def test_a_value_that_names_an_existing_file_is_data(run, estimator, here):
    (here / "table").write_text("a,b\n1,2\n")
    assert run("fit", "--target", "a", "table").code == 0
    assert estimator.calls[0][1] == ("table", "a")


def test_with_data_given_no_value_is_taken_away(run, estimator):
    run("fit", "d.csv", "--target", "a", "b.csv")
    assert estimator.calls[0][1] == ("d.csv", ["a", "b.csv"])


def test_both_arguments_can_follow_the_values(run, estimator, here):
    (here / "m").mkdir()
    (here / "d.csv").write_text("")
    result = run("evaluate", "--min-score", "accuracy=0.5", "log_loss=1", "m", "d.csv")
    assert result.code == 0, result.err
    assert [args for _, args, _ in estimator.calls] == [("m",), ("d.csv",)]


@pytest.mark.parametrize("separator", ["-", "--", ";", "\t"])
def test_a_single_value_may_look_like_an_option(separator, run, estimator):
    assert run("fit", "d.csv", "--target", "a", "--sep", separator).code == 0
    assert estimator.calls[0][2]["sep"] == separator


def test_a_column_that_begins_with_a_dash_is_given_with_an_equals_sign(run, estimator):
    assert run("fit", "d.csv", "--target=-x", "--drop=--y").code == 0
    assert estimator.calls[0][1] == ("d.csv", "-x")
    assert estimator.calls[0][2]["drop"] == ("--y",)
