"""How a piece of code is written, quickly."""

import ast

from dovetail.doctor._source import Source


def written(node: ast.AST) -> str:
    """The text of an expression in one spelling; names and attributes at once.

    >>> written(ast.parse("self.net . head", mode="eval").body)
    'self.net.head'
    """
    names: list[str] = []
    at = node
    while isinstance(at, ast.Attribute):
        names.append(at.attr)
        at = at.value
    if isinstance(at, ast.Name):
        names.append(at.id)
        return ".".join(reversed(names))
    return ast.unparse(node)


def lines_of(source: Source, node: ast.AST) -> str:
    """The lines on which a class or function stands, as they are; a file's are all."""
    if isinstance(node, ast.Module):
        return source.text
    first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
    return "\n".join(source.lines[first - 1 : last])
