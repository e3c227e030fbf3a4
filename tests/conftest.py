"""Seeds, one thread, shapes checked while tests run, and the shared data sets."""

import random
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook

# The shapes in signatures are checked in these packages while tests run. Ints pass
# where floats are wanted, as they do for type checkers (PEP 484).
CHECKED = (
    "dovetail.links",
    "dovetail.losses",
    "dovetail.tasks",
    "dovetail.metrics",
    "dovetail.decisions",
)
_typed = beartype(conf=BeartypeConf(is_pep484_tower=True))


def _check(function: Any) -> Any:
    """beartype, but not for methods that name ``Self``, which it knows of classes only,

    nor for constructors: they refuse wrong values themselves, in the user's words.
    """
    hints = getattr(function, "__annotations__", {}).values()
    names_self = any("Self" in str(hint) for hint in hints)
    return function if names_self or _constructs(function) else _typed(function)


def _constructs(function: Any) -> bool:
    return getattr(function, "__name__", "") == "__init__"


_checker = types.ModuleType("_dovetail_typechecker")
vars(_checker)["check"] = _check
sys.modules[_checker.__name__] = _checker
install_import_hook(list(CHECKED), "_dovetail_typechecker.check")

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _seeds() -> None:
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _float32() -> Iterator[None]:
    """No test leaves another default dtype behind."""
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data sets, kept beside the checkout."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the shared data sets are not there: {folder}")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if torch.cuda.is_available():
        return
    absent = pytest.mark.skip(reason="no CUDA device")
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(absent)
