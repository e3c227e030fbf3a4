from dataclasses import dataclass


@dataclass
class Config:
    vocab: int = 30_000
    dim: int = 128
    num_class: int = 4
    lr: float = 1e-3
    epochs: int = 10
    smoothing: float = 0.0
