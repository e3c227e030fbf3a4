"""Which rows may decide what.

    part     decides
    train    weights, and all that is learnt in preprocessing
    tune     early stopping, the best checkpoint, thresholds, calibration
    score    nothing: the reported score is measured on rows no choice has seen

    rows               own tune file   own score file   train / tune / score
    2,000 or more      no              no               70 / 15 / 15 %
                       yes             no               85 / -  / 15 %
                       no              yes              85 / 15 / -  %
    fewer, or folds=K  no              no               each K-th part scores in turn,
                                                        15 % of the rest tunes
                       yes             no               each K-th part scores in turn
                       no              yes              each K-th part tunes in turn
    any                yes             yes              all rows train

After folds a final model is trained on all rows (``refit``). A plan is a function of
its arguments alone: equal rows, seed and strata give an equal plan on every machine.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Int
from numpy.typing import NDArray

from dovetail._phrases import Phrase, Said
from dovetail.data._divide import ByChance, Divider
from dovetail.data._groups import ByGroup
from dovetail.data._periods import ByTime
from dovetail.errors import ConfigError, DataError

FOLDS_BELOW = 2000  # 15 % of fewer rows is too few to score on
DEFAULT_FOLDS = 5
HELD = 0.15


_ALL_TRAIN = Said(
    "all rows train; files of their own tune and score",
    "全部行用于训练；调优与评分各有自己的文件",
)
_TRAIN_SCORE = Said("train/score 85/15 %", "训练/评分 85/15%")
_TRAIN_TUNE = Said("train/tune 85/15 %", "训练/调优 85/15%")
_TRAIN_TUNE_SCORE = Said("train/tune/score 70/15/15 %", "训练/调优/评分 70/15/15%")
_FOLDS = Phrase("{n} folds", "{n} 折")
_FOLDS_LESS = Phrase("{n} folds instead of {asked}", "{n} 折，而不是 {asked} 折")
_RULE = Phrase("{rule}, {how}, seed {seed}", "{rule}，{how}，种子 {seed}")

Index = NDArray[np.int64]


@final
@dataclass(frozen=True, eq=False)
class Rows:
    """Sorted row numbers of one fold, int64, no row in two parts."""

    train: Index
    tune: Index
    score: Index


@final
@dataclass(frozen=True, eq=False)
class Plan:
    """The folds; whether a final model learns from all rows; the rule in words."""

    folds: tuple[Rows, ...]
    refit: bool
    rule: str
    notes: tuple[str, ...]


def plan_rows(
    n: int,
    *,
    strata: Int[np.ndarray, " n"] | None = None,
    group: Int[np.ndarray, " n"] | None = None,
    time: Int[np.ndarray, " n"] | None = None,
    seed: int = 0,
    folds: int | None = None,
    valid: bool = False,
    test: bool = False,
) -> Plan:
    """Decide which of ``n`` rows train, which tune and which score.

    ``strata`` holds integer codes that keep their proportions in each part; all are
    found among the training rows. ``group`` holds codes of rows that belong together:
    no group straddles parts. ``time`` holds sortable integers: the earliest rows train,
    the latest score, and folds move forward in time; strata then yield to time.
    ``valid`` and ``test`` say that files of their own tune and score.

    Raises:
        DataError: too few rows or groups; the message says how many it takes.
        ConfigError: arguments that contradict each other.

    >>> fold = plan_rows(2000).folds[0]
    >>> len(fold.train), len(fold.tune), len(fold.score)
    (1400, 300, 300)
    """
    for name, codes in (("strata", strata), ("group", group), ("time", time)):
        if codes is not None and len(codes) != n:
            raise DataError(
                f"{name} has {len(codes)} values for {n} rows.",
                fix="give one value for each row",
            )
    everything = np.arange(n, dtype=np.int64)
    none = everything[:0]
    if valid and test:
        if folds is not None:
            raise ConfigError(
                f"{folds} folds were asked for, and a file for validation and one for "
                "the test as well: folds would tune and score, which these files do.",
                fix="leave out the folds, or one of the two files",
            )
        if n == 0:
            raise _too_few(n, 1)
        return Plan(
            (Rows(everything, none, none),), refit=False, rule=_ALL_TRAIN, notes=()
        )
    least = 2 if valid or test else 3
    if n < least:
        raise _too_few(n, least)
    if folds is not None and not 2 <= folds <= n:
        raise ConfigError(
            f"{n} rows can make 2 to {n} folds, not {folds}.",
            fix="ask for fewer folds (5 or 10 are usual), or leave the number to us"
            if folds > n
            else "ask for 2 folds or more, or leave the number to us",
        )
    divider = _divider(n, strata, group, time, seed)
    rule: str
    if folds is None and n >= FOLDS_BELOW:
        made, rule = _once(divider, everything, valid=valid, test=test)
        refit = False
    else:
        made = _crossed(divider, min(folds or DEFAULT_FOLDS, n), valid=valid, test=test)
        rule, refit = _FOLDS(n=len(made)), True
        if folds is not None and len(made) != folds:
            divider.notes[_FOLDS_LESS(n=len(made), asked=folds)] = None
    rule = _RULE(rule=rule, how=divider.how, seed=seed)
    return Plan(tuple(made), refit=refit, rule=rule, notes=tuple(divider.notes))


def _divider(
    n: int, strata: Index | None, group: Index | None, time: Index | None, seed: int
) -> Divider:
    if group is not None and time is not None:
        raise ConfigError(
            "Rows cannot be divided by group and by time at once: a group may reach "
            "from the past into the future.",
            fix="choose one of the two",
        )
    rng = np.random.Generator(np.random.PCG64(seed))
    if group is not None:
        return ByGroup(n, strata, group, rng)
    if time is not None:
        return ByTime(strata, time)
    return ByChance(n, strata, rng)


def _once(
    divider: Divider, rows: Index, *, valid: bool, test: bool
) -> tuple[list[Rows], str]:
    none = rows[:0]
    if valid:
        train, score = divider.parts(rows, [1 - HELD, HELD])
        return [Rows(train, none, score)], _TRAIN_SCORE
    if test:
        train, tune = divider.parts(rows, [1 - HELD, HELD])
        return [Rows(train, tune, none)], _TRAIN_TUNE
    train, tune, score = divider.parts(rows, [1 - 2 * HELD, HELD, HELD])
    return [Rows(train, tune, score)], _TRAIN_TUNE_SCORE


def _crossed(divider: Divider, count: int, *, valid: bool, test: bool) -> list[Rows]:
    made = []
    for rest, held in divider.folds(count, least=1 if valid or test else 2):
        none = rest[:0]
        if test:
            made.append(Rows(rest, held, none))
        elif valid:
            made.append(Rows(rest, none, held))
        else:
            train, tune = divider.parts(rest, [1 - HELD, HELD])
            made.append(Rows(train, tune, held))
    return made


def _too_few(n: int, needed: int) -> DataError:
    return DataError(
        f"{n} row{'s' * (n != 1)} to learn from; dividing them takes {needed} or more.",
        fix="add rows, or give files of their own with --valid and --test",
    )
