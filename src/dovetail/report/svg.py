"""matplotlib figures as SVG that lives inside an HTML page.

    colours   stand-ins that become CSS variables, so figures follow light and dark
    text      stays text, drawn by the reader's browser with the reader's fonts
    ids       carry the figure's name: several figures on one page do not clash
    bytes     the same for the same data; no date, no random salt, no user settings

Text from data (labels, column names) never passes through matplotlib: letters that its
own font lacks would warn and be measured wrongly, and ``$`` would start a formula. It
measures a stand-in of the same width; the real text is put in its place, escaped.
"""

import html
import io
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

# Colours in matplotlib's hands -> what they are on the page (see page.css).
INK = "#010203"
MUTED = "#040506"
LINE = "#070809"
SERIES = "#0a0b0c"
ACCENT = "#0d0e0f"
ON_FILL = "#101112"
_ON_PAGE = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    LINE: "var(--line)",
    SERIES: "var(--series)",
    ACCENT: "var(--accent)",
    ON_FILL: "var(--on-fill)",
}

_STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "axes.unicode_minus": True,
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9.0,
    "axes.edgecolor": LINE,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.titlepad": 8.0,
    "figure.facecolor": "none",
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "savefig.facecolor": "none",
}
# Settings of the user that would change a figure; reset before ours are applied.
_DRAWN = (
    "axes", "boxplot", "contour", "errorbar", "figure", "font", "grid", "hatch",
    "hist", "image", "legend", "lines", "markers", "mathtext", "patch", "path",
    "savefig", "scatter", "svg", "text", "xaxis", "xtick", "yaxis", "ytick",
)  # fmt: skip


@final
class Drawing:
    """One figure of ``width`` x ``height`` points; axes are placed in points too."""

    def __init__(self, name: str, width: float, height: float) -> None:
        from matplotlib.figure import Figure

        self.name = name
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        self._texts: dict[str, str] = {}

    def axes(self, left: float, bottom: float, width: float, height: float) -> "Axes":
        """Axes at this place, in points from the lower left corner."""
        w, h = self.width, self.height
        return self.figure.add_axes((left / w, bottom / h, width / w, height / h))

    def put(self, artist: "Text", text: str) -> None:
        """Let ``artist`` show ``text`` from the data."""
        place = f"{self.name}-data-{len(self._texts)}"
        self._texts[place] = text
        artist.set_text(stand_in(text))
        artist.set_gid(place)

    def svg(self, description: str) -> str:
        """The figure as an ``<svg>`` element, described for those who cannot see it."""
        import matplotlib

        file = io.StringIO()
        with matplotlib.rc_context({"svg.hashsalt": self.name}):
            self.figure.savefig(file, format="svg", metadata={"Date": None})
        return self._for_page(file.getvalue(), description)

    def _for_page(self, text: str, description: str) -> str:
        text = text[text.index("<svg") :]
        text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
        text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)
        text = text.replace("xlink:href=", "href=")
        text = re.sub(rf'\bid="(?!{self.name}-)', f'id="{self.name}-', text)
        text = re.sub(r'(href="|url\()#', rf"\1#{self.name}-", text)
        text = re.sub(r"(font: [^;\"']*?px) [^;\"]+", r"\1 var(--font)", text)
        for stand, real in _ON_PAGE.items():
            text = text.replace(stand, real)
        for place, real in self._texts.items():
            text = _put_text(text, place, real)
        head = (
            f'<svg class="figure" role="img" aria-label="{html.escape(description)}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" '
            f'style="--width: {self.width:g}px">'
        )
        return head + text[text.index(">") + 1 :].strip()


@contextmanager
def style() -> Iterator[None]:
    """Draw inside this: our settings, and nobody else's, until it ends."""
    import matplotlib

    neutral = {
        key: value
        for key, value in matplotlib.rcParamsDefault.items()
        if key.split(".")[0] in _DRAWN
    }
    settings: dict[Any, Any] = {**neutral, **_STYLE}
    with matplotlib.rc_context(settings):
        yield


def stand_in(text: str) -> str:
    """ASCII of about the width ``text`` will have: wide letters are as wide as an M.

    >>> stand_in("ab$"), stand_in("日本")
    ('nnn', 'MM')
    """
    return "".join(
        "M" if unicodedata.east_asian_width(c) in "WF" else "n"
        for c in text
        if not unicodedata.combining(c)
    )


def _put_text(svg: str, place: str, text: str) -> str:
    pattern = rf'(<g id="{place}">.*?<text[^>]*>)[^<]*(</text>)'
    real = html.escape(text)
    return re.sub(pattern, lambda m: m[1] + real + m[2], svg, count=1, flags=re.DOTALL)


def quiet(axes: Any, *, grid: str | None = None) -> None:
    """No tick marks; a grid along one axis or none."""
    axes.tick_params(length=0)
    axes.grid(visible=False)
    if grid is not None:
        axes.grid(visible=True, axis=grid)
