"""Words with a known order."""

from typing import Any

import pytest

from dovetail.tasks._orders import order_of, plain_letters


@pytest.mark.parametrize(
    "order",
    [
        "low < medium < high",
        "very low < LOW < moderate < High < very-high",
        "small < Medium < large",
        "XS < S < M < L < XL < XXL",
        "none < mild < moderate < severe",
        "never < rarely < sometimes < often < always",
        "poor < fair < good < very good < excellent",
        "strongly_disagree < disagree < neutral < agree < strongly_agree",
        "bad < ok < good",
        "beginner < intermediate < advanced",
        "F < E < D- < D < D+ < C < B- < B < B+ < A- < A < A+",
        "Fair < Good < Very Good < Premium < Ideal",
        "low < medium < high < critical",
        "I < II < III < IV",
        "-1 < 2.5 < 9 < 10",
        "低 < 中 < 高",
        "小 < 中 < 大",
        "差 < 中 < 良 < 优",
        "不及格 < 及格 < 良好 < 优秀",
        "从不 < 很少 < 有时 < 经常 < 总是",
    ],
)
def test_known_orders(order: str) -> None:
    words = tuple(order.split(" < "))
    assert order_of(words) == words
    assert order_of(words[::-1]) == words
    assert order_of(tuple(sorted(words))) == words


@pytest.mark.parametrize(
    "words",
    [
        ("low", "high"),
        ("low", "medium", "red"),
        ("Low", "low", "high"),  # two spellings of one level
        ("medium", "mid", "high"),
        ("Mon", "Tue", "Wed"),  # days go round
        (1, 2, 3),
        (),
    ],
)
def test_no_order(words: tuple[Any, ...]) -> None:
    assert order_of(words) is None


@pytest.mark.parametrize(
    ("letters", "plain"),
    [("ABC", True), ("ABCDE", True), ("ABCF", False), ("abcdf", False), ("ACF", True)],
)
def test_plain_letters(letters: str, plain: bool) -> None:
    assert plain_letters(tuple(letters)) is plain
