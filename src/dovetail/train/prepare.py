"""What is settled before the first step: the feed, the choices, the program."""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import nn

from dovetail.errors import ConfigError
from dovetail.losses import Loss
from dovetail.optim import Elementwise, Spec
from dovetail.train.choices import Choices, Size, choose, products
from dovetail.train.feed import Feed, LoaderFeed, MemoryFeed
from dovetail.train.native.traceable import gradient_hook, replaced_buffer
from dovetail.train.noise import is_known
from dovetail.train.plan import Plan
from dovetail.train.rows import Rows
from dovetail.train.run import Run
from dovetail.train.stop import Cut, Stop
from dovetail.train.update import FlatUpdate


def feed_of(
    networks: Sequence[nn.Module],
    specs: Sequence[Spec],
    rows: Rows | Iterable[Any],
    batch_size: int,
) -> Feed:
    """Rows in memory, in batches, or all at once where an optimizer wants that."""
    if isinstance(rows, Rows):
        whole = any(spec.full_batch for spec in specs)
        return MemoryFeed(rows, len(rows) if whole else batch_size)
    for spec in specs:
        if spec.full_batch:
            raise ConfigError(
                f"{type(spec).__name__} wants all rows in each step; a loader gives "
                "batches.",
                fix="give the rows in memory (train.Rows), or take another optimizer",
            )
    first = next(networks[0].parameters(), torch.empty(0))
    return LoaderFeed(rows, first.device)


def check_counts(networks: Sequence[nn.Module], **given: Sequence[Any] | None) -> None:
    """One of each for every network."""
    if not networks:
        raise ConfigError("There is no network to train.", fix="give one or more")
    for name, values in given.items():
        if values is not None and len(values) != len(networks):
            raise ConfigError(
                f"{len(networks)} networks were given with {len(values)} "
                f"{name.replace('_', ' ')}.",
                fix="give one for each network",
            )


def check_members(networks: Sequence[nn.Module]) -> None:
    """No gradient is added to ``.grad``; several networks are one function of their
    tensors."""
    for network in networks:
        for name, p in network.named_parameters():
            if getattr(p, "_post_accumulate_grad_hooks", None):
                raise ConfigError(
                    f"{name} has a hook for when its gradient is accumulated, which "
                    "the training never does.",
                    fix="use register_hook, which changes the gradient itself",
                )
    for network in networks[:1] if len(networks) > 1 else ():
        if name := replaced_buffer(network):
            raise ConfigError(
                f"Members cannot be trained as one program: forward puts a new tensor "
                f"in the buffer {name}.",
                fix="change it in place (copy_, add_), or train one after the other",
            )
    for network in networks if len(networks) > 1 else ():
        if name := gradient_hook(network):
            raise ConfigError(
                f"Members cannot be trained as one program: {name} has a hook on its "
                "gradient, which would not be called.",
                fix="change the gradient in the loss or the forward, or train one "
                "after the other",
            )


def check_compiled(feed: Feed, specs: Sequence[Spec], plan: Plan) -> None:
    """Refuse programs where they were asked for and cannot be."""
    if plan.compiled and (why := _never_compiled(feed, specs, plan)):
        raise ConfigError(
            f"compiled was asked for, but {why}.",
            fix="leave compiled out, or give what can be compiled: rows in memory, an "
            "elementwise optimizer (adamw, sgd, ...) and no micro_batch",
        )


def _never_compiled(feed: Feed, specs: Sequence[Spec], plan: Plan) -> str:
    if not isinstance(feed, MemoryFeed):
        return "batches of a loader cannot be compiled"
    for spec in specs:
        if not isinstance(spec, Elementwise):
            return f"a step of {type(spec).__name__} cannot be compiled"
    if plan.micro_batch is not None:
        return "a step in micro-batches cannot be compiled"
    return ""


def chosen(
    networks: Sequence[nn.Module],
    losses: Sequence[Loss],
    specs: Sequence[Spec],
    feed: Feed,
    plan: Plan,
    epochs: int,
    left_s: float,
) -> Choices:
    """By the rules of ``choices.py``, on the shapes of this run."""
    per_row, layers = products(networks[0], feed.rows)
    batch = feed.batch if isinstance(feed, MemoryFeed) else len(feed.rows)
    size = Size(
        covers=_covered(networks[0], feed),
        products=per_row * batch * len(networks),
        layers=layers,
        steps=epochs * feed.steps,
        classifies=all(loss.estimates == "probability" for loss in losses),
        device=feed.rows.target.device,
    )
    return choose(
        size,
        precision=plan.precision,
        compiled=plan.compiled,
        threads=plan.threads,
        micro_batch=plan.micro_batch,
        can_compile=not _never_compiled(feed, specs, plan),
        left_s=left_s,
    )


def _covered(network: nn.Module, feed: Feed) -> int:
    """How many steps of an epoch a program of one batch size can make.

    All of that size; a shorter last one too, filled up with rows that count for
    nothing, unless a layer takes statistics over the rows, or may.
    """
    if not isinstance(feed, MemoryFeed):
        return 0
    last = feed.starts[-1] - feed.starts[-2]
    mixes = any(
        isinstance(m, nn.modules.batchnorm._NormBase) or not is_known(type(m))
        for m in network.modules()
    )
    fits = last == feed.batch or (last < feed.batch and not mixes)
    return feed.steps if fits else feed.steps - 1


def give_program(run: Run, stop: Stop) -> None:
    """Compile the run's steps where that was chosen; say so where it cannot be done.

    A signal ends it with nothing changed: the run that goes on compiles them.
    """
    if not run.choices.compiled:
        return
    # Loaded here: the compiler is 800 modules that most runs never need.
    from dovetail.train.native.kept import can_compile
    from dovetail.train.native.program import Program
    from dovetail.train.native.traceable import why_not

    assert isinstance(run.feed, MemoryFeed)
    assert isinstance(run.update, FlatUpdate)
    network = run.members.networks[0]
    reason = can_compile(run.members.weights.device) or why_not(
        network, run.step.objective.losses
    )
    if not reason:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                run.train(True)
                run.program = Program(
                    run.members, run.update, run.step.objective,
                    run.choices.precision, run.feed.rows[: run.feed.batch],
                    steps=run.choices.compiled, covers=_covered(network, run.feed),
                    cutting=stop.cutting,
                )  # fmt: skip
            except Cut:
                return
            except Exception as error:  # whatever tracing and compiling may raise
                if stop.signal is not None:
                    return  # Ctrl-C reaches the C++ compiler, too
                first_line = str(error).partition("\n")[0]
                reason = f"{type(error).__name__}: {first_line}".removesuffix(": ")
    if reason:
        run.eager(micro_batch=run.choices.micro_batch)
        run.note(f"Steps are not compiled: {reason}.")
