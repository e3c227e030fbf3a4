"""What a test is about, as it is written, and how the blocks below it end."""

import ast
import re
from collections.abc import Sequence
from typing import Final

# What a test compares with where it does not choose between kinds of tasks.
_PHASES: Final = {
    "train",
    "training",
    "val",
    "valid",
    "test",
    "eval",
    "cuda",
    "cpu",
    "y",
}
_TASK: Final = re.compile(
    r"task|regress|classif|loss|criterion|metric|n_class|num_class"
)


def about_training(test: ast.expr) -> bool:
    """``if self.training``."""
    return any(
        isinstance(n, ast.Attribute) and n.attr == "training" for n in ast.walk(test)
    )


def chooses_a_task(test: ast.expr) -> bool:
    """``if metric == "brier"``, ``if self.is_regression``: types may hang on it."""
    for node in ast.walk(test):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.lower() not in _PHASES:
                return True
        name = node.attr if isinstance(node, ast.Attribute) else ""
        if isinstance(node, ast.Name):
            name = node.id
        if name and _TASK.search(name.lower()):
            return True
    return False


def has_return(body: Sequence[ast.stmt]) -> bool:
    """Does a block return in a statement of its own?"""
    return any(isinstance(s, ast.Return) for s in body)


def gives_up(body: Sequence[ast.stmt]) -> bool:
    """Does a block raise in a statement of its own?"""
    return any(isinstance(s, ast.Raise) for s in body)
