"""Charts of an analysis, as SVG files that a page can show as they are: on white, text as text, the same bytes for the same analysis."""

import io
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.common.outputs import write_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that are told apart by people of any colour vision, and in grey: Okabe and Ito, https://jfly.uni-koeln.de/color/
SIDES = ("#0072b2", "#e69f00")
PAIRS = "#4d4d4d"
OTHERS = "#b3b3b3"
TEXT, AXIS, GRID = "#222222", "#666666", "#e4e4e4"

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "analysis",
    # The font that matplotlib brings along, so that places do not depend on what fonts a machine has.
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.parse_math": False,  # a dataset's name may have a $ in it
    "text.color": TEXT,
    "axes.edgecolor": AXIS,
    "axes.labelcolor": TEXT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": AXIS,
    "ytick.color": AXIS,
    "xtick.labelcolor": TEXT,
    "ytick.labelcolor": TEXT,
}
METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))

# In inches.
WIDTH = 7.5
LEFT, RIGHT = 0.7, 0.2
TOP = 0.92  # above the first panel, for the chart's title and its own
BETWEEN = 0.9  # for an axis and the title of the next panel
BOTTOM = 0.55
PANEL = 1.7
BAR = 0.21

SMALL, MEDIUM, LARGE = 7.5, 8, 11  # points
NAME_CHARACTERS = 88
LANGUAGES = 6

CONTENTS = {
    "digits": "digits",
    "addresses": "URL or mail address",
    "markup": "markup or placeholder",
    "broken-characters": "broken characters",
    "no-letters": "no letters",
}
SENTENCE_ENDS = ("full-stop", "question-mark", "exclamation-mark")
PAIR_CONTENTS = {"duplicates": "pairs: duplicates", "identical": "pairs: identical sides", "different-digits": "pairs: different digits"}

Analysis = Mapping[str, Any]
Drawing = Callable[[Analysis], "Figure"]


def write_charts(folder: Path, analysis: Analysis, scratch: Path) -> None:
    """Writes the charts of an analysis into the folder; `scratch` is for matplotlib's own files."""
    with drawing(scratch):
        for name, draw in charts_of(analysis).items():
            write_text(folder / name, svg(draw(analysis)))


def charts_of(analysis: Analysis) -> dict[str, Drawing]:
    charts: dict[str, Drawing] = {"lengths.svg": draw_lengths, "languages.svg": draw_languages, "overview.svg": draw_overview}
    if "pairs" in analysis:
        charts["ratios.svg"] = draw_ratios
    return charts


@contextmanager
def drawing(scratch: Path) -> Iterator[None]:
    """Lets matplotlib draw in our style, whatever the machine has set, and keep its cache of fonts in `scratch`, not at home."""
    before = os.environ.get("MPLCONFIGDIR")
    os.environ["MPLCONFIGDIR"] = str(scratch)
    try:
        import matplotlib

        logging.getLogger("matplotlib").setLevel(logging.WARNING)
        with matplotlib.rc_context(), warnings.catch_warnings():
            # It measures text with its own font, for which it need not have every letter. What shows the chart has other fonts.
            warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(STYLE)
            yield
    finally:
        if before is None:
            del os.environ["MPLCONFIGDIR"]
        else:
            os.environ["MPLCONFIGDIR"] = before


def svg(figure: "Figure") -> str:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    content = io.StringIO()
    FigureCanvasSVG(figure).print_svg(content, metadata=METADATA)
    return content.getvalue()


def figure_of(analysis: Analysis, title: str, heights: Sequence[float], left: float = LEFT) -> tuple["Figure", list["Axes"]]:
    """A figure with panels of these heights (inches) below each other, titled with what it shows and of which dataset."""
    from matplotlib.figure import Figure

    height = TOP + sum(heights) + BETWEEN * (len(heights) - 1) + BOTTOM
    figure = Figure(figsize=(WIDTH, height))
    panels = []
    top = height - TOP
    for panel in heights:
        panels.append(figure.add_axes((left / WIDTH, (top - panel) / height, (WIDTH - left - RIGHT) / WIDTH, panel / height)))
        top -= panel + BETWEEN
    figure.text(0.12 / WIDTH, 1 - 0.22 / height, title, fontsize=LARGE, fontweight="bold", va="center")
    figure.text(0.12 / WIDTH, 1 - 0.43 / height, subtitle(analysis), fontsize=MEDIUM, color=AXIS, va="center")
    return figure, panels


def subtitle(analysis: Analysis) -> str:
    name = analysis["dataset"]
    name = name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1]}…"
    languages = "-".join(side["language"] for side in analysis["sides"])
    return f"{name}, {languages}, {counted(analysis['lines'], 'pair' if 'pairs' in analysis else 'line')}"


def side_names(analysis: Analysis) -> list[str]:
    languages = [side["language"] for side in analysis["sides"]]
    return [f"source: {languages[0]}", f"target: {languages[1]}"] if "pairs" in analysis else languages


def counted(number: int, unit: str) -> str:
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def percent_label(part: int, whole: int) -> str:
    """As precise as it is worth: 34, 3.4, 0.34, 0.03, <0.01 for what is rarer than that and yet there is, and 0 for what there is not."""
    value = percent(part, whole)
    if 0 < value < 0.01:
        return "<0.01"
    return f"{value:.{2 if value < 0.995 else 1 if value < 9.95 else 0}f}" if part else "0"


def draw_lengths(analysis: Analysis) -> "Figure":
    sides = analysis["sides"]
    figure, panels = figure_of(analysis, "Line lengths", [PANEL] * len(sides))
    for panel, side, name, colour in zip(panels, sides, side_names(analysis), SIDES, strict=False):
        panel.set_title(name)
        draw_histogram(panel, side["lengths"]["histogram"], colour, f"{side['lengths']['unit']} per line", "lines (%)")
    return figure


def draw_ratios(analysis: Analysis) -> "Figure":
    figure, [panel] = figure_of(analysis, "Length ratios", [PANEL])
    panel.set_title("target characters for each source character, weighed by how much a character of the script says")
    draw_histogram(panel, analysis["pairs"]["ratios"], PAIRS, "ratio", "pairs (%)")
    return figure


def draw_histogram(panel: "Axes", histogram: Sequence[Mapping[str, Any]], colour: str, what: str, share: str) -> None:
    """Bars of one width for bins of several: marked is where a bin begins."""
    counts = [one["lines"] for one in histogram]
    total = sum(counts)
    shares = [percent(count, total) for count in counts]
    panel.bar(range(len(counts)), shares, width=0.92, align="edge", color=colour)
    for number, count in enumerate(counts):
        if count:
            write_number(panel, percent_label(count, total), (number + 0.46, shares[number]), (0, 2), ha="center")
    panel.set_xlim(-0.1, len(counts))
    panel.set_xticks(range(len(counts)), [f"{one['from']:g}" for one in histogram], fontsize=MEDIUM)
    panel.set_ylim(0, max(shares) * 1.15 or 100)
    panel.set_xlabel(f"{what} (each bar: from its mark to below the next)")
    panel.set_ylabel(share)
    panel.grid(axis="y")
    say_if_empty(panel, total)


def write_number(panel: "Axes", number: str, place: tuple[float, float], points_off: tuple[float, float], **alignment: Any) -> None:
    panel.annotate(number, place, points_off, textcoords="offset points", fontsize=SMALL, **alignment)


def say_if_empty(panel: "Axes", total: int) -> None:
    if total == 0:
        panel.text(0.5, 0.5, "nothing to count", transform=panel.transAxes, ha="center", va="center", color=AXIS)


def draw_languages(analysis: Analysis) -> "Figure":
    sides = analysis["sides"]
    rows = [language_rows(side["identified"]) for side in sides]
    figure, panels = figure_of(analysis, "Languages", [BAR * len(bars) for bars in rows], left=1.3)
    for panel, side, name, bars, colour in zip(panels, sides, side_names(analysis), rows, SIDES, strict=False):
        identified = side["identified"]
        total = identified["lines"]
        panel.set_title(name)
        colours = [colour if language == identified["expected"] else OTHERS for language in bars]
        draw_bars(panel, {language: [(bars[language], total, colour)] for language, colour in zip(bars, colours, strict=True)})
        panel.set_xlabel(f"lines (%) of a sample of {total:,}; the expected language, {identified['expected']}, in colour")
        say_if_empty(panel, total)
    return figure


def language_rows(identified: Mapping[str, Any]) -> dict[str, int]:
    """The lines by language: the expected one and the most frequent others, and below them the rest."""
    found = [(one["language"], one["lines"]) for one in identified["languages"]]
    ordered = sorted(found, key=lambda row: row[0] != identified["expected"])
    rest = sum(lines for _, lines in ordered[LANGUAGES:]) + identified["others"]
    return {**dict(ordered[:LANGUAGES]), "other languages": rest, "unsure": identified["unsure"]}


def draw_bars(panel: "Axes", rows: Mapping[str, Sequence[tuple[int, int, str]]]) -> None:
    """A group of horizontal bars for each row, from top to bottom: (part, whole, colour)."""
    width = 0.8 / max(len(bars) for bars in rows.values())
    for number, bars in enumerate(rows.values()):
        for place, (part, whole, colour) in enumerate(bars):
            middle = number + (place - (len(bars) - 1) / 2) * width
            panel.barh(middle, percent(part, whole), height=width * 0.92, color=colour)
            write_number(panel, percent_label(part, whole), (percent(part, whole), middle), (3, 0), va="center")
    panel.set_ylim(len(rows) - 0.5, -0.5)
    panel.set_yticks(range(len(rows)), list(rows))
    panel.tick_params(axis="y", length=0)
    panel.set_xlim(0, 106)  # room for the number beside a bar of 100%
    panel.set_xticks(range(0, 101, 20))
    panel.grid(axis="x")


def draw_overview(analysis: Analysis) -> "Figure":
    lines, sides, pairs = analysis["lines"], analysis["sides"], analysis.get("pairs")
    rows = {
        "empty": [(side["empty"], lines) for side in sides],
        "duplicates": [(side["duplicates"], lines) for side in sides],
        "end of a sentence": [(sum(side["ends"][end] for end in SENTENCE_ENDS), lines) for side in sides],
        **{what: [(side["contents"][key], lines) for side in sides] for key, what in CONTENTS.items()},
        "other scripts (% of letters)": [other_scripts(side["letters"]) for side in sides],
    }
    bars = {name: [(*share, colour) for share, colour in zip(shares, SIDES, strict=False)] for name, shares in rows.items()}
    if pairs:
        bars |= {name: [(pairs[key], lines, PAIRS)] for key, name in PAIR_CONTENTS.items()}
    figure, [panel] = figure_of(analysis, "Contents", [BAR * (0.6 + 0.6 * len(sides)) * len(bars)], left=1.95)
    draw_bars(panel, bars)
    panel.set_xlabel("share of the lines, or of the pairs (%)" if pairs else "share of the lines (%)")
    if pairs:
        draw_legend(panel, dict(zip([*side_names(analysis), "pairs"], [*SIDES, PAIRS], strict=True)))
    return figure


def draw_legend(panel: "Axes", colours: Mapping[str, str]) -> None:
    """Names the colours, in a row above the panel."""
    from matplotlib.patches import Patch

    patches = [Patch(color=colour, label=name) for name, colour in colours.items()]
    legend = panel.legend(handles=patches, ncols=len(patches), loc="lower left", bbox_to_anchor=(0, 1), handlelength=1, handleheight=1)
    legend.set_frame_on(False)


def other_scripts(letters: Mapping[str, Any]) -> tuple[int, int]:
    """(letters of other scripts, letters)"""
    return sum(one["letters"] for one in letters["other-scripts"]), letters["number"]
