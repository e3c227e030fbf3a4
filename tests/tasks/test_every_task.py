"""Every final task keeps the whole contract, from raw targets to labels and back."""

import inspect
import json
import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
import scipy.stats
import torch
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
    "binary pair": (
        Binary, {}, dict(zip(("cat", "dog"), np.eye(2, dtype=int)[
            _draw([0, 1], [0.4, 0.6])].T.tolist(), strict=True)), None,
    ),
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


BAD: tuple[tuple[str, Any, type[Exception], str], ...] = (
    ("loss", {"name": "Nonesuch"}, ConfigError, "No loss is called 'Nonesuch'"),
    ("loss", None, TargetError, "needs an object as 'loss', got None"),
    ("loss", {}, ConfigError, "No loss is called"),
    ("decision", {"name": "Guess"}, ConfigError, "Unknown decision rule 'Guess'"),
    ("decision", [], TargetError, "needs an object as 'decision'"),
    ("bias", [0.5] * 99, TargetError, "needs a bias of"),
    ("bias", "much", TargetError, "needs a bias of"),
)


@pytest.mark.parametrize(
    ("name", "value", "error", "words"), BAD, ids=[f"{b[0]} {b[1]}"[:30] for b in BAD]
)
def test_a_wrong_value_in_a_document_is_one_clear_error(
    case: Any, name: str, value: Any, error: type[Exception], words: str
) -> None:
    task, *_ = case
    with pytest.raises(error, match=words):
        from_json({**task.to_json(), name: value})


def test_a_missing_field_is_named(case: Any) -> None:
    task, *_ = case
    document = task.to_json()
    for name in document:
        words = "field 'task'" if name == "task" else f"needs the field '{name}'"
        with pytest.raises(TargetError, match=words):
            from_json({k: v for k, v in document.items() if k != name})


def test_loss_and_decision_of_another_task_are_refused(case: Any) -> None:
    task, *_ = case
    other = losses.Poisson() if isinstance(task, Regression) else losses.Squared()
    with pytest.raises(ConfigError, match=f"does not fit {type(task).__name__}"):
        from_json({**task.to_json(), "loss": other.to_json()})
    rules = (decisions.Mean(), decisions.MedianRank())
    (rule,) = [r for r in rules if not isinstance(r, task.DECISIONS)][:1]
    words = f"is no decision rule for {type(task).__name__}"
    with pytest.raises(ConfigError, match=words):
        from_json({**task.to_json(), "decision": rule.to_json()})


def test_constructors_refuse_what_does_not_fit() -> None:
    with pytest.raises(ConfigError, match="does not fit Regression"):
        Regression(loss=losses.Poisson())
    with pytest.raises(ConfigError, match="no decision rule for Count"):
        Count(decision=decisions.Argmax())
    with pytest.raises(ConfigError, match="no decision rule for Binary"):
        Binary(decision=decisions.TopK(k=1))


@pytest.mark.parametrize(
    ("task", "changed", "words"),
    [
        (Multiclass(("a", "b", "c")), {"classes": ["a", "b"]}, "3 or more"),
        (Multiclass(("a", "b", "c")), {"classes": "abc"}, "needs a list as 'classes'"),
        (Multiclass(("a", "b", "c")), {"classes": [["a"], ["b"], ["c"]]}, "cannot be"),
        (Binary(), {"classes": [0, 1, 2]}, "two classes"),
        (Binary(), {"outputs": 3}, "one output or two"),
        (MultiLabel(("a", "b")), {"form": "song"}, "'song'"),
        (Regression(), {"scale": [0.0]}, "finite and > 0"),
        (Regression(), {"mean": ["much"]}, "cannot be made"),
        (Regression(), {"mean": [1.0, 2.0]}, "2 means"),
    ],
)
def test_values_are_checked_as_those_written_by_hand(
    task: Task, changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(TargetError, match=words):
        from_json({**task.to_json(), **changed})


@pytest.mark.parametrize("document", [{}, {"loss": {}}])
def test_what_is_no_task_is_refused(document: Any) -> None:
    with pytest.raises(TargetError, match="field 'task'"):
        from_json(document)


def test_a_task_with_a_loss_of_the_users_own_loads(case: Any) -> None:
    task, targets, target, _ = case
    own = task.with_loss(lambda raw, _: raw.square().mean(dim=1))
    document = json.loads(json.dumps(own.to_json()))
    back = from_json(document)
    raw = _raw(task)
    assert back.decode_table(back.decide(raw)) == own.decode_table(own.decide(raw))
    assert back.to_json() == own.to_json()
    assert torch.equal(back.encode(targets), target)
    with pytest.raises(ConfigError, match="holds no code"):
        back.loss(raw, target)


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
        unseen = 0.5  # a row of 0.5 and 0 or 1 sums to no 1
    with pytest.raises(TargetError) as caught:
        task.encode(_with_cell(targets, 41, unseen))
    assert "row 42" in caught.value.message
    assert _names(targets)[0] in caught.value.message
    assert caught.value.fix


def _names(targets: Any) -> list[str]:
    """The target columns as an error names them."""
    if isinstance(targets, dict):
        return [repr(name) for name in targets]
    if isinstance(targets, np.ndarray):
        return [f"'target{j}'" for j in range(targets.shape[1])]
    return ["'target'"]


def test_a_column_is_named_as_the_user_named_it(case: Any) -> None:
    task, targets, _, unseen = case
    if isinstance(targets, dict | np.ndarray):
        pytest.skip("several columns have names of their own")
    empty_is_a_set = isinstance(task, MultiLabel) and task.form == "text"
    for bad in (unseen,) if empty_is_a_set else (unseen, None):
        named = {"費用": _with_cell(targets, 41, bad)}
        with pytest.raises(TargetError, match="'費用'"):
            task.encode(named)
    two = {"a": targets, "b": targets}
    with pytest.raises(TargetError, match="'a'"):
        task.encode(two)


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
    if isinstance(task, MultiLabel) and task.form == "text":
        assert known.all()  # an empty cell is a row without labels
        assert not task.encode(values)[41].any()
        return
    assert np.flatnonzero(~known).tolist() == [41]
    with pytest.raises(TargetError, match=r"row[s]? 42") as caught:
        task.encode(values)
    assert _names(targets)[0] in caught.value.message


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
