import os

import torch
from hypothesis import given
from hypothesis import strategies as st

from dovetail.train import threads, threads_for


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_at_least_one_and_at_most_half_the_cores(weights: int, rows: int) -> None:
    count = threads_for(weights, rows)
    assert 1 <= count <= max(1, (os.cpu_count() or 1) // 2)


def test_the_number_before_comes_back() -> None:
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
    with threads(None):
        assert torch.get_num_threads() == before
