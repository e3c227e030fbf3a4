"""The chain in Chinese: complete for every task, and laid out in wide letters."""

import re

import numpy as np
import pytest

import dovetail as dt
from dovetail import report, tasks
from dovetail.errors import ConfigError
from dovetail.report._text import width
from dovetail.report.heard import HEARD, heard

HAN = re.compile(r"[\u4e00-\u9fff]")
N = 120


def targets() -> dict[str, dict[str, object]]:
    """For each task target columns, whose names and labels are Chinese or numbers."""
    rng = np.random.default_rng(0)
    several = (rng.random((N, 3)) < [0.5, 0.4, 0.3]).astype(int)
    return {
        "Binary": {"目标": rng.choice(["是的", "不是"], N)},
        "Multiclass": {"目标": rng.choice(["猫", "狗", "鱼"], N)},
        "Ordinal": {"目标": rng.choice(["差", "中", "良"], N)},
        "MultiLabel": dict(zip(["标一", "标二", "标三"], several.T, strict=True)),
        "Regression": {"甲": rng.normal(size=N), "乙": rng.lognormal(size=N)},
        "Count": {"目标": rng.poisson(8, N)},
    }


def inputs() -> dict[str, object]:
    rng = np.random.default_rng(1)
    return {
        "年龄": rng.normal(40, 9, N),
        "城市": rng.choice(["北京", "上海", "广州"], N),
        "会员": rng.choice(["yes", "no"], N),
        "日期": np.datetime64("2024-01-01") + rng.integers(0, 500, N),
        "编号": [f"k{i:04d}" for i in range(N)],
        "常数": ["同"] * N,
    }


def english_in(text: str) -> list[str]:
    """Words of small letters that are no names of ours: English that was left."""
    text = re.sub(r"\([^()]*=[^()]*\)", "", text)  # AdamW(lr=0.002, ...): a value
    text = re.sub(r"--[a-z-]+( [a-z]+)?|[a-z]+=\S+|'[^']*'", "", text)
    known = {
        "softmax", "sigmoid", "logit", "float32", "log", "sig", "exp", "tabular", "phi",
        "accuracy", "auroc", "brier", "f1", "hamming", "mae", "mcc", "precision", "qwk",
        "r2", "recall", "rmse", "rps", "specificity", "yes", "no",
    }  # fmt: skip
    words = re.findall(r"[a-z][a-z0-9_]+", re.sub(r"[A-Z]\w*", "", text))
    return [w for w in words if w not in known and "_" not in w]


def test_every_task_is_here() -> None:
    assert set(targets()) == {
        name for name in tasks.__all__ if _is_task(getattr(tasks, name))
    }


def _is_task(value: object) -> bool:
    is_class = isinstance(value, type) and issubclass(value, tasks.Task)
    return is_class and value is not tasks.Task


@pytest.mark.parametrize("name", targets())
def test_every_link_is_told_in_chinese(name: str) -> None:
    target = targets()[name]
    planned = dt.plan({**inputs(), **target}, list(target))
    assert type(planned.task).__name__ == name
    english = planned.chain
    chinese = planned.chain_in("zh")
    assert len(chinese) == len(english) > 12
    for (heading, text), (en_heading, en_text) in zip(chinese, english, strict=True):
        assert HAN.fullmatch(heading[0]), heading
        assert HAN.search(text), text
        assert not english_in(heading + text), (english_in(text), text)
        # Every number of the one stands in the other.
        assert _numbers(text) == _numbers(en_text), (text, en_text)
        assert not HAN.search(en_heading)
    assert planned.explain() == report.as_text(english)
    assert planned.explain(lang="zh") == report.as_text(chinese)


def _numbers(text: str) -> list[str]:
    """Each number once; the length of a list that is cut is told in two ways."""
    text = re.sub(r"等 \d+ 项|\d+ more", "", text)
    return sorted(set(re.findall(r"\d+(?:[.,]\d+)*", text)))


def test_another_language_is_refused() -> None:
    planned = dt.plan({"x": [1.0, 2.0, 3.0] * 9, "y": ["a", "b", "c"] * 9}, "y")
    with pytest.raises(ConfigError, match="'en' or 'zh', not 'fr'") as error:
        planned.explain(lang="fr")
    assert "'zh' for Chinese" in error.value.fix


def test_a_chain_that_knows_no_chinese_says_so() -> None:
    old = [("Task", "Binary.")]
    assert report.chain_in(old, "en") == old
    with pytest.raises(ConfigError, match="English only"):
        report.chain_in(old, "zh")


@pytest.mark.parametrize("name", targets())
def test_chinese_lines_fit_and_break_where_they_may(name: str) -> None:
    target = targets()[name]
    chain = dt.plan({**inputs(), **target}, list(target)).chain_in("zh")
    lines = report.as_text(chain, width=60).splitlines()
    assert max(map(width, lines)) <= 62  # a full stop may hang
    for line in lines:
        assert line.strip()[0] not in "，。；：、）", line
        assert line.rstrip()[-1] not in "（", line
    squeezed = "".join("".join(pair) for pair in chain).split()
    assert "".join("".join(lines).split()) == "".join(squeezed)


@pytest.mark.parametrize("phrase", HEARD, ids=lambda p: p.en[:30])
def test_notes_of_english_layers_are_recognised(phrase) -> None:
    values = {
        place: f"v{k}" for k, place in enumerate(sorted(phrase.places(phrase.en)))
    }
    told = heard(phrase.en.format(**values))
    assert told == phrase.en.format(**values)
    assert told.zh == phrase.zh.format(**values)


def test_what_reading_says_is_heard(tmp_path) -> None:
    (tmp_path / "a.csv").write_text(
        "城市,x,y\n甲,1,0\n乙,2,1\n丙,3\n甲,4,1\n" + "乙,5,0\n" * 20, encoding="gbk"
    )
    planned = dt.plan(tmp_path / "a.csv", "y", on_bad="skip")
    assert len(planned.given.notes) == 2
    told = dict(planned.chain_in("zh"))["备注"]
    assert "按 gb18030 读取" in told
    assert "略去 1 行单元格数不是 3 的行，第一处在第 4 行" in told
    assert heard("nothing that is known").zh == "（英文原文：nothing that is known）"
    (tmp_path / "b.csv").write_text('1;"1,5";0\n2;2,5;1\n3;4,5;0\n' * 9)
    notes = dt.plan(tmp_path / "b.csv", "2").given.notes
    assert notes
    assert not [n for n in notes if "英文原文" in heard(n).zh], notes
