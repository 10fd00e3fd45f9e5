"""What became of each trial, noted in the study, and a study that was stopped taken up again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jointbert.tuning.trial import State, Trial

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

log = logging.getLogger("jointbert.tuning")

START, RECORD = "start", "record"
"""What is noted on the trial of the config itself, and on every trial that has ended."""


def read_trials(study: Study) -> tuple[Trial, ...]:
    """What became of the trials that have ended, in their order."""
    return tuple(_trial(frozen) for frozen in study.get_trials(deepcopy=False) if frozen.state.is_finished())


def _trial(frozen: FrozenTrial) -> Trial:
    record: dict[str, Any] = frozen.user_attrs.get(RECORD, {"state": "stopped"})
    state: State = record["state"]
    return Trial(
        frozen.number,
        state,
        record.get("score"),
        record.get("settings", {}),
        record.get("epochs", 0),
        record.get("seconds", 0.0),
        bool(frozen.user_attrs.get(START)),
        record.get("error"),
    )


def take_up(study: Study, start: Mapping[str, Any]) -> None:
    """Make a study ready to go on: what a kill cut off is marked as failed and queued again, the start comes first.

    Args:
        study: A new one, or one that was stopped anywhere.
        start: The config's own settings.
    """
    from optuna.trial import TrialState

    for frozen in study.get_trials(states=(TrialState.RUNNING,)):
        if RECORD in frozen.user_attrs:  # it had ended, and only Optuna was not told
            end_trial(study, frozen.number, frozen.user_attrs[RECORD])
            continue
        study.tell(frozen.number, state=TrialState.FAIL)
        if frozen.params.keys() == start.keys() and not frozen.user_attrs.get(START):
            study.enqueue_trial(frozen.params)
        log.warning("trial %d was cut off; it is done again", frozen.number)
    ready = study.get_trials(deepcopy=False, states=(TrialState.WAITING, TrialState.COMPLETE))
    if not any(frozen.user_attrs.get(START) for frozen in ready):
        study.enqueue_trial(dict(start), user_attrs={START: True})


def end_trial(study: Study, number: int, record: Mapping[str, Any]) -> None:
    """Tell Optuna what became of a trial.

    Args:
        study: Where it is.
        number: Its number.
        record: What was noted of it; its ``state`` decides.
    """
    from optuna.trial import TrialState

    if record["state"] == "complete":
        study.tell(number, record["score"])
    else:
        study.tell(number, state=TrialState.PRUNED if record["state"] == "pruned" else TrialState.FAIL)
