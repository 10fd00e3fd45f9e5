"""One progress bar for a whole search: trials, the one at work, and the best so far."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining

from jointbert.evaluation.render import percent
from jointbert.tuning.trial import Trial


class TrialBar:
    """Shows how far a search is. On a terminal it is one moving line, elsewhere it keeps silent.

    Args:
        trials: How many are wanted in all.
        done: How many there are already.
        console: Where to show it; standard error when not given.
    """

    def __init__(self, trials: int, done: int, console: Console | None = None) -> None:
        self._progress = Progress(
            TextColumn("trials"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}", markup=False),
            TimeElapsedColumn(),
            Remaining(),
            console=console or Console(stderr=True),
            transient=True,
            redirect_stdout=False,
        )
        self._task = self._progress.add_task("trials", total=trials, completed=done, state="")
        self._best = ""

    def __enter__(self) -> TrialBar:
        if self._progress.console.is_interactive:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._progress.live.is_started:  # rich ends a bar that never began with an empty line
            self._progress.stop()

    def hear(self, number: int, epoch: int, epochs: int, score: float) -> None:
        """Show an epoch of the trial at work."""
        self._say(f"trial {number}: dev {percent(score)} (epoch {epoch}/{epochs})")

    def end(self, done: int, best: Trial) -> None:
        """Show how many trials have ended, and the score of the best of them."""
        self._best = f"best {percent(best.score)}"
        self._progress.update(self._task, completed=done)
        self._say("")

    def _say(self, what: str) -> None:
        self._progress.update(self._task, state="; ".join(filter(None, (what, self._best))))
