"""What the interpreter knows of a value: never a number of a tensor, only its origin.

A tensor is described by the LAST operation that fixes the space of its numbers
(softmax, sigmoid, relu, linear ...). What cannot be followed is ``Unknown``.
"""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, final

from dovetail.doctor._source import Source


class Value:
    """Base of all."""

    __slots__ = ()


@final
@dataclass(frozen=True)
class Unknown(Value):
    """Anything; ``name`` is what the program calls it, where it came in."""

    name: str = ""
    data: bool = False  # an element of what a loop runs over, as rows of a loader


UNKNOWN: Final = Unknown()


@final
@dataclass(frozen=True)
class Const(Value):
    """A number, string, bool, None or a tuple of them, known before it runs."""

    value: Any


NONE: Final = Const(None)


@final
@dataclass(frozen=True)
class Tensor(Value):
    """A tensor; "" as ``op`` is one whose space of numbers is not known.

    op      softmax log_softmax sigmoid logsigmoid relu tanh ... linear (raw scores of a
            layer) log exp clamp onehot multihot argmax mask loss data
    width   size of the axis of scores, which is ``axis`` (-1, or 1 after a convolution)
    traits  guarded (a small number added, or clamped), detached, indexed, model (it
            came out of a network), normal (of both signs), unit (in [0, 1]), labels
    """

    op: str = ""
    node: ast.AST | None = field(default=None, repr=False)  # where op is applied
    source: Source | None = field(default=None, repr=False)
    of: "Value | None" = None  # what op was applied to
    dim: int | None = None  # of softmax; None if not said or not known
    width: int | None = None
    axis: int = -1
    rank: int | None = None
    dtype: str = ""  # float, int, bool
    traits: frozenset[str] = frozenset()
    name: str = ""

    def having(self, *traits: str) -> "Tensor":
        """The same with traits added."""
        return replace(self, traits=self.traits | frozenset(traits))


@final
@dataclass(frozen=True)
class Lib(Value):
    """A thing of a library, by its full name."""

    name: str


@final
@dataclass(frozen=True)
class ModuleRef(Value):
    """A file of the project, imported."""

    source: Source


@final
@dataclass(eq=False)
class Scope:
    """Names of a function or a file; ``parent`` is where else to look."""

    source: Source
    names: dict[str, Value] = field(default_factory=dict)
    parent: "Scope | None" = None
    is_module: bool = False

    def find(self, name: str) -> Value | None:
        """The value of a name here or further out, or None."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def globals(self) -> "Scope":
        """The scope of the file."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@final
@dataclass(frozen=True)
class Func(Value):
    """A function of the project; ``owner`` if it stands in a class."""

    node: Function
    scope: Scope
    owner: "ClassInfo | None" = None
    defaults: tuple[tuple[str, Value], ...] = ()


@final
@dataclass(frozen=True)
class Bound(Value):
    """A method with the object it is called on."""

    func: Func
    self: Value


@final
@dataclass(frozen=True)
class LibMethod(Value):
    """A method of a value that the project does not define."""

    self: Value
    name: str


@final
@dataclass(eq=False)
class ClassInfo(Value):
    """A class of the project with its bases, in the order of look-up."""

    node: ast.ClassDef
    scope: Scope
    bases: list[Value] = field(default_factory=list)
    attrs: dict[str, Value] = field(default_factory=dict)
    line: "list[ClassInfo] | None" = None

    def mro(self) -> list["ClassInfo"]:
        """The class and its bases inside the project, nearest first."""
        if self.line is None:
            found: list[ClassInfo] = [self]
            for base in self.bases:
                if isinstance(base, ClassInfo):
                    found += [c for c in base.mro() if c not in found]
            self.line = found[:32]
        return self.line

    def library_bases(self) -> list[str]:
        """Full names of the bases that a library defines."""
        return [b.name for c in self.mro() for b in c.bases if isinstance(b, Lib)]

    def find(self, name: str) -> Value | None:
        """A method or attribute of the class or a base."""
        for info in self.mro():
            if name in info.attrs:
                return info.attrs[name]
        return None

    def is_a(self, *endings: str) -> bool:
        """Has it a library base whose name is, or ends in, one of these?"""
        return any(
            base == end or base.endswith(f".{end}")
            for base in self.library_bases()
            for end in endings
        )

    def is_module(self) -> bool:
        """Is it an nn.Module?"""
        return any(
            base.startswith("torch.nn.") for base in self.library_bases()
        ) or self.is_a("LightningModule")


@final
@dataclass(eq=False)
class Instance(Value):
    """An object of a class of the project."""

    info: ClassInfo
    node: ast.AST | None
    source: Source | None
    attrs: dict[str, Value] = field(default_factory=dict)
    version: int = 0  # grows when an attribute changes
    layer: Value | None = None  # what super().__init__ of a library base made


@final
@dataclass(eq=False)
class Layer(Value):
    """An object made by calling a class of a library: a layer, a loss, a model."""

    name: str
    args: tuple[Value, ...]
    kwargs: dict[str, Value]
    node: ast.AST
    source: Source
    attrs: dict[str, Value] = field(default_factory=dict)
    version: int = 0

    def argument(self, position: int, name: str) -> Value | None:
        """An argument it was made with, or None."""
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[position] if 0 <= position < len(self.args) else None

    def number(self, position: int, name: str) -> int | None:
        """An argument that is a known whole number, or None."""
        return number(self.argument(position, name))


@final
@dataclass(eq=False)
class Items(Value):
    """A list, tuple or set, or an nn.Sequential or ModuleList; None if not known.

    ``repeated``: each item may stand for any number of them.
    """

    kind: str  # list tuple sequential modulelist
    items: tuple[Value, ...] | None
    node: ast.AST | None = None
    source: Source | None = field(default=None, repr=False)
    repeated: bool = False
    keys: tuple[str, ...] = ()  # names of the items of a Sequential
    version: int = 0
    attrs: dict[str, Value] = field(default_factory=dict)


@final
@dataclass(eq=False)
class Mapping(Value):
    """A dict, ModuleDict or namespace; ``rest`` is what other keys hold."""

    kind: str
    items: dict[Any, Value]
    rest: Value | None = None
    version: int = 0
    attrs: dict[str, Value] = field(default_factory=dict)
    asked: Any = None  # the first written key that got ``rest``


@final
@dataclass(frozen=True)
class Partial(Value):
    """functools.partial."""

    func: Value
    args: tuple[Value, ...]
    kwargs: tuple[tuple[str, Value], ...]


@final
@dataclass(frozen=True)
class Union(Value):
    """One of several, by a branch that is not decided.

    ``choice``: each is a thing of its own that a user can choose, such as a model by
    its name; otherwise they may hang together with other branches.
    """

    options: tuple[Value, ...]
    choice: bool = False


MOST = 8  # options of a union


def join(*values: Value) -> Value:
    """One of these values."""
    options: list[Value] = []
    choice = False
    for value in values:
        if isinstance(value, Union):
            choice |= value.choice
            parts: Iterable[Value] = value.options
        else:
            parts = (value,)
        for part in parts:
            if part not in options:
                options.append(part)
    if len(options) == 1:
        return options[0]
    if len(options) > MOST:
        return UNKNOWN
    models = [o for o in options if isinstance(o, Instance) and o.info.is_module()]
    # A network made here, or one loaded from a file: also one of two.
    loaded = bool(models) and any(isinstance(o, Unknown | LibMethod) for o in options)
    return Union(tuple(options), choice or len(models) > 1 or loaded)


def options_of(value: Value) -> tuple[Value, ...]:
    """The values it may be."""
    return value.options if isinstance(value, Union) else (value,)


def each(
    value: Value, result: Callable[[Value], Value], *, but_none: bool = False
) -> Value:
    """What a function gives for the values it may be; a choice stays a choice.

    ``but_none``: not for None, on which nothing could be called.
    """
    options = [o for o in options_of(value) if not (but_none and o == NONE)]
    joined = join(*map(result, options)) if options else UNKNOWN
    if isinstance(value, Union) and value.choice and isinstance(joined, Union):
        return replace(joined, choice=True)
    return joined


def number(value: Value | None) -> int | None:
    """A known whole number, or None."""
    if isinstance(value, Const) and type(value.value) is int:
        return value.value
    return None


def truth(value: Value) -> bool | None:
    """True or False where a test is decided."""
    match value:
        case Const():
            return bool(value.value)
        case Items(items=tuple() as items, repeated=False):
            return bool(items)
        case Instance() | Layer() | Func() | ClassInfo() | Lib() | Bound():
            return True
    return None


def is_heap(value: Value) -> bool:
    """Does it keep its identity when it changes?"""
    return isinstance(value, Instance | Layer | Items | Mapping)


FEW = 8  # items of a list that are compared one by one


def key(value: Value, depth: int = 3) -> Any:
    """What two values must share for a function to give the same for both."""
    match value:
        case Items(kind="list" | "tuple", items=tuple() as items) if (
            len(items) <= FEW and depth and not value.attrs
        ):
            inner = tuple(key(i, depth - 1) for i in items)
            return (value.kind, value.repeated, inner)
        case Mapping(items=entries) if len(entries) <= FEW and depth:
            pairs = tuple((n, key(v, depth - 1)) for n, v in entries.items())
            rest = None if value.rest is None else key(value.rest, depth - 1)
            return (value.kind, pairs, rest, len(value.attrs), value.version)
        case Instance() | Layer() | Items() | Mapping():
            return (id(value), value.version)
        case ClassInfo():
            return id(value)
        case Const():
            return (type(value.value).__name__, repr(value.value))
        case Union():
            return ("union", *(key(o, depth) for o in value.options))
        case Tensor():
            return (
                "t",
                value.op,
                id(value.node),
                value.dim,
                value.width,
                value.axis,
                value.rank,
                value.dtype,
                value.traits,
                value.name,
                key(value.of, depth) if value.of is not None else None,
            )
        case Bound():
            return (id(value.func.node), key(value.self, depth))
        case Func():
            return (id(value.node), id(value.scope))
        case Partial():
            return (
                key(value.func, depth),
                *(key(a, depth) for a in value.args),
                *((n, key(v, depth)) for n, v in value.kwargs),
            )
    return value
