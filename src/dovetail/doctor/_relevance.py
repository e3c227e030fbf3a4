"""Which functions can lead to a loss, a decision or a step: the others are not entered.

By words alone, so that a large project is read in seconds: a function counts if its
text says so, or if it names one that does.
"""

import ast
import re
from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from dovetail.doctor._project import Project
    from dovetail.doctor._source import Source

_FILE: Final = re.compile(r"torch|lightning|fastai|skorch|timm|loss|criterion", re.I)
_WORDS: Final = re.compile(
    r"loss|crit|entropy|nll|bce|objective|backward|softmax|sigmoid|argmax|round\(|\.log\("
    r"|\.max\(|logits|> ?0?\.|NeuralNet|Learner\("
    # What loops and optimizers are judged by, and layers made in forward().
    r"|\.step\(|zero_grad|optim|\.eval\(|\.train\(|no_grad"
    r"|linear\(|conv[123]d\(|embedding\(",
    re.I,
)
_CALLED: Final = re.compile(r"(\w+)\s*\(")
ROUNDS: Final = 3


@final
class Relevance:
    """Answers ``of(function)``."""

    def __init__(self, project: "Project") -> None:
        self.known: dict[ast.AST, bool] = {}
        names: dict[ast.AST, set[str]] = {}
        called_so: dict[str, list[ast.AST]] = {}
        for source in project.sources:
            if _FILE.search(source.text) is None:
                continue
            for node, owner in _functions(source.tree):
                text = _text(source, node)
                self.known[node] = _WORDS.search(text) is not None
                if not self.known[node]:
                    names[node] = set(_CALLED.findall(text))
                called_so.setdefault(node.name, []).append(node)
                if owner:
                    called_so.setdefault(owner, []).append(node)
        for _ in range(ROUNDS):
            told = {
                n for n, nodes in called_so.items() if any(map(self.known.get, nodes))
            }
            for function, used in names.items():
                if not self.known[function] and not told.isdisjoint(used):
                    self.known[function] = True

    def of(self, node: ast.AST) -> bool:
        """Can entering this function show anything?"""
        return self.known.get(node, False)


def _functions(
    tree: ast.Module,
) -> list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """Functions and methods, each with the name of its class."""
    found: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]] = []
    todo: list[tuple[ast.AST, str]] = [(tree, "")]
    while todo:
        node, owner = todo.pop()
        for child in getattr(node, "body", ()), getattr(node, "orelse", ()):
            for statement in child if isinstance(child, list) else ():
                if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                    found.append((statement, owner))
                elif isinstance(statement, ast.ClassDef):
                    todo.append((statement, statement.name))
                elif isinstance(statement, ast.If | ast.Try | ast.With):
                    todo.append((statement, owner))
    return found


def _text(source: "Source", node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return "\n".join(source.lines[node.lineno - 1 : node.end_lineno])
