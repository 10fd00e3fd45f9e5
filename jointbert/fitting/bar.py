"""One progress bar on stderr, with the newest numbers of a run and the time left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from time import monotonic
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining
from transformers import TrainerCallback, TrainerControl, TrainerState
from transformers import TrainingArguments as Arguments

Shown = dict[str, Callable[[float], str]]
"""What the bar says of a logged number, by the number's name; in this order."""

FINE_TUNING: Shown = {
    "loss": lambda value: f"loss {value:.3f}",
    "eval_sentence_accuracy": lambda value: f"dev sentence {100 * value:.1f}",
}


EVERY = 60.0
"""Seconds between two lines of a run that has no terminal."""


class ProgressBar(TrainerCallback):
    """Shows where a run is. On a terminal it is one moving line; in a log a long one says a line a minute.

    Args:
        console: Where to show it; standard error when not given.
        title: What the run does.
        shown: Which logged numbers it shows, and how.
        clock: Tells the time in seconds.
    """

    def __init__(
        self,
        console: Console | None = None,
        title: str = "training",
        shown: Shown = FINE_TUNING,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._progress = Progress(
            TextColumn(title),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            Remaining(),
            console=console or Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            get_time=clock,
        )
        self._clock = clock
        self._said = 0.0
        self._title = title
        self._shown = shown
        self._task: TaskID | None = None
        self._newest: dict[str, str] = {}

    def on_train_begin(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Open the bar at the step where the run begins or resumes."""
        if not state.is_world_process_zero:
            return
        if self._progress.console.is_interactive:
            self._progress.start()
        self._said = self._clock()
        self._task = self._progress.add_task(self._title, total=state.max_steps, completed=state.global_step, state="")

    def on_step_end(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Move on by one step."""
        self._show(state)

    def on_log(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Take over the newest numbers of training."""
        self._take(kwargs.get("logs") or {})

    def on_evaluate(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Take over the newest dev score."""
        self._take(kwargs.get("metrics") or {})
        self._show(state)

    def on_train_end(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Close the bar."""
        self.close()

    def close(self) -> None:
        """Take the bar off the screen; safe to call twice."""
        if self._progress.live.is_started:  # rich ends a bar that never began with an empty line
            self._progress.stop()

    def _take(self, numbers: Mapping[str, Any]) -> None:
        self._newest |= {key: say(float(numbers[key])) for key, say in self._shown.items() if key in numbers}

    def _show(self, state: TrainerState) -> None:
        if self._task is None:
            return
        said = "  ".join(self._newest[key] for key in self._shown if key in self._newest)
        self._progress.update(self._task, completed=state.global_step, state=said)
        console = self._progress.console
        if not console.is_interactive and self._clock() - self._said >= EVERY:
            self._said = self._clock()
            console.print(self._line(state, said), markup=False, highlight=False, soft_wrap=True)

    def _line(self, state: TrainerState, said: str) -> str:
        """Where the run is, for a log."""
        left = self._progress.tasks[0].time_remaining
        words = [f"{self._title}: step {state.global_step:,} of {state.max_steps:,}", said]
        words.append("" if left is None else f"{timedelta(seconds=round(left))} left")
        return "  ".join(filter(None, words))
