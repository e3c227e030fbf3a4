"""Seeds, one thread, shapes checked while tests run, and the shared data sets."""

import os
import random
import signal
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from beartype import BeartypeConf, beartype
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

# A shell lets what it starts in the background ignore Ctrl-C, which tests send; the
# processes they start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

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
    """beartype, except for constructors and for methods that name ``Self``.

    Constructors refuse wrong values themselves, in words for users; ``Self`` means
    nothing to a checker that is given one method at a time.
    """
    constructs = getattr(function, "__name__", "") == "__init__"
    hints = getattr(function, "__annotations__", {}).values()
    names_self = any("Self" in str(hint) for hint in hints)
    return function if constructs or names_self else _typed(function)


_checker = types.ModuleType("_dovetail_typechecker")
vars(_checker)["check"] = _check
sys.modules[_checker.__name__] = _checker
install_import_hook(list(CHECKED), "_dovetail_typechecker.check")

torch.set_num_threads(1)

# Nothing is left in the home of who runs the tests; those of the cache name a folder.
os.environ["DOVETAIL_CACHE"] = "off"

# A busy machine is no fault of a test: how long drawing takes is not looked at. Each
# run draws the same cases, so that a change is never stopped by what it did not touch;
# DOVETAIL_EXPLORE=1 draws new ones, as make fuzz does.
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize="DOVETAIL_EXPLORE" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")


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
