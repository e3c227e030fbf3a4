"""What losses of a residual ``y - z`` share: any finite numbers, column for column."""

from torch import Tensor

from dovetail._shapes import check_domain, check_raw, check_target


def check_residual(raw: Tensor, target: Tensor, who: str) -> None:
    """Raise unless raw and target are (n, D) and the target is finite."""
    check_raw(raw, who)
    check_target(target, raw, who)
    check_domain(target, who)
