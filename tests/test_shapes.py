"""Checks that losses share: one wording, and no reading of values where it costs."""

import pytest
import torch

from dovetail._shapes import (
    check_domain,
    check_index,
    check_raw,
    check_target,
    check_weights,
    values_readable,
)
from dovetail.errors import DataError, TargetError
from dovetail.losses import BinaryCrossEntropy, SoftmaxCrossEntropy, Squared


def test_a_flat_target_is_refused_with_both_shapes_and_never_broadcast():
    with pytest.raises(TargetError) as caught:
        Squared()(torch.zeros(3, 1), torch.zeros(3))
    assert "(3, 1)" in caught.value.message
    assert "(3,)" in caught.value.message
    assert "unsqueeze(1)" in caught.value.fix
    with pytest.raises(TargetError):
        Squared()(torch.zeros(3, 3), torch.zeros(3))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (torch.zeros(3), r"got shape \(3,\)"),
        (torch.zeros(3, 2), r"needs raw outputs \(n, 1\), got shape \(3, 2\)"),
        (torch.zeros(3, 0), r"got shape \(3, 0\)"),
        (torch.zeros(3, 1, 1), r"got shape \(3, 1, 1\)"),
        (torch.zeros(3, 1).long(), "floating-point raw outputs, got int64"),
    ],
)
def test_raw_outputs(raw, words):
    with pytest.raises(DataError, match=words):
        check_raw(raw, "Loss", outputs=1)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (torch.tensor([0, 1]), r"needs class indices \(3,\).*got shape \(2,\)"),
        (torch.tensor([[0], [1], [2]]), r"squeeze\(1\) makes \(3, 1\) into \(3,\)"),
        (torch.tensor([0, 1, 2]).int(), "got int32"),
        (torch.tensor([0.0, 1, 2]), "got float32"),
        (torch.tensor([0, 1, 4]), "got 4 in row 2"),
        (torch.tensor([0, -1, 4]), "got -1 in row 1"),
    ],
)
def test_class_indices(target, words):
    with pytest.raises(TargetError, match=f"(?s){words}"):
        check_index(target, torch.zeros(3, 4), "Loss", classes=4)


def test_the_fix_says_how_to_convert():
    with pytest.raises(TargetError, match=r"target.long\(\)"):
        check_index(torch.ones(3).int(), torch.zeros(3, 4), "Loss", classes=4)
    with pytest.raises(TargetError, match=r"target.float\(\)"):
        check_target(torch.ones(3, 1).long(), torch.zeros(3, 1), "Loss")
    with pytest.raises(TargetError, match="leave out rows without a target"):
        check_domain(torch.tensor([[torch.nan]]), "Loss")


@pytest.mark.parametrize(
    ("bounds", "value", "words"),
    [
        ({"low": 0, "high": 1}, 2.0, r"in \[0, 1\], got 2"),
        ({"low": 0}, -1.0, ">= 0, got -1"),
        ({"high": 0.6}, 1.0, "<= 0.6, got 1"),
        ({}, float("inf"), "that are finite, got inf"),
        ({"low": 0, "unknown": True}, float("inf"), ">= 0, got inf"),
    ],
)
def test_domains(bounds, value, words):
    with pytest.raises(TargetError, match=f"{words} in row 1, column 0"):
        check_domain(torch.tensor([[0.5], [value]]), "Loss", **bounds)
    check_domain(torch.tensor([[0.0]]), "Loss", **bounds)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (torch.ones(3, 1), r"weights \(3,\), got shape \(3, 1\)"),
        (torch.tensor([1.0, -1.0, 0.0]), "got -1 in row 1"),
        (torch.tensor([1.0, torch.nan, 0.0]), "got nan in row 1"),
        (torch.zeros(3), "at least one row"),
    ],
)
def test_weights(weights, words):
    with pytest.raises(DataError, match=words):
        check_weights(weights, 3, "Loss")


def test_values_are_not_read_under_a_transform():
    seen = []

    def look(row):
        seen.append(values_readable(row))
        return BinaryCrossEntropy()(row.unsqueeze(0), row.unsqueeze(0) * 0 + 2)[0]

    with pytest.raises(TargetError):
        look(torch.zeros(1))
    torch.vmap(look)(torch.zeros(2, 1))  # out of range, but nobody may look
    assert seen == [True, False]


def test_values_are_not_read_on_another_device():
    raw, target = torch.zeros(2, 3, device="meta"), torch.zeros(2, device="meta")
    assert not values_readable(raw)
    assert SoftmaxCrossEntropy()(raw, target.long()).shape == (2,)
    with pytest.raises(TargetError, match="one device, got cpu and meta"):
        SoftmaxCrossEntropy()(torch.zeros(2, 3), target.long())
