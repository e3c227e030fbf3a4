"""What a fit was asked to do: everything that its result follows from, as JSON.

    versions    of dovetail and torch
    choices     every resolved option (``Config``)
    task        with loss, decision and what it learnt
    network     of the user's own module: its layers, which weights are frozen, and the
                weights if it has them now
    data        of each source the rows, and a hash of each column that is used

Two fits with equal commands are the same fit. Of a user's own functions (a loss, an
optimizer) only the names are known.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import torch
from torch import nn

from dovetail._version import __version__
from dovetail.artifact.format import plain
from dovetail.estimator import fingerprint, networks
from dovetail.estimator.given import Part
from dovetail.estimator.planning import Planned
from dovetail.train import cuda_devices

SHOWN = 3  # columns named in a message
LONGEST = 60  # letters of a value in a message

Command = dict[str, Any]


def command_of(planned: Planned) -> Command:
    """The command of a fit that was planned."""
    return {
        "versions": {"dovetail": __version__, "torch": str(torch.__version__)},
        "choices": plain(planned.config.model_dump(mode="json")),
        "task": plain(planned.task.to_json()),
        "network": _network(planned),
        "data": _data(planned),
    }


def own_network(planned: Planned) -> nn.Module | None:
    """The user's own module for this data; None where the network is ours."""
    model = planned.options.model
    if isinstance(model, str):
        return None
    part, schema = planned.given.main, planned.schema
    device = torch.device(planned.config.device)
    with torch.random.fork_rng(devices=cuda_devices(device)):
        torch.manual_seed(planned.config.seed)
        numbers = part.table.slice(0, 1)
        width = schema.transform(numbers, where=part.where).numbers.shape[1]
        return networks.own_module(model, width, schema.cardinalities, planned.task)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is not as it was, in words; nothing for equal commands.

    Versions are apart (``other_versions``): a model that is done stays done.

    >>> differences({"choices": {"lr": 0.01}}, {"choices": {"lr": 0.02}})
    ['lr: 0.01 before, 0.02 now']
    """
    told = list(_told(before.get("choices", {}), now.get("choices", {})))
    data = _data_differences(before.get("data", {}), now.get("data", {}))
    same_task = not told and not data  # else what a task learnt differs with them
    if same_task and before.get("task") != now.get("task"):
        told += _told(before.get("task", {}), now.get("task", {}))
    old, new = before.get("network") or {}, now.get("network") or {}
    for what in ("layers", "frozen", "weights"):
        if old.get(what) != new.get(what):
            frozen = "weights are frozen"
            told.append(
                f"your module: other {frozen if what == 'frozen' else what} now"
            )
            break
    return told + data


def other_versions(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Whose versions are not as they were, in words.

    >>> other_versions({"versions": {"torch": "2.12"}}, {"versions": {"torch": "2.13"}})
    ['torch: 2.12 before, 2.13 now']
    """
    return list(_told(before.get("versions", {}), now.get("versions", {})))


def _network(planned: Planned) -> dict[str, Any] | None:
    module = own_network(planned)
    if module is None:
        return None
    given = isinstance(planned.options.model, nn.Module)  # else made anew each time
    weights = fingerprint.of_module(module) if given else None
    parameters = module.named_parameters()
    frozen = [name for name, one in parameters if not one.requires_grad]
    return {"layers": repr(module), "frozen": frozen, "weights": weights}


def _data(planned: Planned) -> dict[str, Any]:
    given, schema = planned.given, planned.schema
    used = [*schema.columns, *given.aside, *([given.time] if given.time else [])]
    sources = {"the data": given.main, "valid": given.valid, "test": given.test}
    return {
        name: {
            "rows": len(part),
            "columns": {
                column: fingerprint.of_column(cells)
                for column, cells in _columns(part, used)
            },
        }
        for name, part in sources.items()
        if part is not None
    }


def _columns(part: Part, used: list[str]) -> Iterator[tuple[str, pa.ChunkedArray]]:
    for name in dict.fromkeys(used):
        if name in part.target.column_names:
            yield name, part.target.column(name)
        elif name in part.table.column_names:
            yield name, part.table.column(name)


def _told(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Each value that differs, by the name of its option."""
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
            yield f"{name}: {_word(old)} before, {_word(new)} now"
        elif old.get("name") != new.get("name"):  # an optimizer, a loss
            first, second = _word(old.get("name")), _word(new.get("name"))
            yield f"{name}: {first} before, {second} now"
            if old.get("lr") != new.get("lr"):
                yield f"lr: {_word(old.get('lr'))} before, {_word(new.get('lr'))} now"
        elif name == "optimizer":
            yield from _told(old, new)
        else:
            yield from (f"{name}, {one}" for one in _told(old, new))


def _data_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    told = []
    for source in dict.fromkeys([*before, *now]):
        old, new = before.get(source), now.get(source)
        if old == new and list((old or {})["columns"]) == list((new or {})["columns"]):
            continue
        if old is None or new is None:
            told.append(f"{source}: {_given(old)} before, {_given(new)} now")
        elif old["rows"] != new["rows"]:
            told.append(f"{source}: {old['rows']:,} rows before, {new['rows']:,} now")
        else:
            told.append(f"{source}: {_changed(old['columns'], new['columns'])}")
    return told


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    names = [n for n in dict.fromkeys([*before, *now]) if before.get(n) != now.get(n)]
    shown = ", ".join(names[:SHOWN])
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    if before.keys() != now.keys():
        return f"other columns are used now: {shown}{more}"
    if not names:
        return "the columns stand in another order now"
    return f"other values now in {shown}{more}"


def _given(source: object) -> str:
    return "not given" if source is None else "given"


def _word(value: object) -> str:
    if isinstance(value, list):
        text = ", ".join(map(_word, value)) or "none"
    elif isinstance(value, bool):
        text = "yes" if value else "no"
    else:
        text = "none" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
