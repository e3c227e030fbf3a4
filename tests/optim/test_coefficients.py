"""The numbers of a step: pure functions of the step, the rate and the settings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dovetail import optim
from dovetail.errors import UsageError
from tests.optim._members import EVERY, FAMILY, STACKS


def test_structure_is_what_changes_the_operations():
    groups = {}
    for name, specs in STACKS.items():
        (structure,) = {s.structure for s in specs}  # the settings are numbers
        groups.setdefault(structure, []).append(name)
    # Nesterov without momentum is plain descent
    assert [names for names in groups.values() if len(names) > 1] == [
        ["SGD momentum=0.0 nesterov=False", "SGD momentum=0.0 nesterov=True"]
    ]


STEPS = st.lists(st.integers(1, 10**9), min_size=1, max_size=40)


@given(st.sampled_from(sorted(EVERY)), STEPS, st.booleans())
def test_coefficients_depend_on_their_own_step_alone(name, steps, decayed):
    spec = EVERY[name]
    steps = np.array(steps)
    rate = np.linspace(0.0, 0.1, len(steps))
    rows = spec.coefficients(steps, rate, decayed=decayed)
    assert rows.shape == (len(steps), len(spec.columns))
    assert rows.dtype == np.float64
    for i in range(len(steps)):
        one = spec.coefficients(steps[i : i + 1], rate[i : i + 1], decayed=decayed)
        assert np.array_equal(rows[i : i + 1], one)


@given(
    st.sampled_from(FAMILY),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 1, exclude_max=True),
    st.one_of(st.integers(1, 300), st.integers(10**6, 10**12)),
)
def test_coefficients_stay_finite_far_along(kind, beta1, beta2, step):
    spec = kind(betas=(beta1, beta2)) if hasattr(kind, "betas") else kind()
    row = spec.coefficients(np.array([step]), np.array([0.1]), decayed=True)
    assert np.isfinite(row).all()


@pytest.mark.parametrize(
    ("steps", "rate"), [([1, 2], [0.1]), ([0], [0.1]), ([[1]], [[0.1]])]
)
def test_steps_and_rates_that_do_not_fit(steps, rate):
    with pytest.raises(UsageError, match="coefficients for steps"):
        optim.SGD().coefficients(np.array(steps), np.array(rate), decayed=True)
