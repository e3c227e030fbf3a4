from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dovetail.data import plan_rows
from dovetail.errors import ConfigError, DataError

SEEDS = st.integers(0, 2**32)


def codes(draw_sizes):
    return np.repeat(np.arange(len(draw_sizes)), draw_sizes)


@st.composite
def strata_arrays(draw, least=1):
    sizes = draw(st.lists(st.integers(least, 60), min_size=1, max_size=8))
    strata = codes(sizes)
    return np.random.Generator(np.random.PCG64(draw(SEEDS))).permutation(strata)


def check_parts(fold, n):
    parts = np.concatenate([fold.train, fold.tune, fold.score])
    assert len(np.unique(parts)) == len(parts)
    assert np.isin(parts, np.arange(n)).all()
    for part in (fold.train, fold.tune, fold.score):
        assert part.dtype == np.int64
        assert (np.diff(part) > 0).all()


def check_covers(fold, n):
    check_parts(fold, n)
    assert len(fold.train) + len(fold.tune) + len(fold.score) == n


@pytest.mark.parametrize(
    ("options", "sizes", "rule"),
    [
        ({}, (1400, 300, 300), "70/15/15"),
        ({"valid": True}, (1700, 0, 300), "train/score 85/15"),
        ({"test": True}, (1700, 300, 0), "train/tune 85/15"),
        ({"valid": True, "test": True}, (2000, 0, 0), "all rows train"),
    ],
)
def test_sizes_of_one_fold(options, sizes, rule):
    plan = plan_rows(2000, **options)
    (fold,) = plan.folds
    check_covers(fold, 2000)
    assert (len(fold.train), len(fold.tune), len(fold.score)) == sizes
    assert rule in plan.rule
    assert not plan.refit
    assert plan.notes == ()


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ({}, (340, 60, 100)),
        ({"valid": True}, (400, 0, 100)),
        ({"test": True}, (400, 100, 0)),
        ({"folds": 10}, (382, 68, 50)),  # 15 % of 450 is 67.5
    ],
)
def test_sizes_of_folds(options, sizes):
    plan = plan_rows(500, **options)
    assert plan.refit
    assert len(plan.folds) == options.get("folds", 5)
    held = []
    for fold in plan.folds:
        check_covers(fold, 500)
        assert (len(fold.train), len(fold.tune), len(fold.score)) == sizes
        held.append(fold.tune if options.get("test") else fold.score)
    np.testing.assert_array_equal(np.sort(np.concatenate(held)), np.arange(500))


def test_folds_on_request_and_none_where_nothing_is_left_to_fold():
    assert len(plan_rows(5000, folds=3).folds) == 3
    plan = plan_rows(500, valid=True, test=True)
    assert len(plan.folds[0].train) == 500
    assert not plan.refit


@given(strata_arrays(), SEEDS, st.booleans(), st.booleans())
@settings(max_examples=80, deadline=None)
def test_one_fold_keeps_strata(strata, seed, valid, test):
    strata = np.concatenate([strata, np.full(2000, 99)])
    n = len(strata)
    assume(not (valid and test))
    (fold,) = plan_rows(n, strata=strata, seed=seed, valid=valid, test=test).folds
    check_covers(fold, n)
    shares = {"tune": 0.15 * (not valid), "score": 0.15 * (not test)}
    shares["train"] = 1 - sum(shares.values())
    for stratum, size in zip(*np.unique(strata, return_counts=True), strict=True):
        counts = {p: (strata[getattr(fold, p)] == stratum).sum() for p in shares}
        assert counts["train"] >= 1
        if size <= 2:
            assert counts["train"] == size
        else:
            for part, share in shares.items():
                assert abs(counts[part] - share * size) <= 1 + 1e-9


@given(strata_arrays(least=3), SEEDS, st.integers(2, 7))
@settings(max_examples=80, deadline=None)
def test_folds_keep_strata(strata, seed, folds):
    n = len(strata)
    assume(n >= folds)
    assume(n < 2000)
    plan = plan_rows(n, strata=strata, seed=seed, folds=folds)
    scored = np.sort(np.concatenate([fold.score for fold in plan.folds]))
    np.testing.assert_array_equal(scored, np.arange(n))
    for fold in plan.folds:
        check_covers(fold, n)
        assert len(fold.tune) >= 1
        assert abs(len(fold.score) - n / folds) < 1
        assert set(strata[fold.train]) == set(strata)
        for stratum, size in zip(*np.unique(strata, return_counts=True), strict=True):
            score = (strata[fold.score] == stratum).sum()
            assert abs(score - size / folds) < 1
            tune = (strata[fold.tune] == stratum).sum()
            assert tune <= 0.15 * (size - score) + 1


def test_rare_strata_train_and_are_counted():
    strata = np.array([0] * 1500 + [1] * 1500 + [2, 3, 3])
    plan = plan_rows(len(strata), strata=strata)
    assert {3000, 3001, 3002} <= set(plan.folds[0].train.tolist())
    assert plan.notes == ("2 strata of 1 or 2 rows: for training only",)
    folds = plan_rows(303, strata=strata[2700:]).folds
    assert all({300, 301, 302} <= set(fold.train.tolist()) for fold in folds)


def test_pairs_give_a_row_where_most_strata_are_pairs():
    strata = np.repeat(np.arange(50), 2)
    plan = plan_rows(100, strata=strata)
    assert sum(len(fold.score) for fold in plan.folds) == 100
    for fold in plan.folds:
        assert len(fold.tune) >= 1
        learnt = np.concatenate([fold.train, fold.tune])
        assert set(strata[learnt]) == set(strata)


def test_strata_of_single_rows_are_not_kept_and_that_is_said():
    plan = plan_rows(2000, strata=np.arange(2000))
    assert len(plan.folds[0].score) == 300
    assert "strata not kept" in plan.notes[0]


@given(
    st.lists(st.integers(1, 30), min_size=3, max_size=40),
    SEEDS,
    st.sampled_from([None, 2, 4]),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_groups_stay_whole(sizes, seed, folds, grown):
    rng = np.random.Generator(np.random.PCG64(seed))
    group = codes([*sizes, 900, 900] if grown else sizes)
    group = rng.permutation(group)
    n = len(group)
    assume(folds is None or n >= folds)
    plan = plan_rows(n, group=group, seed=seed, folds=folds)
    for fold in plan.folds:
        check_covers(fold, n)
        parts = [set(group[p]) for p in (fold.train, fold.tune, fold.score)]
        assert all(parts)
        assert not parts[0] & parts[1]
        assert not parts[0] & parts[2]
        assert not parts[1] & parts[2]


@given(st.integers(10, 60), SEEDS)
@settings(max_examples=40, deadline=None)
def test_groups_leave_no_stratum_untrained(groups, seed):
    rng = np.random.Generator(np.random.PCG64(seed))
    group = rng.integers(0, groups, 600)
    strata = np.where(group < 2, group + 1, rng.integers(0, 3, 600))
    plan = plan_rows(600, group=group, strata=strata, seed=seed)
    for fold in plan.folds:
        check_covers(fold, 600)
        assert set(strata[fold.train]) == set(strata)
    sizes = [len(fold.score) for fold in plan.folds]
    assert sum(sizes) > 300


def test_groups_come_near_their_shares():
    group = np.repeat(np.arange(500), 10)
    (fold,) = plan_rows(5000, group=group).folds
    assert abs(len(fold.score) - 750) <= 10
    assert abs(len(fold.tune) - 750) <= 10


def test_groups_that_are_strata():
    group = np.repeat(np.arange(10), 30)
    plan = plan_rows(300, group=group, strata=group)
    assert "groups and strata coincide: strata not kept" in plan.notes
    assert all(len(fold.score) for fold in plan.folds)


@given(
    st.lists(st.integers(0, 200), min_size=30, max_size=200, unique=True),
    SEEDS,
    st.sampled_from([1, 30]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_time_moves_forward(times, seed, repeats, valid):
    rng = np.random.Generator(np.random.PCG64(seed))
    time = rng.permutation(np.repeat(times, repeats))
    n = len(time)
    plan = plan_rows(n, time=time, valid=valid)
    assert plan.notes == ()
    assert len(plan.folds) == (1 if n >= 2000 else 5)
    for fold in plan.folds:
        check_parts(fold, n)
        parts = (
            [fold.train, fold.score] if valid else [fold.train, fold.tune, fold.score]
        )
        for before, after in pairwise(parts):
            assert time[before].max() < time[after].min()
    latest = plan.folds[-1]
    assert time[latest.score].max() == time.max()
    starts = [fold.train.size for fold in plan.folds]
    assert starts == sorted(starts)


def test_time_with_one_value_divides_it_and_says_so():
    plan = plan_rows(3000, time=np.zeros(3000, np.int64))
    assert len(plan.folds[0].score) == 450
    assert "equal times were divided" in plan.notes[0]


def test_few_times_stay_whole_however_unequal():
    time = np.repeat([0, 1, 2], [10, 10, 1980])
    plan = plan_rows(2000, time=time)
    (fold,) = plan.folds
    assert plan.notes == ()
    assert [set(time[p]) for p in (fold.train, fold.tune, fold.score)] == [
        {0},
        {1},
        {2},
    ]
    plan = plan_rows(30, time=np.repeat([0, 1, 2], 10))
    (fold,) = plan.folds
    assert plan.notes == ()
    assert fold.train.tolist() == list(range(10))
    assert fold.score.tolist() == list(range(20, 30))


def test_time_tells_of_strata_that_come_late():
    strata = np.array([0] * 2000 + [1] * 500)
    plan = plan_rows(2500, time=np.arange(2500), strata=strata)
    assert plan.notes == ("strata found only after the training period: 1",)


def test_a_plan_is_a_function_of_its_arguments():
    strata = np.arange(900) % 7
    first, again = (plan_rows(900, strata=strata, seed=4) for _ in range(2))
    other = plan_rows(900, strata=strata, seed=5)
    for a, b, c in zip(first.folds, again.folds, other.folds, strict=True):
        np.testing.assert_array_equal(a.train, b.train)
        np.testing.assert_array_equal(a.score, b.score)
        assert not np.array_equal(a.score, c.score)


@pytest.mark.parametrize("n", range(3, 30))
def test_few_rows_have_an_answer(n):
    for options in (
        {},
        {"strata": np.arange(n) % 2},
        {"strata": np.arange(n)},
        {"time": np.arange(n)},
        {"time": np.zeros(n, np.int64)},
        {"group": np.arange(n)},
        {"group": np.arange(n) // 2, "strata": np.arange(n) % 2},
    ):
        if "group" in options and len(np.unique(options["group"])) < 3:
            continue
        for files in ({}, {"valid": True}, {"test": True}):
            plan = plan_rows(n, **options, **files)
            assert plan.folds
            for fold in plan.folds:
                check_parts(fold, n)
                assert len(fold.train)
                assert len(fold.tune) or "valid" in files
                assert len(fold.score) or "test" in files


@pytest.mark.parametrize("n", [0, 1, 2])
def test_too_few_rows_are_counted(n):
    with pytest.raises(DataError, match="takes 3 or more"):
        plan_rows(n)
    if n == 2:
        assert len(plan_rows(n, valid=True).folds) == 2
    else:
        with pytest.raises(DataError, match="takes 2 or more"):
            plan_rows(n, valid=True)
    if n:
        assert len(plan_rows(n, valid=True, test=True).folds[0].train) == n


def test_contradictions():
    with pytest.raises(ConfigError, match="by group and by time"):
        plan_rows(50, group=np.arange(50), time=np.arange(50))
    with pytest.raises(ConfigError, match="not 1"):
        plan_rows(50, folds=1)
    with pytest.raises(ConfigError, match=r"2 to 50 folds, not 51\.\n.*fewer folds"):
        plan_rows(50, folds=51)
    with pytest.raises(ConfigError, match="5 folds were asked for, and a file"):
        plan_rows(50, folds=5, valid=True, test=True)
    with pytest.raises(DataError, match="1 group; dividing them takes 3"):
        plan_rows(50, group=np.zeros(50, np.int64))
    with pytest.raises(DataError, match="strata has 3 values for 50"):
        plan_rows(50, strata=np.arange(3))
