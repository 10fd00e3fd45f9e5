"""One progress bar on stderr, with the loss, the best dev score and the time left."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining
from transformers import TrainerCallback, TrainerControl, TrainerState
from transformers import TrainingArguments as Arguments


class ProgressBar(TrainerCallback):
    """Shows where a run is. On a terminal it is one moving line, elsewhere it keeps silent.

    Args:
        console: Where to show it; standard error when not given.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            Remaining(),
            console=console or Console(stderr=True),
            transient=True,
            redirect_stdout=False,
        )
        self._task: TaskID | None = None
        self._loss = ""
        self._dev = ""

    def on_train_begin(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Open the bar at the step where the run begins or resumes."""
        if self._progress.console.is_interactive:
            self._progress.start()
        self._task = self._progress.add_task("training", total=state.max_steps, completed=state.global_step, state="")

    def on_step_end(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Move on by one step."""
        self._show(state)

    def on_log(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Take over the newest loss."""
        loss = (kwargs.get("logs") or {}).get("loss")
        self._loss = self._loss if loss is None else f"loss {float(loss):.3f}  "

    def on_evaluate(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Take over the newest dev score."""
        score = (kwargs.get("metrics") or {}).get("eval_sentence_accuracy")
        self._dev = self._dev if score is None else f"dev sentence {100 * float(score):.1f}"
        self._show(state)

    def on_train_end(self, args: Arguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Close the bar."""
        self.close()

    def close(self) -> None:
        """Take the bar off the screen; safe to call twice."""
        if self._progress.live.is_started:  # rich ends a bar that never began with an empty line
            self._progress.stop()

    def _show(self, state: TrainerState) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=state.global_step, state=self._loss + self._dev)
