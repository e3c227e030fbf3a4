"""Every resolved choice of a fit: what stands in ``config.yaml``."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Config(BaseModel):
    """Plain values only, so that the file reads without dovetail.

    Of a plan, ``precision``, ``compiled``, ``threads`` and ``micro_batch`` are what was
    asked for; of a model, what was used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    target: tuple[str, ...]
    model: str
    loss: dict[str, Any]
    optimizer: dict[str, Any]
    preset: str = "fast"
    epochs: int
    batch_size: int
    patience: int
    clip: float | None
    average: bool
    members: int = 1  # networks in the ensemble that was asked for
    seed: int
    device: str
    precision: str = "float32"
    compiled: int | None = 0  # steps in one native program, 0: eager
    threads: int | None = None
    micro_batch: int | None = None
    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    kinds: dict[str, str] = {}
    weight: str | None = None
    group: str | None = None
    time: str | None = None
    folds: int | None = None
    positive: str | None = None
    on_bad: str = "fail"
    sep: str | None = None
    encoding: str | None = None
