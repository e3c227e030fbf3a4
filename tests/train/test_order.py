import torch
from hypothesis import given
from hypothesis import strategies as st

from dovetail.train.order import noise_seed, row_order

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 1000), st.integers(1, 50))
def test_every_row_once_and_the_same_each_time(seed: int, epoch: int, n: int) -> None:
    order = row_order(seed, epoch, n)
    assert order.sort().values.tolist() == list(range(n))
    assert torch.equal(order, row_order(seed, epoch, n))


def test_seed_and_epoch_both_matter() -> None:
    orders = {tuple(row_order(s, e, 20).tolist()) for s in (0, 1) for e in (1, 2)}
    assert len(orders) == 4
    assert len({noise_seed(s, e) for s in (0, 1) for e in (1, 2)}) == 4


def test_global_random_state_is_neither_read_nor_moved() -> None:
    torch.manual_seed(1)
    first = row_order(0, 1, 9)
    after = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), after)
    torch.manual_seed(2)
    assert torch.equal(row_order(0, 1, 9), first)
