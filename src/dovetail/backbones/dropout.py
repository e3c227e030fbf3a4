"""Dropout whose noise is a pure function of step, layer, row and column.

    keep(row, column) = hash(key, row, column) >= p           out = keep * x / (1 - p)

torch draws noise one number after the other, so it depends on everything drawn before:
on how a batch is cut up, on what else draws, on the kernel. Here each number follows
from its place and the step's key. So a step gives the same result whole or in parts,
alone or stacked with others, eager or compiled, before and after a resume.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

_LOW = 0xFFFFFFFF
_STEPS = 1 << 16  # a probability is held to 1 / 65,536


class Dropout(nn.Module):
    """``nn.Dropout``; the training loop gives ``noise`` = (key, key, first row).

    Without it (outside our loop) torch draws. A layer that a network calls in several
    places has other noise in each: ``calls`` counts them, from 0 in every pass.

    The first axis of ``x`` is the rows of the pass, ``rows`` in number where the loop
    says so, or those with others beside them, t for each: (n, d) or (n t, d). Where it
    is another axis, such as time before rows, a batch in parts has other noise than the
    whole.

    >>> layer = Dropout(0.5)
    >>> layer.noise = torch.tensor([3, 5, 0])
    >>> whole = layer(torch.ones(4, 2))
    >>> layer.noise, layer.calls = torch.tensor([3, 5, 2]), 0
    >>> bool((layer(torch.ones(2, 2)) == whole[2:]).all())
    True
    """

    noise: Tensor | None

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p
        self.calls = 0
        self.rows: int | None = None
        self.register_buffer("noise", None, persistent=False)

    def extra_repr(self) -> str:
        """As ``nn.Dropout`` says it."""
        return f"p={self.p}"

    def forward(self, x: Tensor) -> Tensor:
        """x of any shape, rows first; the same shape."""
        if not self.training or self.p == 0:
            return x
        if self.noise is None:
            return functional.dropout(x, self.p)
        call, self.calls = self.calls, self.calls + 1
        dropped = round(self.p * _STEPS)
        if dropped >= _STEPS:
            return x * 0
        first = self.noise[2]
        if self.rows and self.rows != x.shape[0]:
            first = first * (x.shape[0] // self.rows)
        kept = _draws(self.noise, first, x.shape[0], x[:1].numel(), call) >= dropped
        scale = _STEPS / (_STEPS - dropped)
        return x * (kept.view(x.shape).to(x.dtype) * scale)


def _draws(noise: Tensor, first: Tensor, rows: int, columns: int, call: int) -> Tensor:
    """Integers in [0, 65536) of shape (rows, columns), the first for row ``first``.

    Each hash of 32 bits serves two columns. Products stay below 2 ** 63: overflow of
    signed numbers has no meaning in C++, and compiled code may do anything with it.
    """
    pairs = (columns + 1) // 2
    device = noise.device
    row = torch.arange(rows, device=device) + first
    position = row.unsqueeze(1) * pairs + torch.arange(pairs, device=device)
    key = noise[1] ^ (call * 0x85EBCA6B & _LOW)
    bits = _mixed((((position * 0x61C88647) + noise[0]) & _LOW) ^ key)
    both = torch.stack([bits & (_STEPS - 1), bits >> 16], dim=2)
    return both.flatten(1)[:, :columns]


def _mixed(x: Tensor) -> Tensor:
    """A hash of 32 bits; rounds and constants as found by search (C. Wellons, 2018)."""
    x = ((x ^ (x >> 16)) * 0x21F0AAAD) & _LOW
    x = ((x ^ (x >> 15)) * 0x735A2D97) & _LOW
    return x ^ (x >> 15)
