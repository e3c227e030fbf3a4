"""A model folder: flat files, a manifest of their hashes, one rename into place.

    write_folder   files in memory -> folder      complete or not there at all
    read_folder    folder -> files in memory      every byte as it was written
    check_free     is this name free to write to? asked before hours of training

``manifest.json`` holds the format version and the SHA-256 and size of every file but
itself and ``run.json`` (times, host, versions: they differ between equal models). Its
own bytes are a function of its content, so that a change to it shows too.

The hashes find damage and half-made copies. They are no signature: whoever can write
the folder can write the manifest.
"""

from dovetail._folder.manifest import FORMAT_VERSION
from dovetail._folder.read import read_folder
from dovetail._folder.write import check_free, write_folder

__all__ = ["FORMAT_VERSION", "check_free", "read_folder", "write_folder"]
