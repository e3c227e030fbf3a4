"""Words with a known order: low < medium < high, C < B+ < A-, 差 < 中 < 良 < 优.

A scale is one line, from least to greatest; levels are parted by ``<`` and words of
the same level by ``/``. Case, hyphens, underscores and repeated spaces do not count.
"""

import re
from collections.abc import Hashable, Mapping

_SCALES = """
none/no/zero < extremely low < very low/lowest < low/lower < medium low \
< medium/mid/moderate/middle/med/average/normal < medium high < high/higher \
< very high/highest < extremely high < critical
none/zero < few < some < many < most < all
tiny/very small/extra small < small/little < medium/mid/middle < large/big \
< very large/extra large/very big < huge < giant/gigantic
xxs/2xs < xs < s < m < l < xl < xxl/2xl < xxxl/3xl < 4xl < 5xl
none/absent < trace < minimal/very mild < mild/slight/minor < moderate \
< moderately severe < severe/serious/major < very severe/extreme/critical < fatal
never < almost never/hardly ever < very rarely < rarely/seldom < occasionally \
< sometimes < often/frequently < usually < very often/very frequently \
< almost always/nearly always < always
awful/terrible/horrible < very poor/very bad < poor/bad \
< fair/ok/okay/average/mediocre/acceptable/satisfactory < good < very good/great \
< excellent/outstanding/perfect
worst < worse < same/unchanged < better < best
fair < good < very good < premium < ideal
strongly disagree/completely disagree/totally disagree < disagree \
< somewhat disagree/slightly disagree \
< neutral/neither/undecided/neither agree nor disagree \
< somewhat agree/slightly agree < agree \
< strongly agree/completely agree/totally agree
very dissatisfied < dissatisfied/unsatisfied < somewhat dissatisfied \
< neutral/neither/neither satisfied nor dissatisfied \
< somewhat satisfied < satisfied < very satisfied
very unlikely < unlikely < somewhat unlikely < neutral/possible/neither \
< somewhat likely < likely < very likely
not at all important < unimportant/not important < slightly important \
< moderately important/neutral < important < very important < extremely important
very easy < easy < medium/moderate/normal < hard/difficult < very hard/very difficult
novice < beginner/basic < elementary < intermediate/medium < advanced < expert
very slow < slow < medium/moderate/normal < fast < very fast
very cold/freezing < cold < cool < mild < warm < hot < very hot
very young < young < middle aged < old < very old
bronze < silver < gold < platinum < diamond
first < second < third < fourth < fifth < sixth < seventh < eighth < ninth < tenth
1st < 2nd < 3rd < 4th < 5th < 6th < 7th < 8th < 9th < 10th
i < ii < iii < iv < v < vi < vii < viii < ix < x
stage 0 < stage i < stage ii < stage iii < stage iv
1 star < 2 stars < 3 stars < 4 stars < 5 stars
one star < two stars < three stars < four stars < five stars
primary < secondary < tertiary
elementary school < middle school < high school < some college < associate \
< bachelor/bachelors/bachelor's < master/masters/master's < doctorate/phd/doctoral
无/無 < 极低 < 很低/非常低 < 低 < 较低/偏低 < 中低 < 中/中等/一般/正常 < 中高 \
< 较高/偏高 < 高 < 很高/非常高 < 极高
很小/特小/超小/極小 < 小/小型 < 中/中等/中型 < 大/大型 < 很大/特大/超大/極大
小号 < 中号 < 大号 < 加大号/特大号
少 < 中/中等 < 多
很差/非常差/极差 < 差 < 较差/較差 < 中/中等/一般/普通/合格 < 较好/較好 < 良/良好/好 \
< 优/優/优秀/優秀/很好/非常好
不及格/不合格 < 及格/合格 < 中/中等 < 良/良好 < 优/优秀
从不/從不 < 很少 < 偶尔/偶爾 < 有时/有時 < 经常/經常/常常 < 总是/總是
非常不同意/完全不同意 < 不同意 < 中立/一般/不确定 < 同意 < 非常同意/完全同意
非常不满意/很不满意 < 不满意 < 一般/中立 < 满意 < 非常满意/很满意
无/無/正常 < 轻微/輕微/极轻 < 轻度/輕度/轻/輕 < 中度/中 < 重度/重/严重 < 极重/极重度
初级 < 中级 < 高级 < 专家级
一级 < 二级 < 三级 < 四级 < 五级
一星 < 二星 < 三星 < 四星 < 五星
小学 < 初中 < 高中/中专 < 大专/专科 < 本科/学士 < 硕士 < 博士
低い < 普通 < 高い
"""

# A grade letter by itself or with a sign, least first; both minus signs are in use.
_GRADE = re.compile(r"([a-f])([+\-−]?)")
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d*)?")  # 01234 is a code
_SIGN = {"-": 0, "−": 0, "": 1, "+": 2}


def _levels(line: str) -> dict[str, int]:
    return {
        _folded(word): level
        for level, words in enumerate(line.split("<"))
        for word in words.split("/")
    }


def order_of(values: tuple[Hashable, ...]) -> tuple[Hashable, ...] | None:
    """``values`` from least to greatest where they carry a known order, else None.

    All of them, at least three, must be levels of one scale, no two of one level;
    numbers written as text are a scale.

    >>> order_of(("High", "low", "Medium"))
    ('low', 'Medium', 'High')
    >>> order_of(("B", "A-", "C+"))
    ('C+', 'B', 'A-')
    >>> order_of(("low", "high", "red")) is None
    True
    """
    if len(values) < 3 or not all(isinstance(value, str) for value in values):
        return None
    words = {value: str(value).strip().casefold() for value in values}
    if all(_NUMBER.fullmatch(word) for word in words.values()):
        return _sorted({value: float(word) for value, word in words.items()})
    if all(_GRADE.fullmatch(word) for word in words.values()):
        return _sorted({value: _grade(word) for value, word in words.items()})
    folded = {value: _folded(word) for value, word in words.items()}
    for scale in _PARSED:
        if all(word in scale for word in folded.values()):
            level = {value: scale[word] for value, word in folded.items()}
            if order := _sorted(level):
                return order
    return None


def plain_letters(values: tuple[Hashable, ...]) -> bool:
    """Single letters that name classes at least as often as they grade.

    A sign, or F without E beside A, B and C, is the mark of school grades.

    >>> plain_letters(("A", "B", "C")), plain_letters(("A", "B", "C", "F"))
    (True, False)
    """
    letters = {str(value).strip().upper() for value in values}
    if any(len(letter) != 1 or not letter.isalpha() for letter in letters):
        return False
    graded = {"A", "B", "C", "F"} <= letters <= {"A", "B", "C", "D", "F"}
    return letters <= set("ABCDEF") and not graded


def _sorted(level: Mapping[Hashable, float]) -> tuple[Hashable, ...] | None:
    if len(set(level.values())) < len(level):
        return None  # two spellings of one level: which of them is less?
    return tuple(sorted(level, key=level.__getitem__))


def _grade(word: str) -> int:
    letter, sign = word[0], word[1:]
    return 3 * (ord("f") - ord(letter)) + _SIGN[sign]


def _folded(word: str) -> str:
    return " ".join(re.sub(r"[-_]", " ", word.casefold()).split())


_PARSED = [_levels(line) for line in _SCALES.strip().splitlines()]
