"""What objects hold, as branches compare, undo and join it.

A slot is an attribute of an object, or "items": the contents of a list or dict.
"""

from typing import Any, Final

from dovetail.doctor._values import (
    Instance,
    Items,
    Layer,
    Lib,
    Mapping,
    Unknown,
    Value,
    join,
)

MISSING: Final = Unknown("<missing>")


def read_slot(holder: Value, name: str) -> Any:
    """An attribute, or the items of a list or dict."""
    if isinstance(holder, Items) and name == "items":
        return holder.items
    if isinstance(holder, Mapping) and name == "items":
        return holder.items
    if isinstance(holder, Instance | Layer | Items | Mapping):
        return holder.attrs.get(name, MISSING)
    return MISSING


def write_slot(holder: Value, name: str, value: Any) -> None:
    """Set an attribute, or the items of a list or dict."""
    if isinstance(holder, Items | Mapping) and name == "items":
        holder.items = value
    elif isinstance(holder, Instance | Layer | Items | Mapping):
        if value is MISSING:
            holder.attrs.pop(name, None)
        else:
            holder.attrs[name] = value
    if isinstance(holder, Instance | Layer | Items | Mapping):
        holder.version += 1


def joined(ends: list[Any]) -> Any:
    """One of several contents; a list that is longer in one branch has maybe-items."""
    first = ends[0]
    if all(end is first or end == first for end in ends):
        return first
    if all(isinstance(end, tuple) for end in ends):
        return _joined_items(ends)
    if all(isinstance(end, dict) for end in ends):
        keys = dict.fromkeys(k for end in ends for k in end)
        return {k: join(*(end[k] for end in ends if k in end)) for k in keys}
    if any(end is None or isinstance(end, tuple | dict) for end in ends):
        return None  # a list of which nothing is known any more
    return join(*ends)


def _joined_items(ends: list[tuple[Value, ...]]) -> tuple[Value, ...] | None:
    identity = Lib("torch.nn.Identity")
    longest = max(ends, key=len)
    if len(ends) > 4:
        return None
    items = []
    for at, _ in enumerate(longest):
        values = [end[at] if at < len(end) else identity for end in ends]
        items.append(join(*values))
    return tuple(items)
