"""The number of threads, inside a block and by rule."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dovetail.train import threads
from dovetail.train.choices import Size, threads_for

CPU = torch.device("cpu")


@given(st.floats(0, 1e12), st.integers(1, 64))
def test_at_least_one_and_at_most_what_torch_may_use(count: float, most: int) -> None:
    size = Size(
        products=count, covers=9, layers=3, steps=10, classifies=True, device=CPU
    )
    with threads(most):
        assert 1 <= threads_for(size) <= most


def test_more_work_never_takes_fewer_threads() -> None:
    with threads(8):
        found = [threads_for(Size(10.0**k, 9, 3, 10, True, CPU)) for k in range(3, 11)]
    assert found == sorted(found)
    assert found[0] == 1
    assert found[-1] == 8


def test_the_number_before_comes_back() -> None:
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
    with threads(None):
        assert torch.get_num_threads() == before


def test_the_number_before_comes_back_after_an_error() -> None:
    before = torch.get_num_threads()
    with pytest.raises(KeyError), threads(before + 1):
        raise KeyError
    assert torch.get_num_threads() == before
