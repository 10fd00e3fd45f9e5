"""What single calls of the annotation store take on a big project; a part of benchmarks/app_speed.py."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from big_project import FIRST, SECOND

from jointbert.annotation import ORDERS, Item, Project, Store

TIMES = 15


def timed(call: Callable[[], object], times: int = TIMES) -> dict[str, float]:
    """Medians over some calls after a first one, in milliseconds: ``wall``, and ``cpu`` of this process."""
    walls, computed = [], []
    call()
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        computed.append(1000 * (time.process_time() - cpu))
        walls.append(1000 * (time.perf_counter() - wall))
    return {"wall": round(median(walls), 1), "cpu": round(median(computed), 1)}


def reading(project: Project) -> dict[str, Callable[[], object]]:
    """Name -> a call that reads."""
    some = project.find(limit=1, offset=20_000)[0].id
    intent = project.schema().intent_names[0]
    queues = {f"next, {order}": lambda order=order: project.next(FIRST, order) for order in ORDERS}
    behind = {
        f"next, {order}, behind another": lambda order=order: project.next(FIRST, order, after=some) for order in ORDERS
    }
    return {
        **queues,
        **behind,
        "item": lambda: project.item(some, FIRST),
        "find, first page": lambda: project.find(),
        "find, last page": lambda: project.find(limit=50, offset=49_950),
        "find, words": lambda: project.find(text="tomorrow"),
        "find, untouched": lambda: project.find(status="untouched"),
        "find, intent": lambda: project.find(label=("intent", intent)),
        "count": lambda: project.count(),
        "count, words": lambda: project.count(text="tomorrow"),
        "count, untouched": lambda: project.count(status="untouched"),
        "count, intent": lambda: project.count(label=("intent", intent)),
        "progress, one": lambda: project.progress(FIRST),
        "progress, all": lambda: project.progress(),
        "info": lambda: project.info(),
        "schema": lambda: project.schema(),
        "events": lambda: project.events(),
        "conflicts": lambda: project.conflicts(limit=200),
        "agreement": lambda: project.agreement(),
        "label_errors": lambda: project.label_errors(limit=200),
        "label_counts": lambda: project.label_counts(),
        "lengths": lambda: project.lengths(),
        "labelled": lambda: project.labelled(),
    }


def answering(project: Project) -> Callable[[], object]:
    """A call that accepts the suggestion for the second annotator's next utterance."""
    left: list[Item] = project.find(status="untouched", annotator=SECOND, limit=TIMES + 1)

    def answer() -> None:
        item = left.pop()
        said = item.suggestion
        assert said is not None
        project.answer(item.id, SECOND, "accepted", said.intent, said.spans)

    return answer


def store_times(path: Path) -> dict[str, Any]:
    """Call -> its times in milliseconds; ``sizes`` -> what is in the project."""
    with Store.open(path) as store:
        project = store.project(1)
        info, conflicts = project.info(), project.conflicts(limit=1_000_000)
        sizes = {
            "utterances": info.utterances,
            "answers": sum(project.progress(who).accepted for who in project.annotators()),
            "annotators": len(project.annotators()),
            "conflicts": len(conflicts),
            "intents": len(project.schema().intents),
            "slots": len(project.schema().slots),
            "database_mib": round(path.stat().st_size / 2**20),
        }
        found: dict[str, Any] = {name: timed(call) for name, call in reading(project).items()}
        found["projects"] = timed(store.projects)
        found["answer"] = timed(answering(project))
        return {"sizes": sizes, **found}
