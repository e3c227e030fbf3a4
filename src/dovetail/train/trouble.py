"""When a step goes wrong: numbers that are not finite, memory that runs out.

Not finite    back to where the epoch began, at a quarter of the rate; if that happens
              a third time back to the very beginning, since weights grow for long
              before they overflow; then the step is looked for and its rows named
No memory     back as well, with half the rows at once; the mean over the batch, and so
              the step, stays what it was

One network alone is taken back. Of several members one that is not finite is left out,
since their steps cannot be told apart any more.
"""

import math

import torch
from torch import Tensor

from dovetail.errors import NotFiniteError, is_torch_memory
from dovetail.train.feed import Part
from dovetail.train.run import Run

TRIES, SLOWER = 3, 0.25
# Between the losses of a program and of the eager step.
TOLERANCE = {"float32": 1e-3, "tf32": 1e-2, "bfloat16": 0.1}


def advanced(run: Run) -> bool:
    """Make a step; False if memory ran out and the epoch begins again."""
    try:
        expected = run.expects()
        run.advance()
    except RuntimeError as error:
        if not is_torch_memory(error) or not _smaller(run):
            raise
        return False
    return expected is None or _as_expected(run, expected)


def _as_expected(run: Run, expected: Tensor) -> bool:
    """Does the program do what the network does? If not, it is not used again.

    A user's code may hide from recording what it does in Python; so the first step of
    each epoch is computed both ways.
    """
    tolerance = TOLERANCE[run.choices.precision]
    if torch.allclose(
        run.last_losses(), expected, rtol=tolerance, atol=tolerance, equal_nan=True
    ):
        return True
    run.eager(micro_batch=run.choices.micro_batch)
    run.note(
        "The compiled step gave another loss than the network itself: its forward, or "
        "the loss, must have an effect beside its result; the steps were made eagerly "
        "instead."
    )
    run.back_to_start()
    run.begin_epoch()
    return False


def _smaller(run: Run) -> bool:
    now = run.choices.micro_batch or max(len(run.rows.part(run.place).rows), 1)
    if now <= run.step.least:
        return False
    run.eager(micro_batch=max(run.step.least, -(-now // 2)))
    run.note(
        f"Memory was short: rows go through the network {run.choices.micro_batch} at a "
        "time, with the same effective batch."
    )
    run.back_to_start()
    run.begin_epoch()
    return True


def went_back(run: Run, values: list[float], what: str) -> bool:
    """Is one of ``values`` not finite, and was the run taken back?

    Raises:
        NotFiniteError: it was taken back often enough.
    """
    if all(map(math.isfinite, values)):
        return False
    # Of a mean over the epoch so far the text would depend on when it was read.
    first_bad = [_first_bad(one) for one in run.record.losses(run.place).T]
    values = [
        value if bad is None else bad[1]
        for value, bad in zip(values, first_bad, strict=True)
    ]
    if len(values) > 1:
        _leave_out(run, values, what)
        return False
    place = None if first_bad[0] is None else first_bad[0][0]
    run.troubles += 1
    if run.troubles > TRIES:
        raise _not_finite(run, what, values[0])
    run.scale *= SLOWER
    whole = run.troubles == TRIES
    run.note(
        f"The {what} was {values[0]} in epoch {run.epoch + 1}"
        f"{'' if place is None else f', step {run.steps - run.place + place + 1}'}; "
        f"the {'training' if whole else 'epoch'} was begun again at "
        f"{SLOWER**run.troubles:g} of the learning rate."
    )
    if whole:
        run.back_to_beginning()
    else:
        run.back_to_start()
    run.begin_epoch()
    return True


def _leave_out(run: Run, values: list[float], what: str) -> None:
    for number, value in enumerate(values):
        if run.active[number] and not math.isfinite(value):
            run.active[number] = False
            run.trained[number].stopped = "diverged"
            run.trained[number].notes.append(
                f"The {what} was {value} in epoch {run.epoch + 1}."
            )
    if not any(run.active) and not any(one.best_epoch for one in run.trained):
        raise NotFiniteError(
            f"The {what} of every member is not finite in epoch {run.epoch + 1}.",
            fix="lower the learning rate (--lr), or look for extreme values",
        )


def _first_bad(losses: Tensor) -> tuple[int, float] | None:
    """The first step of one member, from 0, whose loss is not finite, and that loss."""
    bad = (~losses.isfinite()).nonzero()
    return (int(bad[0]), float(losses[bad[0]])) if len(bad) else None


def _not_finite(run: Run, what: str, value: float) -> NotFiniteError:
    """Go through the epoch again, looking at each step, to name the first bad one."""
    last = run.place
    run.back_to_start()
    run.eager(micro_batch=run.choices.micro_batch)
    run.begin_epoch()
    where, rows = f"noticed at step {run.steps + last}", []
    for place in range(last):
        part = run.rows.part(place)
        bad = _bad_rows(run, part, place)
        if bad is not None:
            where = f"in step {run.steps + 1}"
            rows = run.rows.numbers(place)
            rows = [rows[i] for i in bad] if rows else []
            break
        run.advance_on(part)
    return NotFiniteError(
        f"The {what} is {value} in epoch {run.epoch + 1}, {where}, after {TRIES} "
        "tries at smaller learning rates.",
        fix="lower the learning rate (--lr), or look for extreme values in these rows",
        rows=tuple(sorted(rows)),
        rows_of="the training rows, counted from 0",
    )


def _bad_rows(run: Run, part: Part, place: int) -> list[int] | None:
    """Which rows of a step hold or give something that is not finite; all of them
    where only the gradient is not; None where the step is fine."""
    shares = part.shares
    losses, gradients = run.step.gradients(
        part.rows, shares, place, run.choices.micro_batch
    )
    fine = losses.isfinite().all() and all(
        g is None or bool(g.isfinite().all()) for g in gradients
    )
    if fine:
        return None
    # What a row is given comes first: batch norm hands it on to every other row.
    rows = part.rows
    given = [rows.numbers, rows.target, *([] if shares is None else [shares])]
    for values in (*given, run.step.row_losses(rows, place).T):
        fine_rows = values.isfinite().reshape(len(rows), -1).all(1)
        if not fine_rows.all():
            found: list[int] = (~fine_rows).nonzero().flatten().tolist()
            return found
    return list(range(len(rows)))
