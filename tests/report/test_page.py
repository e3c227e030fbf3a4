"""One page with everything in it, nothing from elsewhere, and nothing but text from
the data."""

import re
import subprocess
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from dovetail import report
from dovetail.report import plots, svg

VOID = {"meta", "link", "br", "img", "hr", "input", "source", "base"}
LINKING = ("href", "src", "srcset", "action", "poster", "data", "xlink:href")


class Page(HTMLParser):
    """Checks nesting while it reads; collects text, ids and links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name == "id":
                self.ids.append(value)
            if name in LINKING:
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.texts.append(data)


def test_page_is_whole_and_alone(fit) -> None:
    text = fit.page()
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert page.tags.count("main") == page.tags.count("h1") == 1
    assert "script" not in page.tags
    assert not {"link", "iframe", "object", "img", "base"} & set(page.tags)
    assert all(link.startswith("#") for link in page.links), page.links
    assert "http:" not in text
    assert "https:" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    assert all(name.startswith("#") for name in re.findall(r"url\((.*?)\)", text))


def test_ids_are_unique_and_every_reference_is_there(fit) -> None:
    page = Page(fit.page())
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    targets = re.findall(r"url\(#(.*?)\)", fit.page())
    assert targets
    assert set(targets) <= set(page.ids)


def test_equal_documents_give_equal_bytes(fit, fitted) -> None:
    assert fit.page() == fitted(fit.document["task"]).page()


def test_labels_in_every_script_survive_and_none_is_markup(fit) -> None:
    shown = "".join(Page(fit.page()).texts)
    assert "性别" in shown
    assert "<script>alert('x')</script>" in shown
    if fit.document["task"] in ("Binary", "Multiclass", "MultiLabel"):
        assert "赤い花" in shown
    if fit.document["task"] in ("Multiclass", "MultiLabel"):
        assert "カード 🎉" in shown
        assert "$a_1$ & b" in shown
    if fit.document["task"] == "Regression":
        assert "価格" in shown


def test_labels_stand_as_text_in_the_figure(fitted) -> None:
    found = fitted("Multiclass").document["figures"]["confusion"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no glyph may be missing
        drawn = plots.confusion(**found)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    for label in ("赤い花", "カード 🎉", "$a_1$ &amp; b"):
        assert texts.count(label) == 2  # beside its row and above its column
    assert any(t.startswith("&lt;script&gt;") for t in texts)
    counts = {t for t in texts if t.isdigit()}
    assert counts == {str(c) for row in found["counts"] for c in row if c}


def test_colours_are_the_pages_own(fit) -> None:
    drawn = "".join(re.findall(r"<svg.*?</svg>", fit.page(), re.DOTALL))
    assert not re.findall(r"(?:fill|stroke): #", drawn)
    css = fit.page().split("</style>")[0]
    for name in set(re.findall(r"var\((--[\w-]+)\)", drawn)):
        assert f"{name}:" in css or name == "--width", name


def test_headline_numbers(fit) -> None:
    shown = " ".join("".join(Page(fit.page()).texts).split())
    better = "higher" if fit.document["higher_is_better"] else "lower"
    assert f"{fit.metric}, {better} is better" in shown
    assert "Measured on 4,880 rows on which nothing was chosen" in shown
    assert "Look at this first" in shown
    cross = "".join(Page(fit.page(folds=5, warnings=[])).texts)
    assert "4,880 rows, each scored by a model that had not seen it" in cross
    assert "Look at this first" not in cross


@pytest.mark.parametrize(
    ("score", "baseline", "higher", "told"),
    [
        (0.25, 0.5, False, "the model is 50\u00a0% lower"),
        (0.75, 0.5, True, "the model is 50\u00a0% higher"),
        (0.75, 0.5, False, "the model is worse than that"),
        (0.5, 0.5, True, "the model is no better"),
        (0.5, 0.0, True, "the model is better"),
        (0.5, -0.2, True, "the model is better"),
    ],
)
def test_the_comparison_with_the_baseline_is_true(
    fitted, score: float, baseline: float, higher: bool, told: str
) -> None:
    changes = {"score": score, "baseline": baseline, "higher_is_better": higher}
    assert told in fitted("Binary").page(**changes)


def test_scores_that_do_not_exist_are_dashes(fitted) -> None:
    fit = fitted("Binary")
    none = {"value": None, "low": None, "high": None, "baseline": None,
            "higher_is_better": True}  # fmt: skip
    page = Page(fit.page(score=None, baseline=None, metrics={fit.metric: none}))
    assert "–" in page.texts


def test_a_page_without_history_or_figures_stands(fitted) -> None:
    fit = fitted("Binary")
    text = report.page(
        fit.task, {**fit.document, "figures": {}}, [], COLUMNS_OF_NONE, [], {}
    )
    assert "svg" not in Page(text).tags


COLUMNS_OF_NONE: list[tuple[str, str, str, str]] = []


# -- figures --------------------------------------------------------------------------


def test_folds_are_thin_lines_and_the_best_epoch_is_marked() -> None:
    history = [
        {"fold": f, "epoch": e, "loss": 1 / e, "rmse": 1 / e}
        for f in range(4)
        for e in range(1, 6)
    ]
    drawn = plots.curves(history, "rmse", 3)
    assert drawn.count("stroke-width: 0.9") == 8
    assert "best: epoch 3" in drawn
    last = [{"fold": "all", "epoch": e, "loss": 1 / e} for e in (1, 2)]
    assert plots.curves(history + last, "rmse", 3).count("stroke-width: 1.8") == 1
    assert "rmse on the tune rows" in drawn
    alone = plots.curves([{"epoch": 1, "loss": 0.5}], "rmse", None)
    assert "rmse on" not in alone
    assert plots.curves([], "rmse", None) is None
    assert plots.curves([{"epoch": 1, "loss": None}], "rmse", 1) is None


def test_thirty_classes_of_many_are_drawn_the_most_frequent_ones() -> None:
    n = 45
    counts = np.diag(np.arange(1, n + 1))
    drawn = plots.confusion([f"class {i}" for i in range(n)], counts.tolist())
    names = re.findall(r">class (\d+)<", drawn)
    assert sorted(map(int, set(names))) == list(range(15, 45))


def test_classes_that_never_occur_are_drawn_without_warnings() -> None:
    assert "<svg" in plots.confusion(["a", "b"], [[0, 0], [0, 0]])
    assert plots.confused_pairs(["a", "b"], [[0, 0], [0, 0]]) == []


def test_mistakes_are_listed_by_number() -> None:
    pairs = plots.confused_pairs(["a", "b", "c"], [[5, 3, 2], [0, 9, 1], [4, 0, 6]])
    assert pairs == [
        ("c", "a", 4, "40 %"), ("a", "b", 3, "30 %"), ("a", "c", 2, "20 %"),
        ("b", "c", 1, "10 %"),
    ]  # fmt: skip


@pytest.mark.parametrize("n", [1, 2, 399, 400, 2000])
def test_points_of_any_number_are_drawn(n: int) -> None:
    x = np.linspace(-1e6, 3e6, n)
    drawn = plots.points("x", x.tolist(), (x + 1).tolist(), 0)
    assert "<svg" in drawn
    assert "1e6" not in drawn


def test_equal_points_and_none_are_no_trouble() -> None:
    assert "<svg" in plots.points("x", [1e12] * 3, [1e12] * 3, 0)
    assert plots.points("x", [], [], 0) is None


def test_labels_without_a_value_are_drawn_without_a_bar() -> None:
    rows = [{"label": "x", "positives": 0, "precision": None, "recall": None,
             "f1": None}]  # fmt: skip
    assert ">x<" in plots.label_bars(rows)
    assert plots.label_bars([]) is None


def test_settings_of_the_user_neither_matter_nor_change() -> None:
    import matplotlib

    data = ("x", [1.0, 2.0], [1.0, 2.5], 0)
    plain = plots.points(*data)
    with matplotlib.rc_context(
        {"font.size": 30, "lines.linewidth": 9, "axes.grid": True,
         "svg.fonttype": "path", "text.usetex": True}
    ):  # fmt: skip
        before = dict(matplotlib.rcParams)
        assert plots.points(*data) == plain
        assert dict(matplotlib.rcParams) == before


def test_matplotlib_loads_only_when_a_figure_is_drawn_and_never_pyplot() -> None:
    code = (
        "import sys; from dovetail import report; from dovetail.report import plots;"
        "assert 'matplotlib' not in sys.modules;"
        "plots.points('x', [1.0], [1.0], 0);"
        "assert 'matplotlib' in sys.modules;"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_stand_ins_are_as_wide_as_the_text() -> None:
    assert svg.stand_in("") == ""
    assert svg.stand_in("e\u0301x") == "nn"  # an accent adds no width
    assert svg.stand_in("漢字kanji") == "MMnnnnn"


# -- the card -------------------------------------------------------------------------


def test_card_tells_the_same_and_holds_no_markup_from_data(fit) -> None:
    text = report.card(fit.task, fit.document, COLUMNS_OF_FIT, fit.chain())
    assert text.startswith(f"# {fit.document['task']}: ")
    assert "<script>" not in text.replace("\\<", "")
    assert "a leak" in text
    assert "| `age` | number |" in text
    assert "dovetail predict FOLDER DATA" in text
    assert "UUID" in text  # the column set aside is told in the chain
    for line in text.splitlines():
        assert line == line.rstrip()
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert len({line.replace("\\|", "").count("|") for line in table}) == 2


def test_card_escapes_what_markdown_would_read(fitted) -> None:
    fit = fitted("Binary")
    columns = [("a|b", "number", "*x* [y](z) `c`", "e"), ("`q`", "category", "r", "e")]
    text = report.card(fit.task, fit.document, columns, [])
    assert r"| a\|b | number | \*x\* \[y\](z) \`c\` |" in text
    assert r"| \`q\` | category |" in text


COLUMNS_OF_FIT = [
    ("age", "number", "integers from 17 to 90", "(x - 37) * 0.05"),
    ("<script>", "category", "2 distinct texts", "embedding"),
]


def test_page_style_is_part_of_the_package() -> None:
    style = Path(report.__file__).with_name("page.css").read_text("utf-8")
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert "max-width: 36rem" in style
