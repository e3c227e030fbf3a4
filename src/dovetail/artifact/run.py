"""What differs between two equal fits: when, where and with which versions."""

import platform
import socket
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from dovetail._version import __version__

_PACKAGES = ("torch", "numpy", "pyarrow", "scikit-learn", "safetensors")


def run_record(started: datetime, seconds: float, **more: Any) -> dict[str, Any]:
    """The content of ``run.json``.

    ``started`` carries its time zone; ``more`` adds figures such as rows per second.
    """
    return {
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        **more,
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "processor": platform.machine(),
        "versions": {
            "dovetail": __version__,
            "python": platform.python_version(),
            **{name: _version_of(name) for name in _PACKAGES},
        },
    }


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:  # installed without metadata, as some builds are
        return None
