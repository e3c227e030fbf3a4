"""How a run computes: chosen by fixed rules on shapes and hardware, or forced.

Everything here changes the last bits of a result, so nothing here is timed while a run
goes: the constants were measured once, on the machine of docs/benchmarks.md; the answer
stands in the checkpoint, and a run that goes on uses it again.
"""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, final

import torch
from torch import Tensor, nn

from dovetail.errors import ConfigError
from dovetail.train.probe import probe
from dovetail.train.rows import Rows

PRECISIONS = ("float32", "tf32", "bfloat16")

# Products (multiply and add) in a forward pass of one step that a further thread pays
# for, and those above which several steps in one program save nothing.
PER_THREAD = 8e6
SMALL = 5e5
LARGE = 6e7  # below, casting to bfloat16 and back takes what its products save
SMALL_ON_GPU = 1e9  # a launch takes longer than the arithmetic; not measured yet
BLOCKS = range(12, 5, -1)  # steps in one program for small networks

# Seconds on a processor with 512-bit registers, one thread.
PER_PRODUCT_S = 6 / 80e9  # forward and both backward products
PER_STEP_S, PER_LAYER_S = 250e-6, 60e-6  # Python and autograd, saved by a program
COMPILE_S, COMPILE_LAYER_S = 12.0, 0.8  # a layer in each step of the program
CAPTURE_S = 3.0  # recording and warming up on a GPU; not measured yet
WORTH = 5  # times what compiling costs must be left of a time limit


@final
@dataclass(frozen=True, kw_only=True)
class Choices:
    """``compiled`` is the number of steps in a program, 0 for eager steps."""

    precision: str
    compiled: int
    threads: int
    micro_batch: int | None = None

    def to_json(self) -> dict[str, Any]:
        """A plain document."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(**document)


@dataclass(frozen=True)
class Size:
    """What the rules look at."""

    products: float  # of a step's forward pass, all members
    covers: int  # steps of an epoch that a program could make
    layers: int
    steps: int  # that are likely to be made
    classifies: bool
    device: torch.device


def check_precision(precision: str, device: torch.device) -> None:
    """Refuse a precision of products that nobody knows or ``device`` does not have.

    Raises:
        ConfigError: it says what to choose instead.
    """
    if precision not in ("auto", *PRECISIONS):
        raise ConfigError(
            f"precision is {precision!r}.",
            fix=f"choose auto, {', '.join(PRECISIONS[:-1])} or {PRECISIONS[-1]}",
        )
    if precision == "tf32" and device.type != "cuda":
        raise ConfigError(
            f"precision is tf32, which {device.type} does not have.",
            fix="choose auto, float32 or bfloat16, or a GPU with --device cuda",
        )


def choose(
    size: Size,
    *,
    precision: str = "auto",
    compiled: bool | None = None,
    threads: int | None = None,
    micro_batch: int | None = None,
    can_compile: bool = True,
    left_s: float = math.inf,
) -> Choices:
    """The choices for a run; what is given is taken as it is.

    ``left_s`` is what a time limit leaves it when it begins.
    """
    check_precision(precision, size.device)
    count = threads_for(size) if threads is None else threads
    if precision == "auto":
        precision = precision_for(size)
    if compiled is None:
        compiled = pays(size, count) and left_s >= WORTH * cost_s(size)
    return Choices(
        precision=precision,
        compiled=program_steps(size) if compiled and can_compile else 0,
        threads=count,
        micro_batch=micro_batch,
    )


def program_steps(size: Size) -> int:
    """One step in a program; for small networks the number that leaves the fewest
    steps of an epoch over, since those are eager.

    >>> cpu = torch.device("cpu")
    >>> program_steps(Size(1e4, 500, 3, 100, True, cpu))
    10
    """
    if size.products > SMALL or size.covers < BLOCKS[-1]:
        return 1
    return min(BLOCKS, key=lambda count: size.covers % count)


def threads_for(size: Size) -> int:
    """One for each so many products of a step, at most what torch may use.

    Small products end sooner than a second thread wakes up.

    >>> threads_for(Size(1e4, 9, 3, 100, True, torch.device("cpu")))
    1
    """
    return max(1, min(torch.get_num_threads(), int(size.products / PER_THREAD)))


def precision_for(size: Size) -> str:
    """bfloat16 products where the hardware has them, they are what a step's time goes
    into, and the task is to tell classes apart.

    Predicted numbers need more than the three digits that bfloat16 carries.
    """
    large = size.products >= LARGE
    if large and size.classifies and has_bfloat16(size.device):
        return "bfloat16"
    # TF32 keeps float32's range and ten bits of its digits; every such GPU has both.
    on_gpu = size.device.type == "cuda" and has_bfloat16(size.device)
    return "tf32" if on_gpu else "float32"


def has_bfloat16(device: torch.device) -> bool:
    """Does the hardware multiply bfloat16 faster than float32?"""
    if device.type == "cuda":
        return bool(torch.cuda.get_device_capability(device) >= (8, 0))
    if device.type != "cpu":
        return False
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in text or "amx_bf16" in text


def pays(size: Size, threads: int) -> bool:
    """Do the steps to come save more than compiling costs?

    Counted for half of them, since a run may end early.
    """
    if size.device.type == "cuda":
        return size.products <= SMALL_ON_GPU and size.steps >= 1_000
    if size.device.type != "cpu":
        return False
    products = size.products * PER_PRODUCT_S / threads
    eager = PER_STEP_S + PER_LAYER_S * size.layers + 1.5 * products
    compiled = 0.15 * (PER_STEP_S + PER_LAYER_S * size.layers) + products
    return 0.5 * size.steps * (eager - compiled) > cost_s(size)


def cost_s(size: Size) -> float:
    """Seconds that compiling takes, about."""
    if size.device.type == "cuda":
        return CAPTURE_S
    return COMPILE_S + COMPILE_LAYER_S * size.layers * program_steps(size)


def products(network: nn.Module, rows: Rows) -> tuple[float, int]:
    """Multiplications of weights in a forward pass of one row, and layers that ran.

    A weight is used once for each position of the output: a pixel, a word.
    """
    found = 0.0
    layers = 0

    def count(module: nn.Module, _: Any, out: Any) -> None:
        nonlocal found, layers
        layers += 1
        for weight in module.parameters(recurse=False):
            if _looks_up(module) or weight.ndim < 2:
                continue
            positions = 1.0
            if isinstance(out, Tensor) and out.ndim > 2:
                positions = max(1.0, out[0].numel() / weight.shape[0])
            found += weight.numel() * positions

    working = [
        m
        for m in network.modules()
        if not list(m.children()) or list(m.parameters(recurse=False))
    ]
    hooks = [m.register_forward_hook(count) for m in working]
    try:
        probe(network, rows)
    finally:
        for hook in hooks:
            hook.remove()
    return found, layers


def _looks_up(module: nn.Module) -> bool:
    return isinstance(module, nn.Embedding | nn.EmbeddingBag) or bool(
        getattr(module, "looks_up", False)
    )
