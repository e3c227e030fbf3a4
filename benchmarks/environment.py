"""What a result depends on beside the code: the day, the machine, the versions."""

import os
import platform
import subprocess
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "dovetail-ml", "torch", "numpy", "scikit-learn", "pyarrow", "skorch", "fastai",
    "lightning", "transformers", "accelerate", "keras", "jax",
)  # fmt: skip
# What a processor has for half precision decides what bfloat16 gains.
FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_tile", "amx_bf16")


def environment() -> dict[str, Any]:
    """Date, hardware and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "measured": date.today().isoformat(),
        "machine": platform.machine(),
        **processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "python": platform.python_version(),
        "versions": {p: v for p in PACKAGES if (v := installed(p))},
    }


def processor() -> dict[str, Any]:
    """Name and instructions, where the system tells."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return {}
    lines = (line.partition(":") for line in info.read_text().splitlines())
    facts = {key.strip(): value.strip() for key, _, value in lines}
    flags = facts.get("flags", "").split()
    return {
        "processor": facts.get("model name", ""),
        "instructions": [flag for flag in FLAGS if flag in flags],
    }


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def code() -> str:
    """The commit that was measured, "-dirty" where files differ from it."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return asked.stdout.strip() or "unknown"
