"""A picture of a dataset's statistics: intents, slots and lengths, as a PNG."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jointbert.data.stats import Statistics
from jointbert.data.words import is_unspaced
from jointbert.errors import DataError
from jointbert.visible import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "Droid Sans Fallback",
)
_BARS = 40
_logger = logging.getLogger("jointbert.data")


def draw(statistics: Statistics, path: Path | str) -> None:
    """Write a picture of statistics: a bar for each intent and slot (the commonest 40) and the lengths' histogram.

    Raises:
        DataError: The file cannot be written, or its suffix is of no kind of picture.
    """
    import matplotlib
    from matplotlib.figure import Figure

    slots = {name: slot.spans for name, slot in statistics.slots.items()}
    bars = [("intents", "utterances", statistics.intents), ("slots", "spans", slots)]
    bars = [panel for panel in bars if panel[2]]  # data without slots has no empty picture of them
    with matplotlib.rc_context({"font.family": _fonts([*statistics.intents, *slots]), "text.parse_math": False}):
        tallest = max(len(statistics.intents), len(slots), 6)
        size = (5 + 5 * len(bars), 1.5 + 0.28 * min(tallest, _BARS))
        figure = Figure(figsize=size, layout="constrained")
        *panels, last = figure.subplots(1, len(bars) + 1, squeeze=False)[0]
        for axes, (title, unit, counts) in zip(panels, bars, strict=True):
            _bars(axes, title, unit, counts)
        _lengths(last, statistics.lengths_in_words)
        _save(figure.savefig, path)


def _save(save: object, path: Path | str) -> None:
    try:
        with warnings.catch_warnings(record=True) as caught:  # one for each character that no font has
            warnings.simplefilter("always")
            save(path, dpi=120)  # type: ignore[operator]
        missing = {str(warning.message).split(" missing")[0] for warning in caught if "Glyph" in str(warning.message)}
        if missing:
            _logger.warning("picture: %d characters of the labels are in no installed font: boxes", len(missing))
    except (OSError, ValueError) as error:
        raise DataError(str(path), f"cannot be drawn ({error})", "a path for a .png", "Choose another path.") from error


def _bars(axes: Axes, title: str, unit: str, counts: Mapping[str, int]) -> None:
    """Horizontal bars, the commonest on top."""
    shown = list(counts.items())[:_BARS]
    rest = len(counts) - len(shown)
    axes.set_title(f"{len(counts)} {title}" + (f", the commonest {_BARS}" if rest else ""))
    axes.barh(range(len(shown)), [count for _, count in shown], color="#33658a")
    axes.set_yticks(range(len(shown)), [visible(name) for name, _ in shown])
    axes.invert_yaxis()
    axes.set_xlabel(unit)


def _lengths(axes: Axes, lengths: tuple[int, ...]) -> None:
    longest = max(lengths, default=1)
    axes.hist(lengths, bins=min(longest, 40), color="#86bbd8")
    axes.set_title("length")
    axes.set_xlabel("words")
    axes.set_ylabel("utterances")


def _fonts(labels: list[str]) -> list[str]:
    """The font families for some labels; a warning where Chinese or Japanese ones would be boxes."""
    families = ["DejaVu Sans"]
    if not any(is_unspaced(label) for label in labels):
        return families
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    chosen = next((name for name in _CJK_FONTS if name in installed), None)
    if chosen is None:
        _logger.warning(
            "picture: no font for Chinese labels is installed; they are drawn as boxes. "
            "Install one, for example the package fonts-noto-cjk."
        )
        return families
    return [chosen, *families]
