"""The chain in Chinese: complete for every task, and laid out in wide letters."""

import re
from pathlib import Path

import numpy as np
import pytest

import dovetail as dt
from dovetail import report, tasks
from dovetail.data import read_table
from dovetail.errors import ConfigError, DovetailError
from dovetail.report._text import width
from dovetail.report.heard import HEARD, heard
from tests.mistakes.catalogue import CATALOGUE

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
    text = re.sub(r"等 \d+ 项|另有 \d+ 个|\d+ more", "", text)
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


UNKNOWN = "英文原文"


def doubtful() -> str:
    """A CSV in which many columns could be read in two ways."""
    columns = {
        "价格": lambda k: f'"${1000 + 37 * k:,}.50"',
        "折扣": lambda k: f"{k % 30} %",
        "数量": lambda k: "很多" if k == 3 else str(k * k % 83),
        "温度": lambda k: f"{40 + k * k % 59} °C",
        "比率": lambda k: f'"{k % 7},{k % 10}"',
        "到期": lambda k: f"{1 + k % 28}/{1 + k % 12}/2024",
        "进货": lambda k: f"{1 + k % 12}/{1 + k % 28}/2024",
        "售出": lambda k: f"{1 + k % 12}/{1 + k * k % 12}/2024",
        "类别": lambda k: ("VIP", "vip", "散客")[k % 3],
    }
    rows = [",".join(cell(k) for cell in columns.values()) for k in range(N)]
    return "\n".join([",".join(columns), *rows])


def test_doubts_about_cells_are_told_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(doubtful(), encoding="utf-8")
    here = str(tmp_path / "a.csv")
    planned = dt.plan(here, "类别", valid=here)
    chinese, english = planned.chain_in("zh"), planned.chain
    for (heading, text), (_, en_text) in zip(chinese, english, strict=True):
        plain = re.sub(r"'[^']*'|\bVIP\b|\bvip\b", "", text)
        assert not english_in(plain), (heading, text)
        assert UNKNOWN not in text
        assert _numbers(text) == _numbers(en_text), (text, en_text)
    told = "\n".join(text for _, text in chinese)
    for words in (
        "列 '价格'：带符号 $ 的数，'$1,000.50' 读作 1000.5",
        "列 '折扣'：带符号 % 的数，'0 %' 读作 0",
        f"列 '数量'：按文本读取，因为 {N} 格中有 1 格不是数：'很多'（第 4 个数据行）",
        "列 '温度'：诸如 '40 °C' 的文本；如果本来是数，请只写数，单位写进列名",
        "列 '比率'：诸如 '0,0' 的文本；如果本来是数，请把小数逗号写成小数点",
        "日在月前的日期",
        "月在日前的日期",
        "'1/1/2024' 的开头可能是日，也可能是月；请把日期写成 2024-12-31 的形式",
        "'类别' 的标签 'VIP' 与 'vip' 仅大小写或空白不同",
        "valid=（--valid）就是用来学习的那个文件",
    ):
        assert words in told, (words, told)


def test_columns_too_many_to_pair_are_told_in_chinese() -> None:
    rng = np.random.default_rng(0)
    wide = {f"列{k}": rng.normal(size=30) for k in range(2_001)}
    planned = dt.plan({**wide, "目标": rng.choice(["是的", "不是"], 30)}, "目标")
    notes = dict(planned.chain_in("zh"))["备注"]
    assert "列数超过 2,000，因此没有把两列之和与目标比较。" in notes


def test_every_note_on_a_file_of_the_catalogue_is_heard(tmp_path: Path) -> None:
    """Each sentence that reading a file can say, from files that people really have."""
    notes = set()
    for row in (row for rows in CATALOGUE.values() for row in rows):
        for name, content in row.files.items():
            if callable(content):
                continue
            path = tmp_path / Path(name).name
            raw = content.encode() if isinstance(content, str) else content
            path.write_bytes(raw)
            for options in ({}, {"on_bad": "skip"}, {"sep": ";"}):
                try:
                    notes.update(read_table(path, **options).notes)
                except DovetailError:
                    continue
    heard_as = {note: heard(note).zh for note in notes}
    assert [n for n, zh in heard_as.items() if UNKNOWN in zh] == []
    words = " ".join(heard_as.values())
    for told in ("是标题", "符合的分隔符是", "带符号", "不是数", "没有表头", "略去"):
        assert told in words, (told, sorted(notes))
