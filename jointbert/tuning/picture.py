"""A search as a picture: what each trial scored, and which keys made the difference."""

from __future__ import annotations

import warnings
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from jointbert.evaluation.picture import label_of, picture_fonts
from jointbert.tuning.result import Tuned

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from optuna import Study

ENOUGH = 8
"""With fewer complete trials than this nothing is said of what made the difference."""


def importances(study: Study) -> dict[str, float]:
    """Each key's share (0..1) in what makes a trial good, largest first; empty where too few trials tell.

    Source:
        PED-ANOVA: Watanabe, Bansal and Hutter 2023, arXiv:2304.10255, as Optuna computes it.
    """
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
    from optuna.trial import TrialState

    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(complete) < ENOUGH or len({trial.value for trial in complete}) == 1:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
        except (RuntimeError, ValueError):  # Optuna's own words for: these trials do not tell
            return {}
    return found if sum(found.values()) > 0 else {}


def draw_tuning(tuned: Tuned, path: Path) -> None:
    """Draw the scores of the trials, the best so far, and what made the difference, as a PNG.

    Args:
        tuned: What a search found.
        path: The file to write.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"text.usetex": False, "font.family": picture_fonts()}):
        figure = Figure(figsize=(11 if tuned.importances else 6.5, 4.2), layout="constrained")
        axes = figure.subplots(1, 2 if tuned.importances else 1, squeeze=False)[0]
        _draw_trials(axes[0], tuned)
        if tuned.importances:
            _draw_importances(axes[1], tuned)
        FigureCanvasAgg(figure)  # the figure draws itself with it
        figure.savefig(path, format="png", dpi=110)


def _draw_trials(axes: Axes, tuned: Tuned) -> None:
    """A mark for each trial with a score, and a line for the best so far."""
    from matplotlib.ticker import MaxNLocator

    marks = {"complete": ("o", "C0"), "pruned": ("x", "C7")}
    for state, (mark, colour) in marks.items():
        found = [trial for trial in tuned.done if trial.state == state and trial.score is not None]
        scores = [100 * (trial.score or 0.0) for trial in found]
        if found:
            label = f"{state} ({len(found)})"
            axes.scatter([trial.number for trial in found], scores, marker=mark, color=colour, label=label)
    numbers, best = [trial.number for trial in tuned.done], _best_so_far(tuned)
    axes.step(numbers, best, where="post", color="C1", label="best so far")
    axes.axhline(100 * (tuned.start.score or 0.0), linestyle=":", color="C0", label="the config itself")
    axes.set(title="dev sentence accuracy by trial", xlabel="trial", ylabel="%")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="best", fontsize=8)


def _best_so_far(tuned: Tuned) -> list[float]:
    """For each trial that counts, the best score in percent of the complete ones up to it."""
    scores = [trial.score or 0.0 if trial.state == "complete" else 0.0 for trial in tuned.done]
    return [100 * best for best in accumulate(scores, max)]


def _draw_importances(axes: Axes, tuned: Tuned) -> None:
    """A bar for each key, the most important on top."""
    shares = sorted(tuned.importances.items(), key=lambda item: item[1])
    axes.barh([label_of(key) for key, _ in shares], [100 * share for _, share in shares], color="C2")
    complete = sum(trial.state == "complete" for trial in tuned.done)
    axes.set(title="what made the difference", xlabel=f"share, % (PED-ANOVA over {complete} complete trials: a hint)")
