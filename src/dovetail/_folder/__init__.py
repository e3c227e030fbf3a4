"""A folder of ours: flat files, a manifest of their hashes, one rename into place.

    write_folder   files in memory -> folder      complete or not there at all
    read_folder    folder -> files in memory      every byte as it was written
    check_free     is this name free to write to? asked before hours of training

``Kind`` says what it holds: a model, or the state of a run. ``manifest.json`` holds the
format version and the SHA-256 and size of every file but itself and those the kind
excepts (a model's ``run.json``: times, host, versions differ between equal models). Its
own bytes are a function of its content, so that a change to it shows too.

The hashes find damage and half-made copies. They are no signature: whoever can write
the folder can write the manifest.
"""

from dovetail._folder.disk import (
    checkpoints_beside,
    delete,
    delete_leftovers,
    delete_leftovers_of,
    flush_directory,
    set_aside,
)
from dovetail._folder.manifest import FORMAT_VERSION, MODEL, Content, Kind, why
from dovetail._folder.read import read_folder, refused
from dovetail._folder.write import check_free, write_folder

__all__ = [
    "FORMAT_VERSION",
    "MODEL",
    "Content",
    "Kind",
    "check_free",
    "checkpoints_beside",
    "delete",
    "delete_leftovers",
    "delete_leftovers_of",
    "flush_directory",
    "read_folder",
    "refused",
    "set_aside",
    "why",
    "write_folder",
]
