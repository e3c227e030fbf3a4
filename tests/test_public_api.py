"""The public surface: sorted, complete, documented."""

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import dovetail

PUBLIC = {
    "Classifier",
    "Model",
    "Regressor",
    "__version__",
    "decisions",
    "diagnose",
    "doctor",
    "errors",
    "fit",
    "infer_task",
    "learning_curve",
    "load",
    "losses",
    "metrics",
    "optim",
    "plan",
    "tasks",
}


def packages() -> list[ModuleType]:
    found = pkgutil.iter_modules(dovetail.__path__, "dovetail.")
    return [importlib.import_module(m.name) for m in found if m.ispkg]


def test_top_level_names_are_the_promised_ones() -> None:
    assert set(dovetail.__all__) == PUBLIC
    assert dir(dovetail) == sorted(PUBLIC)


def test_every_top_level_name_loads_and_is_documented() -> None:
    for name in PUBLIC - {"__version__"}:
        assert inspect.getdoc(getattr(dovetail, name)), name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        dovetail.nothing_of_this_name  # noqa: B018


def test_every_package_lists_its_names_once_and_true() -> None:
    # That they are sorted is held by ruff (RUF022).
    for package in packages():
        names = package.__all__
        assert len(set(names)) == len(names), package.__name__
        for name in names:
            assert hasattr(package, name), f"{package.__name__}.{name}"


def test_every_exported_class_and_function_is_documented() -> None:
    for package in packages():
        for name in package.__all__:
            value = getattr(package, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                assert inspect.getdoc(value), f"{package.__name__}.{name}"
