"""How a trace is read: every event in order, every loop, every way through."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

from dovetail.doctor._events import Branch, Entered, Event, Loop, Quiet, Step, Trace

MOST_EVENTS: Final = 2_000  # of one trace with what it enters
MOST_PATHS: Final = 32
DEEPEST: Final = 8


@final
@dataclass(frozen=True)
class Seen:
    """An event with what stands round it, seen from the steps that were walked."""

    event: Event
    loops: tuple[Loop, ...] = ()
    tests: tuple[ast.expr | None, ...] = ()  # conditions since the innermost loop
    quiet: bool = False
    maybe_quiet: bool = False
    entered: tuple[Entered, ...] = ()


def walk(steps: Sequence[Step], limit: int = MOST_EVENTS) -> list[Seen]:
    """Every event, in order, with entered functions; cut at a limit."""
    found: list[Seen] = []

    def go(steps: Sequence[Step], at: Seen, depth: int) -> None:
        for step in steps:
            if len(found) >= limit:
                return
            match step:
                case Event():
                    found.append(
                        Seen(
                            step,
                            at.loops,
                            at.tests,
                            at.quiet,
                            at.maybe_quiet,
                            at.entered,
                        )
                    )
                case Loop(body=body):
                    inside = Seen(
                        at.event,
                        (*at.loops, step),
                        (),
                        at.quiet,
                        at.maybe_quiet,
                        at.entered,
                    )
                    go(body, inside, depth)
                case Branch(test=test, arms=arms):
                    tests = (*at.tests, test)
                    inside = Seen(
                        at.event, at.loops, tests, at.quiet, at.maybe_quiet, at.entered
                    )
                    for arm in arms:
                        go(arm, inside, depth)
                case Quiet(body=body, sure=sure):
                    inside = Seen(
                        at.event,
                        at.loops,
                        at.tests,
                        at.quiet or sure,
                        at.maybe_quiet or not sure,
                        at.entered,
                    )
                    go(body, inside, depth)
                case Entered(trace=trace):
                    if depth >= DEEPEST:
                        continue
                    inside = Seen(
                        at.event,
                        at.loops,
                        at.tests,
                        at.quiet,
                        at.maybe_quiet,
                        (*at.entered, step),
                    )
                    go(trace.body, inside, depth + 1)

    go(steps, Seen(_NOTHING), 0)
    return found


def loops_of(steps: Sequence[Step]) -> Iterator[tuple[Loop, tuple[Loop, ...]]]:
    """Loops that stand in these steps themselves, with the loops round each."""

    def go(
        steps: Sequence[Step], round_: tuple[Loop, ...]
    ) -> Iterator[tuple[Loop, tuple[Loop, ...]]]:
        for step in steps:
            match step:
                case Loop(body=body):
                    yield step, round_
                    yield from go(body, (*round_, step))
                case Branch(arms=arms):
                    for arm in arms:
                        yield from go(arm, round_)
                case Quiet(body=body):
                    yield from go(body, round_)

    return go(steps, ())


def bodies(trace: Trace) -> Iterator[list[Step]]:
    """The body of a trace and of each loop in it: what runs from top to bottom."""
    yield trace.body
    for loop, _ in loops_of(trace.body):
        yield loop.body


def paths(steps: Sequence[Step]) -> list[list[Event | Loop]] | None:
    """Every way through steps, loops in one piece; None if there are too many."""

    def go(steps: Sequence[Step], depth: int) -> list[list[Event | Loop]] | None:
        ways: list[list[Event | Loop]] = [[]]
        for step in steps:
            more: list[list[Event | Loop]] | None
            match step:
                case Event() | Loop():
                    more = [[step]]
                case Branch(arms=arms):
                    more = []
                    for arm in arms:
                        if (inside := go(arm, depth)) is None:
                            return None
                        more += inside
                case Quiet(body=body):
                    more = go(body, depth)
                case Entered(trace=trace):
                    more = [[]] if depth >= DEEPEST else go(trace.body, depth + 1)
                    more = None if more is None else [_staying(way) for way in more]
            if more is None or len(ways) * len(more) > MOST_PATHS:
                return None
            if more != [[]]:
                ends = [way for way in ways if _left(way)]
                goes = [way for way in ways if not _left(way)]
                ways = ends + [way + after for way in goes for after in more]
        return ways

    return go(steps, 0)


_NOTHING: Final = Event("", ast.Pass(), None)  # type: ignore[arg-type]


def _left(way: Sequence[Event | Loop]) -> bool:
    last = way[-1] if way else None
    return isinstance(last, Event) and last.kind == "leave"


def _staying(way: list[Event | Loop]) -> list[Event | Loop]:
    """A function that is left early has only come back."""
    return way[:-1] if _left(way) else way
