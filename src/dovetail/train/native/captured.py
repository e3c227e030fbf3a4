"""Steps on a GPU as one CUDA graph: recorded launches, replayed without Python.

A small network's kernels take less time than their launches. A graph works on fixed
memory: the state is the run's own tensors, and each block of rows is copied into place.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Run = Callable[[list[Tensor]], Sequence[Tensor]]

WARMED = 3  # calls before the capture, in which libraries allocate and choose


def captured(
    function: Callable[..., Sequence[Tensor]],
    state: Sequence[Tensor],
    block: Sequence[Tensor],
) -> Run:
    """``function(*state, *block)``, which changes ``state`` in place, as a graph.

    The state is what it was afterwards, also if this fails. ``Run`` takes the same
    arguments; those of the state must be these very tensors.
    """
    before = [tensor.clone() for tensor in state]
    inputs = [tensor.clone() for tensor in block]
    graph = torch.cuda.CUDAGraph()
    aside: torch.cuda.Stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    try:
        with torch.cuda.stream(aside):
            for _ in range(WARMED):
                function(*state, *inputs)
        torch.cuda.current_stream().wait_stream(aside)
        with torch.cuda.graph(graph):
            outputs = function(*state, *inputs)
    finally:
        torch.cuda.current_stream().wait_stream(aside)
        with torch.no_grad():
            for tensor, value in zip(state, before, strict=True):
                tensor.copy_(value)

    def run(arguments: list[Tensor]) -> Sequence[Tensor]:
        for place, value in zip(inputs, arguments[len(state) :], strict=True):
            place.copy_(value)
        graph.replay()
        return [output.clone() for output in outputs]  # the next replay overwrites

    return run
