"""Decision rules: values worked out by hand, and what every rule promises."""

import inspect
import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from dovetail import decisions
from dovetail.decisions import Decision
from dovetail.decisions.least_cost import _square
from dovetail.decisions.threshold import _share
from dovetail.errors import ConfigError, DataError

RULES = (
    decisions.Argmax(),
    decisions.LeastCost(costs=((0, 1, 4), (1, 0, 1), (4, 1, 0))),
    decisions.Mean(),
    decisions.MedianRank(),
    decisions.Threshold(),
    decisions.Threshold(threshold=(0.2, 0.5, 0.7)),
    decisions.TopK(k=2),
)
PROBS = torch.tensor([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4], [0.1, 0.1, 0.8]])
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda r: type(r).__name__)


def test_every_rule_is_tried_here() -> None:
    found = {getattr(decisions, name) for name in decisions.__all__}
    rules = {c for c in found if inspect.isclass(c) and not inspect.isabstract(c)}
    assert {type(rule) for rule in RULES} == rules


@every_rule
def test_a_rule_is_final_documented_and_read_back_from_json(rule: Decision) -> None:
    assert getattr(type(rule), "__final__", False)
    assert ">>>" in inspect.getdoc(type(rule))
    assert rule.optimal_for
    assert decisions.from_json(json.loads(json.dumps(rule.to_json()))) == rule
    assert hash(rule) == hash(decisions.from_json(rule.to_json()))


@every_rule
def test_rows_are_decided_one_by_one(rule: Decision) -> None:
    together = rule(PROBS)
    alone = torch.cat([rule(row.unsqueeze(0)) for row in PROBS])
    assert torch.equal(together, alone)
    assert rule(PROBS[:0]).shape == together[:0].shape


@every_rule
@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_the_format_of_probabilities_does_not_matter(
    rule: Decision, dtype: torch.dtype
) -> None:
    # Multiples of 1/8 are the same number in every format.
    probs = torch.tensor([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]])
    assert torch.equal(rule(probs.to(dtype)).float(), rule(probs).float())
    assert rule(probs.to(dtype)).dtype in (torch.int64, dtype)


@every_rule
@pytest.mark.parametrize(
    "bad", [torch.zeros(3), torch.zeros(3, 0), torch.zeros(2, 2, 2)]
)
def test_one_row_for_each_sample_is_needed(rule: Decision, bad: Tensor) -> None:
    with pytest.raises(DataError, match="one row of probabilities") as caught:
        rule(bad)
    assert caught.value.fix


@every_rule
def test_a_decision_is_no_probability(rule: Decision) -> None:
    with pytest.raises(DataError, match="floating-point"):
        rule(torch.zeros(2, 3, dtype=torch.int64))


def test_argmax_takes_the_lowest_of_equal_classes() -> None:
    assert decisions.Argmax()(PROBS).tolist() == [1, 0, 2]
    assert decisions.Argmax()(torch.full((1000, 50), 0.02)).sum() == 0


def test_a_threshold_is_strict() -> None:
    probs = torch.tensor([[0.5, 0.50001, 0.49999]])
    assert decisions.Threshold()(probs).tolist() == [[0, 1, 0]]
    assert decisions.Threshold(threshold=0)(torch.tensor([[0.0]])).tolist() == [[0]]
    # 0.3 in float32 is not above the threshold 0.3, though its value is 0.30000001.
    third = decisions.Threshold(threshold=0.3)
    assert third(torch.tensor([[0.3]])).tolist() == [[0]]
    each = decisions.Threshold(threshold=(0.3,))
    assert each(torch.tensor([[0.3]])).tolist() == [[0]]


def test_one_threshold_for_each_label() -> None:
    rule = decisions.Threshold(threshold=(0.2, 0.5, 0.7))
    assert rule(PROBS).tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 1]]
    with pytest.raises(DataError, match=r"\(n, 3\), got shape \(3, 2\)"):
        rule(PROBS[:, :2])


def test_least_cost_by_hand() -> None:
    # costs[a][k]: row 0 of PROBS costs 0.5 + 1.2, 0.2 + 0.3, 0.8 + 0.5 for a = 0, 1, 2.
    rule = decisions.LeastCost(costs=((0, 1, 4), (1, 0, 1), (4, 1, 0)))
    assert rule(PROBS).tolist() == [1, 1, 2]
    # Rows are decisions, not truths: deciding 1 is dear, a true 1 is not.
    assert decisions.LeastCost(costs=((0, 1), (9, 0)))(PROBS[:, :2]).tolist() == [0] * 3


def test_least_cost_of_zero_one_costs_is_the_argmax() -> None:
    probs = torch.rand(200, 4).softmax(1)
    zero_one = (1 - torch.eye(4)).tolist()
    rule = decisions.LeastCost(costs=tuple(map(tuple, zero_one)))
    assert torch.equal(rule(probs), decisions.Argmax()(probs))


def test_least_cost_of_two_classes_is_a_threshold() -> None:
    p = torch.rand(500, 1)
    rule = decisions.LeastCost(costs=((0, 4), (1, 0)))  # false alarm 1, miss 4: 0.2
    threshold = decisions.Threshold(threshold=0.2)
    assert torch.equal(rule(torch.cat([1 - p, p], 1)), threshold(p)[:, 0])


def test_median_rank_by_hand() -> None:
    assert decisions.MedianRank()(PROBS).tolist() == [1, 1, 2]
    # Five times 0.1 is 0.5, or in float32 a little more or less.
    assert decisions.MedianRank()(torch.full((1, 10), 0.1)).tolist() == [4]
    halves = torch.tensor([[0.5 - 3e-8, 0.0, 0.5 + 3e-8], [0.4999, 0.0, 0.5001]])
    assert decisions.MedianRank()(halves).tolist() == [0, 2]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=2, max_size=8).filter(any))
def test_the_median_has_the_least_mean_distance(counts: list[int]) -> None:
    p = torch.tensor(counts, dtype=torch.float64)
    p = p / p.sum()
    ranks = torch.arange(len(p)).double()
    distance = (ranks[:, None] - ranks).abs() @ p
    chosen = int(decisions.MedianRank()(p.unsqueeze(0)))
    assert distance[chosen] <= distance.min() + 1e-9


def test_the_mean_passes_through() -> None:
    assert decisions.Mean()(PROBS) is PROBS


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([0.1, 0.5, 0.9]), min_size=5, max_size=5), min_size=1
    ),
    st.integers(1, 5),
)
def test_top_k_takes_k_and_none_left_out_is_better(
    rows: list[list[float]], k: int
) -> None:
    probs = torch.tensor(rows)
    chosen = decisions.TopK(k=k)(probs)
    assert chosen.dtype == torch.int64
    assert (chosen.sum(1) == k).all()
    worst_in = probs.masked_fill(chosen == 0, 2).amin(1)
    best_out = probs.masked_fill(chosen == 1, -1).amax(1)
    assert (worst_in >= best_out).all()


def test_top_k_takes_the_lowest_index_of_equal_labels() -> None:
    chosen = decisions.TopK(k=3)(torch.full((2, 100), 0.5))
    assert chosen[:, :3].all()
    assert chosen.sum() == 6


def test_top_k_of_fewer_labels_is_refused() -> None:
    with pytest.raises(ConfigError, match="chooses 4 labels, but there are 3"):
        decisions.TopK(k=4)(PROBS)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), (0.5, 2.0)])
def test_a_threshold_is_a_probability(value: float | tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match=r"numbers in \[0, 1\]"):
        decisions.Threshold(threshold=value)


@pytest.mark.parametrize(
    "costs", [(), ((0, 1),), ((0, 1), (1,)), ((0, float("inf")), (1, 0))]
)
def test_costs_are_a_square_of_finite_numbers(costs: tuple) -> None:
    with pytest.raises(ConfigError, match="square matrix"):
        decisions.LeastCost(costs=costs)


@pytest.mark.parametrize("value", ["0.5", True, None, [], 1j])
def test_what_is_no_number_is_no_threshold_and_no_cost(value: object) -> None:
    with pytest.raises(ConfigError, match="numbers in"):
        _share(value)
    with pytest.raises(ConfigError, match="square matrix"):
        _square(value)


@pytest.mark.parametrize("k", [0, -1, True])
def test_top_k_needs_a_whole_number(k: int) -> None:
    with pytest.raises(ConfigError, match="whole number"):
        decisions.TopK(k=k)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"name": "Treshold", "threshold": 0.5}, "Did you mean 'Threshold'"),
        ({"threshold": 0.5}, "Unknown decision rule ''"),
        ({"name": "Threshold"}, "needs threshold beside its name, got nothing"),
        ({"name": "Argmax", "k": 3}, "needs nothing beside its name, got k"),
        ({"name": "Threshold", "threshold": [0.5, 2.0]}, "numbers in"),
        ({"name": "LeastCost", "costs": [[0, 1]]}, "square matrix"),
        ({"name": "TopK", "k": 0}, "whole number"),
    ],
)
def test_a_document_that_does_not_fit(document: dict, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        decisions.from_json(document)
    assert caught.value.fix
