"""A checkpoint to the files of its folder and back."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from safetensors import SafetensorError
from torch import Tensor

from dovetail._folder import Content, Kind, read_folder, refused
from dovetail.train.checkpoint.json import from_json, to_json
from dovetail.train.checkpoint.tensors import complex_names, restored, snapshot

TENSORS, STATE = "tensors.safetensors", "state.json"
KIND = Kind(
    noun="checkpoint",
    folder="checkpoint folder",
    find="go on from an older checkpoint, or start again without --resume",
    mend="go on from an older checkpoint, or start again without --resume",
)


@final
@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Everything a run needs to go on: named tensors and a JSON document.

    Tensors may be of any type, shape and device; what is read back is on the CPU and
    shares no storage. Numbers of the document come back with the same bits, also those
    that are not finite. Names and keys keep their order.
    """

    tensors: Mapping[str, Tensor]
    document: Mapping[str, Any]


def packed(checkpoint: Checkpoint) -> dict[str, Content]:
    """A copy of ``checkpoint`` in host memory, as the files it will be.

    Raises:
        TypeError: a tensor or a value that cannot be stored.
        MemoryError: there is no room for the copy.
    """
    state = {
        "document": checkpoint.document,
        "tensors": list(checkpoint.tensors),
        "complex": complex_names(checkpoint.tensors),
    }
    return {STATE: to_json(state), TENSORS: snapshot(checkpoint.tensors)}


def read(path: Path) -> Checkpoint:
    """The checkpoint at ``path``; each file is checked before anything parses it.

    Raises:
        DataError, FolderError: it is damaged, and how.
    """
    files = read_folder(path, kind=KIND)
    try:
        state = from_json(files[STATE])
        tensors = restored(files[TENSORS], state["tensors"], state["complex"])
        return Checkpoint(tensors, state["document"])
    except (
        LookupError,
        RuntimeError,
        SafetensorError,
        TypeError,
        ValueError,
        struct.error,
    ) as error:
        why = f"is not that of a checkpoint ({error!r})"
        raise refused(path, "its content", why, KIND) from error
