"""The limit: a step's matrix products alone, with the right shapes, nothing else.

    forward           x (b, i) @ W^T (i, o)     each layer
    weight gradient   g^T (o, b) @ x (b, i)     each layer
    input gradient    g (b, o) @ W (o, i)       each layer but the first

Into outputs allocated once. No bias, no activation, no loss, no update, no batches.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from benchmarks.loop.cases import Case
from benchmarks.loop.peers import _base
from benchmarks.loop.rows import Rows


class Loop(_base.Loop):
    def __init__(self, *, bfloat16: bool = False) -> None:
        self.dtype = torch.bfloat16 if bfloat16 else torch.float32

    def prepare(self, case: Case, rows: Rows, seed: int) -> None:
        torch.manual_seed(seed)
        self.steps = case.steps
        self.products: list[tuple[Tensor, Tensor, Tensor]] = []
        for layer, (inputs, outputs) in enumerate(case.layers):
            x = self.filled(case.batch, inputs)
            w = self.filled(outputs, inputs)
            g = self.filled(case.batch, outputs)
            pairs = [(x, w.t()), (g.t(), x)] + ([(g, w)] if layer else [])
            self.products += [(a, b, torch.empty_like(a @ b)) for a, b in pairs]

    def filled(self, rows: int, columns: int) -> Tensor:
        return torch.randn(rows, columns).to(self.dtype)

    @torch.inference_mode()
    def run(self, epochs: int, tick: Callable[[], None]) -> None:
        mm, products = torch.mm, self.products
        for _ in range(epochs):
            for _ in range(self.steps):
                for a, b, out in products:
                    mm(a, b, out=out)
            tick()

    def logits(self, numbers: np.ndarray) -> None:
        return None
