"""Every final task keeps the whole contract, from raw targets to labels and back."""

import inspect
import json
import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy.stats
import torch
from sklearn.metrics import log_loss
from torch import Tensor, nn

from dovetail import decisions, losses, tasks
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks import (
    Binary,
    Count,
    Multiclass,
    MultiLabel,
    Ordinal,
    Regression,
    Task,
    from_json,
)

RNG = np.random.default_rng(7)
N = 500


def _draw(labels: list[Any], shares: list[float]) -> list[Any]:
    """Labels in exactly these shares of ``N`` rows, in mixed order."""
    column = [
        label
        for label, share in zip(labels, shares, strict=True)
        for _ in range(round(share * N))
    ]
    return [column[i] for i in RNG.permutation(len(column))]


HOT = (RNG.random((N, 4)) < [0.5, 0.2, 0.05, 0.8]).astype(int)
HOT[0], HOT[1] = 0, 1  # an empty and a full row
PARTS = ["red", "blue", "green", "gelb"]
SETS = [[p for p, hot in zip(PARTS, row, strict=True) if hot] for row in HOT.tolist()]
COUNTS = RNG.poisson(3.0, N).tolist()
NUMBERS = RNG.normal(1000.0, 3.0, N)

# name: (task class, options, targets, a value that was not seen)
CASES: dict[str, tuple[type[Task], dict[str, Any], Any, Any]] = {
    "binary words": (Binary, {}, _draw(["ham", "spam"], [0.8, 0.2]), "eggs"),
    "binary numbers": (Binary, {}, _draw([0, 1], [0.3, 0.7]), 2),
    "binary bools": (Binary, {}, _draw([False, True], [0.3, 0.7]), "maybe"),
    "binary softmax": (
        Binary, {"head": "softmax"}, _draw(["no", "yes"], [0.6, 0.4]), "maybe",
    ),
    "multiclass words": (
        Multiclass, {}, _draw(["猫", "犬", "🦊", "owl"], [0.4, 0.3, 0.2, 0.1]), "cow",
    ),
    "multiclass numbers": (
        Multiclass, {}, _draw([10, 20, 45], [0.5, 0.4, 0.1]), 30,
    ),
    "multiclass one-hot": (
        Multiclass, {}, np.eye(3, dtype=int)[_draw([0, 1, 2], [0.5, 0.3, 0.2])], None,
    ),
    "multilabel columns": (MultiLabel, {}, HOT, 2),
    "multilabel words": (
        MultiLabel, {},
        {c: np.array(["no", "yes"])[HOT[:, j]].tolist() for j, c in enumerate("abcd")},
        "maybe",
    ),
    "multilabel lists": (MultiLabel, {}, SETS, ["black"]),
    "multilabel text": (MultiLabel, {}, ["|".join(s) for s in SETS], "black"),
    "ordinal numbers": (Ordinal, {}, _draw([3, 4, 5, 6], [0.1, 0.4, 0.4, 0.1]), 7),
    "ordinal words": (
        Ordinal, {}, _draw(["low", "high", "medium"], [0.5, 0.2, 0.3]), "huge",
    ),
    "ordinal own order": (
        Ordinal, {"order": ("egg", "chick", "hen")},
        _draw(["hen", "egg", "chick"], [0.5, 0.2, 0.3]), "cow",
    ),
    "regression": (Regression, {}, NUMBERS.tolist(), "dear"),
    "regression columns": (
        Regression, {}, np.stack([NUMBERS, RNG.normal(size=N)], axis=1), "dear",
    ),
    "count": (Count, {}, COUNTS, -1),
}  # fmt: skip


def final_tasks() -> set[type[Task]]:
    """The tasks found in the package, exported or not."""
    members = inspect.getmembers(tasks, inspect.isclass)
    found = {member for _, member in members if issubclass(member, Task)} - {Task}
    assert found == {t for t in Task.__subclasses__() if not inspect.isabstract(t)}
    return found


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[Task, Any, Tensor, Any]:
    """A task that has learnt, its targets, the targets encoded, an unseen value."""
    kind, options, targets, unseen = CASES[request.param]
    task = kind.from_targets(targets, **options)
    return task, targets, task.encode(targets), unseen


def _rows(targets: Any) -> list[Any]:
    """Targets as ``decode`` writes them."""
    if isinstance(targets, dict):
        return [list(row) for row in zip(*targets.values(), strict=True)]
    return targets.tolist() if isinstance(targets, np.ndarray) else list(targets)


def _raw(task: Task, n: int = N) -> Tensor:
    return torch.randn(n, task.head_size, generator=torch.Generator().manual_seed(3))


# -- the contract ---------------------------------------------------------------------


def test_every_task_is_tested_and_final() -> None:
    assert {kind for kind, *_ in CASES.values()} == final_tasks()
    for task in final_tasks():
        assert getattr(task, "__final__", False), f"{task.__name__} is not final"
        assert task.__name__ in tasks.__all__
        assert tasks.by_name(task.__name__.lower()) is task


def test_decode_gives_back_what_encode_took(case: Any) -> None:
    task, targets, target, _ = case
    decoded, wanted = task.decode(target), _rows(targets)
    if isinstance(task, Regression):
        np.testing.assert_allclose(decoded, wanted, rtol=1e-6, atol=1e-6)
    elif isinstance(task, MultiLabel) and task.form != "columns":
        split = (lambda s: s.split("|")) if task.form == "text" else list
        assert [sorted(split(d)) for d in decoded] == [sorted(split(w)) for w in wanted]
    else:
        assert decoded == wanted


def test_codec_head_loss_and_backward_run(case: Any) -> None:
    task, _, target, _ = case
    head = task.head(5, target)
    features = torch.randn(len(target), 5)
    raw = head(features)
    assert raw.shape == (len(target), task.head_size)
    rows = task.loss(raw, target)
    assert rows.shape == (len(target),)
    rows.mean().backward()
    gradients = [p.grad for p in head.parameters()]
    assert all(g is not None and bool(g.isfinite().all()) for g in gradients)
    assert any(bool((cast(Tensor, g) != 0).any()) for g in gradients)


def test_head_starts_at_the_learnt_bias(case: Any) -> None:
    task, _, target, _ = case
    learnt = task.head(3)(torch.randn(2, 3))
    given = task.head(3, target)(torch.randn(2, 3))
    torch.testing.assert_close(learnt, given)
    assert torch.equal(learnt[0], learnt[1])
    assert len(task.bias) == task.head_size
    bare = task.from_values({**_tail(task.to_json()), "bias": None})
    assert bool((bare.head(3)(torch.ones(1, 3)) == 0).all())


def _tail(document: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in document.items() if k != "task"}


def _entropy(labels: Any) -> float:
    _, counts = np.unique(np.asarray(labels), return_counts=True)
    return float(scipy.stats.entropy(counts))


NULL: dict[type[Task], Callable[[Task, Any], float]] = {
    Binary: lambda task, target: _entropy(target.reshape(-1)),
    Multiclass: lambda task, target: _entropy(target),
    # CORN's rank probabilities are a product of conditionals, so its sum over the
    # thresholds is -log P(rank), and its least mean the entropy of the ranks.
    Ordinal: lambda task, target: _entropy(target),
    MultiLabel: lambda task, target: float(
        np.mean([_entropy(column) for column in target.numpy().T])
    ),
    Regression: lambda task, target: 1.0,  # the variance of a standardised target
    Count: lambda task, target: float(
        -scipy.stats.poisson.logpmf(target.numpy(), target.numpy().mean()).mean()
    ),
}


def test_first_loss_is_the_null_models(case: Any) -> None:
    task, _, target, _ = case
    raw = task.head(4, target)(torch.randn(len(target), 4))
    first = task.loss(raw, target).mean().item()
    # The bias of classifiers is smoothed by one row for each class: not quite least.
    assert first == pytest.approx(NULL[type(task)](task, target), rel=2e-3)
    # No other constant does better by more than that.
    for step in (0.2, -0.2):
        moved = raw.clone()
        moved[:, 0] += step
        assert task.loss(moved, target).mean().item() > first


def test_rare_labels_start_at_their_share() -> None:
    """478 labels, 3 positive in each row: 0.038, not 0.693."""
    hot = np.zeros((400, 478), dtype=int)
    for row in range(400):
        hot[row, RNG.choice(478, 3, replace=False)] = 1
    task = MultiLabel.from_targets(hot)
    target = task.encode(hot)
    first = task.loss(task.head(2)(torch.zeros(400, 2)), target).mean().item()
    share = 3 / 478
    entropy = -share * math.log(share) - (1 - share) * math.log1p(-share)
    assert first == pytest.approx(entropy, rel=0.03)
    assert first < 0.04


def test_inverse_link_stays_in_range(case: Any) -> None:
    task, *_ = case
    for scale in (1.0, 30.0):
        out = task.inverse_link(scale * _raw(task))
        assert bool(out.isfinite().all())
        if isinstance(task, Regression):
            continue
        assert bool((out >= 0).all())
        if not isinstance(task, Count):
            assert bool((out <= 1).all())
        if isinstance(task, Multiclass | Ordinal) or task.head_size != out.shape[1]:
            torch.testing.assert_close(out.sum(1), torch.ones(len(out)))


@pytest.mark.parametrize("half", [torch.float16, torch.bfloat16])
def test_half_precision_is_raised_first(case: Any, half: torch.dtype) -> None:
    task, *_ = case
    raw = _raw(task).to(half)
    out = task.inverse_link(raw)
    assert out.dtype == torch.float32
    torch.testing.assert_close(out, task.inverse_link(raw.float()))
    assert task.inverse_link(raw.double()).dtype == torch.float64
    assert task.decide(raw).shape[0] == N


def test_json_gives_an_equal_task_that_predicts_the_same(case: Any) -> None:
    task, targets, target, _ = case
    document = json.loads(json.dumps(task.to_json(), ensure_ascii=False))
    back = from_json(document)
    assert back == task
    assert hash(back) == hash(task)
    assert back.bias == task.bias
    assert repr(back) == repr(task)
    raw = _raw(task)
    assert torch.equal(back.encode(targets), target)
    assert back.decode_table(back.decide(raw)) == task.decode_table(task.decide(raw))
    assert back.proba_table(raw) == task.proba_table(raw)


def test_a_changed_document_is_refused() -> None:
    document = Count().to_json()
    with pytest.raises(TargetError, match="no field 'colour'"):
        from_json({**document, "colour": 3})
    with pytest.raises(ConfigError, match=r"Unknown task 'Cuont'.* 'Count'"):
        from_json({**document, "task": "Cuont"})


def _with_cell(targets: Any, row: int, cell: Any) -> Any:
    """Targets with one cell, of the first column, put to another value."""
    if isinstance(targets, dict):
        first, *others = targets
        column = _with_cell(targets[first], row, cell)
        return {first: column, **{o: targets[o] for o in others}}
    if isinstance(targets, np.ndarray):
        names = [f"target{j}" for j in range(targets.shape[1])]
        columns = {n: targets[:, j].tolist() for j, n in enumerate(names)}
        return _with_cell(columns, row, cell)
    return [*targets[:row], cell, *targets[row + 1 :]]


def test_unseen_value_is_refused_with_its_row(case: Any) -> None:
    task, targets, _, unseen = case
    if unseen is None:
        unseen = 0.5  # a row of 0.5, 0 and 0 or 1 sums to no 1
    with pytest.raises(TargetError) as caught:
        task.encode(_with_cell(targets, 41, unseen))
    assert "row 42" in caught.value.message
    assert caught.value.fix


def test_missing_target_is_refused_with_its_row(case: Any) -> None:
    task, targets, _, _ = case
    values = _with_cell(targets, 41, None)
    if isinstance(task, MultiLabel) and task.form == "columns":
        encoded = task.encode(values)  # an unknown cell, not a missing row
        assert bool(encoded[41, 0].isnan())
        assert int(encoded.isnan().sum()) == 1
        assert task.known(values).all()
        return
    known = task.known(values)
    assert np.flatnonzero(~known).tolist() == [41]
    with pytest.raises(TargetError, match=r"row[s]? 42"):
        task.encode(values)


def test_metrics_run_on_views(case: Any) -> None:
    task, _, target, _ = case
    raw = _raw(task)
    views = task.views(raw, target)
    weights = torch.rand(N) + 0.5
    for metric in task.metrics:
        for weight in (None, weights):
            value = metric(*views[metric.takes], weight)
            assert isinstance(value, float), metric.name
            assert math.isfinite(value), metric.name
    assert len({metric.name for metric in task.metrics}) == len(task.metrics)


def test_a_perfect_prediction_is_perfect(case: Any) -> None:
    task, _, target, _ = case
    raw = _perfect(task, target)
    views = task.views(raw, target)
    first = task.metrics[0]
    assert first(*views[first.takes]) == pytest.approx(0.0, abs=0.01)
    decided, wanted = task.decode(task.decide(raw)), task.decode(target)
    if isinstance(task, Regression | Count):
        np.testing.assert_allclose(decided, wanted, rtol=1e-5, atol=1e-5)
    else:
        assert decided == wanted


def _perfect(task: Task, target: Tensor) -> Tensor:
    """Raw outputs that say the target with near certainty."""
    if isinstance(task, Regression):
        return target
    if isinstance(task, Count):
        return target.clamp(min=1e-6).log()
    if isinstance(task, Ordinal):
        return torch.where(target[:, None] > torch.arange(task.head_size), 20.0, -20.0)
    if target.ndim == 1:
        return 20.0 * nn.functional.one_hot(target, task.head_size).float()
    return 40.0 * target - 20.0


def test_strata_are_integers_for_each_row(case: Any) -> None:
    task, _, target, _ = case
    strata = task.strata(target)
    assert strata.shape == (N,)
    assert np.issubdtype(strata.dtype, np.integer)
    assert 1 < len(np.unique(strata)) <= 20


def test_tables_are_named_after_the_target(case: Any) -> None:
    task, *_ = case
    raw = _raw(task)
    decided = task.decode_table(task.decide(raw), name="价格")
    assert decided.num_rows == N
    assert decided.column_names == list(task.columns or ("价格",))
    probs = task.proba_table(raw, name="价格")
    if isinstance(task, Regression | Count):
        assert probs is None
        return
    assert probs.num_rows == N
    labels = getattr(task, "classes", None) or cast(Any, task).labels
    if task.columns:
        assert probs.column_names == [f"{c}_proba" for c in task.columns]
    else:
        assert probs.column_names == [f"价格_{label}" for label in labels]


def test_row_order_does_not_matter(case: Any) -> None:
    task, targets, target, _ = case
    order = RNG.permutation(N)
    shuffled = (
        {c: [v[i] for i in order] for c, v in targets.items()}
        if isinstance(targets, dict)
        else targets[order]
        if isinstance(targets, np.ndarray)
        else [targets[i] for i in order]
    )
    assert torch.equal(task.encode(shuffled), target[order])
    options = next(o for k, o, t, _ in CASES.values() if t is targets)
    again = type(task).from_targets(shuffled, **options)
    assert again.bias == pytest.approx(task.bias, rel=1e-6, abs=1e-6)


def test_a_weight_of_two_is_the_row_twice(case: Any) -> None:
    task, _, target, _ = case
    weights = torch.ones(N)
    weights[:100] = 2.0
    twice = torch.cat([target, target[:100]])
    # Pseudo-counts stand for a share of all rows, hence the tolerance.
    torch.testing.assert_close(
        task.initial_bias(target, weights),
        task.initial_bias(twice),
        rtol=0.01,
        atol=0.01,
    )


# -- choices --------------------------------------------------------------------------


def _every_loss() -> list[type[losses.Loss]]:
    members = (getattr(losses, name) for name in losses.__all__)
    kinds = [m for m in members if isinstance(m, type) and issubclass(m, losses.Loss)]
    return [k for k in kinds if k is not losses.Loss and k is not losses.Custom]


def test_a_loss_that_does_not_fit_is_refused_with_those_that_do(case: Any) -> None:
    task, *_ = case
    strangers = [k for k in _every_loss() if k not in task.fitting_losses]
    assert strangers
    for stranger in strangers:
        if stranger is losses.Pinball:
            loss: Any = losses.Pinball(taus=(0.5,))
        else:
            loss = stranger()
        with pytest.raises(ConfigError) as caught:
            task.with_loss(loss)
        for fitting in task.fitting_losses:
            assert fitting.__name__ in str(caught.value)


def test_every_loss_that_fits_trains(case: Any) -> None:
    task, _, target, _ = case
    for fitting in task.fitting_losses:
        if fitting is losses.Pinball:
            if task.head_size > 1:
                continue
            changed = task.with_loss(losses.Pinball(taus=(0.9,)))
        else:
            changed = task.with_loss(fitting)
        assert type(changed.loss) is fitting
        if changed != task:
            assert changed.bias is None
            assert task.loss != changed.loss  # the first one is as it was
        head = changed.head(3, target)
        rows = changed.loss(head(torch.randn(N, 3)), target)
        rows.mean().backward()
        bias = cast(nn.Linear, head).bias.grad
        # Nothing is gained by moving the bias; a median has steps of a row's size.
        assert bias is not None
        assert float(bias.abs().max()) < 0.01
        assert from_json(json.loads(json.dumps(changed.to_json()))) == changed
        assert changed.metrics


def test_a_users_own_loss_is_taken() -> None:
    def distance(raw: Tensor, target: Tensor) -> Tensor:
        return (raw - target).abs().mean(dim=1)

    task = Regression.from_targets([1.0, 2.0, 6.0]).with_loss(distance)
    rows = task.loss(torch.zeros(3, 1), task.encode([1.0, 2.0, 6.0]))
    assert rows.shape == (3,)


def test_a_decision_that_does_not_fit_is_refused(case: Any) -> None:
    task, *_ = case
    kinds = (
        decisions.Argmax, decisions.Threshold, decisions.MedianRank, decisions.Mean,
    )  # fmt: skip
    for kind in kinds:
        if kind in task.DECISIONS:
            assert task.with_decision(kind()).decide(_raw(task)).shape[0] == N
            continue
        with pytest.raises(ConfigError, match=kind.__name__) as caught:
            task.with_decision(kind())
        assert task.DECISIONS[0].__name__ in str(caught.value)


def test_describe_names_the_whole_chain(case: Any) -> None:
    task, *_ = case
    words = task.describe()
    assert words["task"] == type(task).__name__
    assert type(task.loss).__name__ in words["loss"]
    assert words["metrics"].startswith(task.metrics[0].name)
    assert all(isinstance(v, str) and v for v in words.values())


def test_a_task_cannot_be_changed(case: Any) -> None:
    task, *_ = case
    with pytest.raises(AttributeError):
        task.loss = losses.Squared()


# -- binary ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        (["ham", "spam"], "spam"),  # last in sorted order
        (["yes", "zero"], "yes"),
        (["Y", "Z"], "Y"),
        ([True, False], True),
        (["True", "Unsure"], "True"),
        ([0, 1], 1),
        ([1, 2], 1),
        ([-1, 1], 1),
        ([3, 4], 4),
        (["no", "yes"], "yes"),
        ([1.5, 0.5], 1.5),
    ],
)
def test_positive_class(labels: list[Any], positive: Any) -> None:
    task = Binary.from_targets(labels * 3)
    assert task.classes[1] == positive
    assert task.encode([positive]).tolist() == [[1.0]]
    # Never by frequency.
    for common in labels:
        assert Binary.from_targets([*labels, *[common] * 50]).classes[1] == positive
    declared = Binary.from_targets(labels * 3, positive=task.classes[0])
    assert declared.classes == task.classes[::-1]


def test_positive_class_that_is_not_there() -> None:
    with pytest.raises(TargetError, match="'egg' is not in the target"):
        Binary.from_targets(["ham", "spam"], positive="egg")


@pytest.mark.parametrize("labels", [["a"], ["a", "b", "c"], [0.0, 0.5, 3.0]])
def test_binary_needs_two(labels: list[Any]) -> None:
    with pytest.raises(TargetError, match="exactly two distinct values"):
        Binary.from_targets(labels)


def test_one_and_two_logits_are_one_model() -> None:
    values = CASES["binary words"][2]
    one = Binary.from_targets(values)
    two = Binary.from_targets(values, head="softmax")
    raw = torch.randn(N, 2)
    difference = raw[:, 1:] - raw[:, :1]
    torch.testing.assert_close(one.positive(difference), two.positive(raw))
    assert torch.equal(one.decide(difference), two.decide(raw))
    torch.testing.assert_close(
        one.loss(difference, one.encode(values)), two.loss(raw, two.encode(values))
    )
    probs = [t.proba_table(r) for t, r in ((one, difference), (two, raw))]
    assert probs[0].column_names == probs[1].column_names
    for name in probs[0].column_names:
        np.testing.assert_allclose(*(p[name].to_numpy() for p in probs), atol=1e-6)
    for metric in one.metrics:
        left = metric(*one.views(difference, one.encode(values))[metric.takes])
        right = metric(*two.views(raw, two.encode(values))[metric.takes])
        assert left == pytest.approx(right, abs=1e-6)
    start = cast(tuple[float, ...], two.bias)
    assert start[1] - start[0] == pytest.approx(cast(Any, one.bias)[0], abs=1e-6)


@pytest.mark.parametrize("head", ["logit", "softmax"])
def test_soft_binary_targets(head: Any) -> None:
    shares = [0.0, 0.25, 1.0, 0.7]
    task = Binary.from_targets(shares, head=head)
    target = task.encode(shares)
    assert target[:, -1].tolist() == pytest.approx(shares)
    pair = task.encode(np.array([[0.75, 0.25], [0.0, 1.0]]))
    assert pair[:, -1].tolist() == [0.25, 1.0]
    raw = torch.randn(4, task.head_size)
    loss = task.loss(raw, target)
    p = task.positive(raw)[:, 0]
    t = torch.tensor(shares)
    torch.testing.assert_close(loss, -(t * p.log() + (1 - t) * (1 - p).log()))


def test_thresholds_decide() -> None:
    task = Binary().with_decision(decisions.Threshold(threshold=0.2))
    logits = torch.tensor([[-1.0], [-2.0]])  # P = 0.269 and 0.119
    assert task.decide(logits).tolist() == [1, 0]
    assert task.decode(task.decide(logits)) == [1, 0]


# -- multiclass -----------------------------------------------------------------------


def test_multiclass_takes_every_form() -> None:
    index = [2, 0, 1, 1]
    hot = np.eye(3)[index]
    words = ["c", "a", "b", "b"]
    forms: list[Any] = [
        words,
        np.array(words),
        np.array(words, dtype=object)[:, None],
        pd.Series(words, dtype="category"),
        pa.array(words).dictionary_encode(),
        hot,
        hot.astype(bool),
        hot.astype(np.int32),
        torch.from_numpy(hot),
    ]
    task = Multiclass.from_targets(words)
    for form in forms:
        assert task.encode(form).tolist() == index
        assert task.encode(form).dtype == torch.int64
    numbers: list[Any] = [
        index,
        np.array(index, dtype=np.int32),
        np.array(index)[:, None],
        torch.tensor(index),
        torch.tensor(index, dtype=torch.uint8)[:, None],
        np.array(index, dtype=float),
        [str(i) for i in index],
    ]
    for form in numbers:
        assert Multiclass.from_targets(index).encode(form).tolist() == index


@pytest.mark.parametrize("classes", [3, 7])
def test_soft_rows_stay_rows(classes: int) -> None:
    soft = RNG.dirichlet(np.ones(classes), size=5)
    soft[0] = np.eye(classes)[1]
    task = Multiclass.from_targets(soft)
    target = task.encode(soft)
    np.testing.assert_allclose(target.numpy(), soft, rtol=1e-6)
    raw = torch.randn(5, classes)
    wanted = -(target * raw.log_softmax(1)).sum(1)
    torch.testing.assert_close(task.loss(raw, target), wanted)
    for metric in task.metrics:
        assert math.isfinite(metric(*task.views(raw, target)[metric.takes]))


def test_rows_of_shares_must_sum_to_one() -> None:
    task = Multiclass(("a", "b", "c"))
    with pytest.raises(TargetError, match=r"row 2 .* sum to 1\.4"):
        task.encode(np.array([[1.0, 0, 0], [0.5, 0.5, 0.4]]))
    with pytest.raises(TargetError, match="2 columns"):
        task.encode(np.eye(2))


def test_multiclass_needs_three() -> None:
    for labels in (("a", "b"), ("a", "b", "b"), (1, 1.0, 2)):
        with pytest.raises(TargetError, match="3 or more"):
            Multiclass(labels)


def test_log_loss_is_scikit_learns() -> None:
    task, target = Multiclass(("a", "b", "c")), torch.tensor([0, 2, 1, 1])
    raw = torch.randn(4, 3)
    ours = task.metrics[0](*task.views(raw, target)["probs"])
    assert ours == pytest.approx(log_loss(target, raw.double().softmax(1)), abs=1e-6)


# -- multilabel -----------------------------------------------------------------------


def test_empty_full_and_unknown() -> None:
    hot = np.array([[0, 0, 0], [1, 1, 1], [1, np.nan, 0], [np.nan] * 3])
    task = MultiLabel.from_targets(hot)
    target = task.encode(hot)
    assert target[0].tolist() == [0, 0, 0]
    assert target[1].tolist() == [1, 1, 1]
    assert target.isnan().tolist()[2] == [False, True, False]
    assert task.known(hot).tolist() == [True, True, True, False]
    raw = torch.randn(3, 3, requires_grad=True)
    rows = task.loss(raw, target[:3])
    # An unknown cell counts neither in the loss nor in its mean, nor in a metric.
    known = torch.tensor([0, 2])
    alone = nn.functional.binary_cross_entropy_with_logits(
        raw[2, known], target[2, known]
    )
    torch.testing.assert_close(rows[2], alone)
    rows.sum().backward()
    assert raw.grad is not None
    assert raw.grad[2, 1] == 0
    for metric in task.metrics:
        value = metric(*task.views(raw.detach(), target[:3])[metric.takes])
        assert math.isfinite(value)
    assert MultiLabel(("a", "b"), form="lists").encode([[], ["a", "b"]]).tolist() == [
        [0, 0], [1, 1],
    ]  # fmt: skip


def test_four_forms_of_one_target() -> None:
    text = ["red|blue", "", "blue"]
    lists = [["red", "blue"], [], ["blue"]]
    wanted = [[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]]  # blue, red
    hot = np.array(wanted)
    named = pd.DataFrame(hot, columns=["blue", "red"])
    for values in (text, lists, [set(s) for s in lists], hot, named, hot.astype(bool)):
        assert MultiLabel.from_targets(values).encode(values).tolist() == wanted
    # Named columns are found by name, in whatever order they come.
    task = MultiLabel.from_targets(named)
    assert task.encode(named[["red", "blue"]]).tolist() == wanted


def test_labels_outside_zero_and_one() -> None:
    with pytest.raises(TargetError, match="'target1', data row 2: 3; 0 or 1"):
        MultiLabel.from_targets(np.array([[0, 1], [1, 3]]))


# -- what weighted and smoothed losses do to probabilities ----------------------------

SHARES = (0.6, 0.3, 0.1)


@pytest.mark.parametrize(
    ("task", "loss"),
    [
        (Binary(("a", "b")), losses.BinaryCrossEntropy(pos_weight=10.0)),
        (Binary(("a", "b")), losses.BinaryCrossEntropy(smoothing=0.2)),
        (
            Binary(("a", "b")),
            losses.BinaryCrossEntropy(pos_weight=3.0, smoothing=0.1),
        ),
        (
            Binary(("a", "b"), head="softmax"),
            losses.SoftmaxCrossEntropy(weight=(1.0, 5.0)),
        ),
        (
            Binary(("a", "b"), head="softmax"),
            losses.SoftmaxCrossEntropy(smoothing=0.2),
        ),
        (
            Multiclass(("a", "b", "c")),
            losses.SoftmaxCrossEntropy(weight=(1.0, 2.0, 7.0)),
        ),
        (Multiclass(("a", "b", "c")), losses.SoftmaxCrossEntropy(smoothing=0.2)),
        (
            Multiclass(("a", "b", "c")),
            losses.SoftmaxCrossEntropy(weight=(1.0, 2.0, 7.0), smoothing=0.1),
        ),
    ],
    ids=lambda v: repr(v) if isinstance(v, losses.Loss) else type(v).__name__,
)
def test_planted_probabilities_come_back(task: Any, loss: losses.Loss) -> None:
    """The best constant of a weighted or smoothed loss still says the true shares."""
    shares = SHARES if len(task.classes) == 3 else (0.8, 0.2)
    labels = [
        c for c, s in zip("abc", shares, strict=False) for _ in range(int(s * 1e4))
    ]
    changed = task.with_loss(loss)
    target = changed.encode(labels)
    raw = changed.initial_bias(target)[None].float()
    table = changed.proba_table(raw)
    found = [column[0].as_py() for column in table.columns]
    assert found == pytest.approx(shares, abs=2e-3)
    # ... which the plain link of the same raw outputs does not.
    plain = task.proba_table(raw)
    assert [c[0].as_py() for c in plain.columns] != pytest.approx(shares, abs=2e-2)


def test_planted_label_probabilities_come_back() -> None:
    hot = np.zeros((1000, 2), dtype=int)
    hot[:500, 0], hot[:50, 1] = 1, 1
    task = MultiLabel.from_targets(hot).with_loss(
        losses.MultiLabelCrossEntropy(pos_weight=(1.0, 12.0))
    )
    raw = task.initial_bias(task.encode(hot))[None].float()
    assert task.inverse_link(raw)[0].tolist() == pytest.approx([0.5, 0.05], abs=2e-3)


def test_class_weights_must_match_the_classes() -> None:
    with pytest.raises(ConfigError, match="2 class weights"):
        Multiclass(("a", "b", "c")).with_loss(
            losses.SoftmaxCrossEntropy(weight=(1.0, 2.0))
        )
    with pytest.raises(ConfigError, match="3 positive weights"):
        MultiLabel(("a", "b")).with_loss(
            losses.MultiLabelCrossEntropy(pos_weight=(1.0, 2.0, 3.0))
        )


# -- regression -----------------------------------------------------------------------


def test_regression_keeps_precision_at_large_offsets() -> None:
    values = [1e9, 1e9 + 1, 1e9 + 2]
    task = Regression.from_targets(values)
    np.testing.assert_allclose(task.encode(values)[:, 0], [-1.2247, 0, 1.2247], 1e-4)
    assert task.decode(task.encode(values)) == pytest.approx(values, abs=1e-5)


@pytest.mark.parametrize("values", [[0.1] * 3, [7.0, 7.0], [0.0, 0.0]])
def test_constant_column_has_scale_one(values: list[float]) -> None:
    task = Regression.from_targets(values)
    assert task.scale == (1.0,)
    assert task.encode(values).abs().max() < 1e-6


def test_huge_numbers_do_not_overflow() -> None:
    task = Regression.from_targets([1e300, -1e300])
    assert task.scale == (1e300,)
    assert task.encode([1e300]).tolist() == [[1.0]]


def test_median_losses_are_judged_by_absolute_error() -> None:
    assert Regression().metrics[0].name == "rmse"
    assert Regression().with_loss("absolute").metrics[0].name == "mae"


@pytest.mark.parametrize("bad", [float("inf"), "dear", True])
def test_numbers_are_needed(bad: Any) -> None:
    values = [1.5, bad, 2.5]
    if bad is True:
        values = [[1], [2], [3]]
    with pytest.raises(TargetError):
        Regression.from_targets(values)


def test_pinball_needs_one_level_of_one_target() -> None:
    with pytest.raises(ConfigError, match="one level"):
        Regression().with_loss(losses.Pinball(taus=(0.1, 0.9)))
    task = Regression.from_targets(NUMBERS.tolist())
    task = task.with_loss(losses.Pinball(taus=(0.9,)))
    raw = task.initial_bias(task.encode(NUMBERS.tolist()))[None].float()
    assert task.decode(raw)[0] == pytest.approx(np.quantile(NUMBERS, 0.9), rel=1e-4)


@pytest.mark.parametrize("bad", [-1, 0.5])
def test_counts_are_whole_and_not_negative(bad: float) -> None:
    with pytest.raises(TargetError, match="data row 3"):
        Count.from_targets([0.0, 4.0, bad])
