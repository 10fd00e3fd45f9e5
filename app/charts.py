"""Charts whose words are shown as typed: plotly reads labels as a kind of HTML, so every name is escaped first."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"  # told apart by colour-blind readers as well
BLUES = [[0.0, "rgba(0,114,178,0.04)"], [0.02, "#D6E8F3"], [1.0, BLUE]]
REDS = [[0.0, "rgba(213,94,0,0.02)"], [0.02, "#FBE3D3"], [1.0, ORANGE]]
CONFIG = {"displayModeBar": False, "scrollZoom": False}
ROW = 26
MOST_NAME = 26
CURVES = {
    "eval_intent_accuracy": ("intent right", BLUE),
    "eval_slot_f1": ("slots (F1)", GREEN),
    "eval_sentence_accuracy": ("whole utterance right", ORANGE),
}


def plain(name: str, most: int = MOST_NAME) -> str:
    """A name for a chart: shortened, and escaped so that plotly shows it as typed.

    Example:
        >>> plain("<b>R&D</b>")
        '&lt;b&gt;R&amp;D&lt;/b&gt;'
    """
    shown = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name)
    return html.escape(shown if len(shown) <= most else f"{shown[: most - 1]}…", quote=False)


def _ticks(names: Sequence[str]) -> dict[str, Any]:
    """An axis that counts rows and names them: two names that look alike when shortened stay two rows."""
    return {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": [plain(name) for name in names]}


def _frame(figure: go.Figure, rows: int, **layout: Any) -> go.Figure:
    figure.update_layout(
        height=max(160, 70 + ROW * rows),
        margin={"l": 8, "r": 16, "t": 36 if layout.get("title") else 12, "b": 40},
        **layout,
    )
    figure.update_xaxes(automargin=True, fixedrange=True)
    figure.update_yaxes(automargin=True, fixedrange=True)
    return figure


def _whole(numbers: Iterable[int]) -> dict[str, Any]:
    """An axis of counts that does not tell halves."""
    return {"dtick": 1} if max(numbers, default=0) < 6 else {}


def bars(counts: Sequence[tuple[str, int]], unit: str, colours: Mapping[str, str] | None = None) -> go.Figure:
    """Horizontal bars, the first on top.

    Args:
        counts: Name and number, in the order to show.
        unit: What is counted, for the axis.
        colours: Name -> colour of its bar; blue where there is none.
    """
    names = [name for name, _ in counts]
    figure = go.Figure(
        go.Bar(
            x=[number for _, number in counts],
            y=list(range(len(counts))),
            orientation="h",
            text=[f"{number:,}" for _, number in counts],
            textposition="outside",
            cliponaxis=False,
            marker_color=[(colours or {}).get(name, BLUE) for name in names],
            hovertext=[plain(name, 200) for name in names],
            hovertemplate="%{hovertext}: %{x:,}<extra></extra>",
        )
    )
    figure.update_xaxes(title=unit, rangemode="tozero", **_whole(number for _, number in counts))
    figure.update_yaxes(autorange="reversed", **_ticks(names))
    return _frame(figure, len(counts))


def histogram(lengths: Sequence[int], title: str, unit: str) -> go.Figure:
    """How many utterances have which length; counted here, so that 50,000 lengths do not travel to the browser."""
    counted = Counter(lengths)
    width = max(1, -(-(max(counted, default=0) + 1) // 40))
    boxes: Counter[int] = Counter()
    for length, number in counted.items():
        boxes[length // width] += number
    starts = sorted(boxes)
    ends = [start * width + width - 1 for start in starts]
    told = [f"{start * width}–{end}" if width > 1 else str(end) for start, end in zip(starts, ends, strict=True)]
    figure = go.Figure(
        go.Bar(
            x=[start * width + (width - 1) / 2 for start in starts],
            y=[boxes[start] for start in starts],
            width=width * 0.95,
            hovertext=told,
            hovertemplate=f"%{{hovertext}} {unit}: %{{y:,}} utterances<extra></extra>",
            marker_color=BLUE,
        )
    )
    figure.update_xaxes(title=unit, range=[-0.5, (starts[-1] + 1) * width + 0.5] if starts else None)
    figure.update_yaxes(title="utterances", **_whole(boxes.values()))
    return _frame(figure, 8, title=title)


def rate_bars(rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str] | None = None) -> go.Figure:
    """F1 of each label as horizontal bars from 0 to 100, with what it is made of on hover.

    Args:
        rows: Mappings with ``name``, ``support``, ``precision``, ``recall`` and ``f1`` (0..1).
        colours: Name -> colour of its bar.
    """
    names = [row["name"] for row in rows]
    figure = go.Figure(
        go.Bar(
            x=[100 * row["f1"] for row in rows],
            y=list(range(len(rows))),
            orientation="h",
            text=[f"{100 * row['f1']:.0f}" for row in rows],
            textposition="outside",
            cliponaxis=False,
            marker_color=[(colours or {}).get(name, BLUE) for name in names],
            customdata=[
                [plain(row["name"], 200), 100 * row["precision"], 100 * row["recall"], row["support"]] for row in rows
            ],
            hovertemplate="%{customdata[0]}<br>F1 %{x:.1f}<br>of its predictions %{customdata[1]:.0f} % are right"
            "<br>%{customdata[2]:.0f} % of %{customdata[3]} were found<extra></extra>",
        )
    )
    figure.update_xaxes(title="F1 (0 to 100, higher is better)", range=[0, 108])
    figure.update_yaxes(autorange="reversed", **_ticks(names))
    return _frame(figure, len(rows))


def heat_map(names: Sequence[str], counts: Sequence[Sequence[int]]) -> go.Figure:
    """A confusion matrix: a row for what is right, a column for what the model said; right in blue, wrong in orange."""
    size = range(len(names))
    right = [[counts[row][column] if row == column else None for column in size] for row in size]
    wrong = [[counts[row][column] if row != column else None for column in size] for row in size]
    hover = [[f"{plain(names[row], 200)} → {plain(names[column], 200)}" for column in size] for row in size]
    figure = go.Figure()
    for cells, scale in ((right, BLUES), (wrong, REDS)):
        figure.add_heatmap(
            z=cells,
            x=list(size),
            y=list(size),
            text=[[f"{cell:,}" if cell else "" for cell in row] for row in cells],
            texttemplate="%{text}",
            customdata=hover,
            hovertemplate="%{customdata}: %{z}<extra></extra>",
            hoverongaps=False,
            colorscale=scale,
            zmin=0,
            zmax=max((cell for row in cells for cell in row if cell), default=1),
            showscale=False,
            xgap=1,
            ygap=1,
        )
    figure.update_xaxes(
        title="the model said", side="bottom", tickangle=-40, showgrid=False, zeroline=False, **_ticks(names)
    )
    figure.update_yaxes(title="the label says", autorange="reversed", showgrid=False, zeroline=False, **_ticks(names))
    return _frame(figure, len(names) + 5)


def loss_curve(curve: Sequence[Mapping[str, Any]]) -> go.Figure:
    """The training loss at each step that told one: how wrong the model still is on what it learns from."""
    rows = [row for row in curve if "step" in row and row.get("loss") is not None]
    figure = go.Figure(
        go.Scatter(
            x=[row["epoch"] for row in rows],
            y=[row["loss"] for row in rows],
            mode="lines+markers",
            line_color=BLUE,
            hovertemplate="round %{x:.1f}: %{y:.3f}<extra></extra>",
        )
    )
    figure.update_xaxes(title="round", rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    return _frame(figure, 7, title="How wrong it still is (goes down)")


def score_curve(curve: Sequence[Mapping[str, Any]]) -> go.Figure:
    """The scores on the utterances that were held back, after each epoch."""
    figure = go.Figure()
    for key, (name, colour) in CURVES.items():
        rows = [row for row in curve if row.get(key) is not None]
        if rows:
            figure.add_scatter(
                x=[row["epoch"] for row in rows],
                y=[100 * row[key] for row in rows],
                name=name,
                mode="lines+markers",
                line_color=colour,
                hovertemplate=f"{name}: %{{y:.1f}} %<extra></extra>",
            )
    figure.update_xaxes(title="round", rangemode="tozero")
    figure.update_yaxes(range=[0, 102])
    return _frame(
        figure, 7, title="How well it does (goes up)", legend={"orientation": "h", "y": -0.45}, showlegend=True
    )
