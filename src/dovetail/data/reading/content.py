"""A file's content as a digest, and whether bytes are still those that were written.

    digest_of     path or bytes    SHA-256 over the SHA-256 of each block
    sums_of       bytes            a check against damage, not against malice

Equal digests mean equal content. The blocks are hashed in threads, for the digest has
to cost less than what it spares; time and size of a file would be cheaper still, but
a file can change without either.
"""

import hashlib
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

BLOCK = 1 << 23  # part of the definition: other blocks give other digests
_PIECE = 1 << 18  # bytes read at a time; they are hashed before they leave the cache
_PAGE = 1 << 16


def digest_of(content: Path | bytes) -> str:
    """Digest of a file, or of bytes; the same for both.

    >>> digest_of(b"a,b")[:16]
    '9748b1386b57503f'
    """
    if isinstance(content, bytes):
        view = memoryview(content)
        size = len(view)

        def block(start: int) -> bytes:
            return hashlib.sha256(view[start : start + BLOCK]).digest()

        return _joined(size, block)
    size = content.stat().st_size
    room = threading.local()

    def block_of_file(start: int) -> bytes:
        if not hasattr(room, "piece"):
            room.piece = bytearray(_PIECE)
        return _hash_block(content, start, min(BLOCK, size - start), room.piece)

    return _joined(size, block_of_file)


def _joined(size: int, block: Any) -> str:
    whole = hashlib.sha256(f"{size} {BLOCK} ".encode())
    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        parts: Iterable[bytes] = pool.map(block, range(0, size, BLOCK))
        for part in parts:
            whole.update(part)
    return whole.hexdigest()


def _hash_block(path: Path, start: int, size: int, piece: bytearray) -> bytes:
    """Digest of a block of a file; OSError where it ends too early."""
    found = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        file.seek(start)
        while size:
            view = memoryview(piece)[: min(_PIECE, size)]
            got = file.readinto(view)
            if not got:
                raise OSError("the file became shorter while it was read")
            found.update(view[:got])
            size -= got
    return found.digest()


def sums_of(content: Any) -> str:
    """Sums of the 64-bit words of ``content``, as a digest.

    Whatever single word is changed, or page lost, changes it; memory is read once, as
    fast as it can be.
    """
    codes = np.frombuffer(content, np.uint8)
    whole = hashlib.sha256(str(len(codes)).encode())
    step = 16 * _PAGE
    even = len(codes) // step * step
    groups = codes[:even].view(np.uint64).reshape(-1, 16, _PAGE // 8)

    def sums(start: int) -> Any:
        return groups[start : start + 8].sum(axis=1, dtype=np.uint64)

    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        for part in pool.map(sums, range(0, len(groups), 8)):
            whole.update(part)
    whole.update(codes[even:].data)
    return whole.hexdigest()
