"""What a change would do, asked before it is done."""

from __future__ import annotations

from jointbert.annotation import holders
from jointbert.annotation.events import view
from jointbert.annotation.label import Kind
from jointbert.annotation.project import Project
from jointbert.annotation.undo import latest
from jointbert.annotation.views import Event


def usage(project: Project, kind: Kind, name: str) -> int:
    """How many answers and decisions hold a label, and so would change with it."""
    with project._reading() as session:
        return holders.holders(session, project.id, kind, name)


def undoable(project: Project, who: str) -> Event | None:
    """The event that :meth:`Project.undo` would take back for this person, or None."""
    with project._reading() as session:
        found = latest(session, project.id, who)
        return None if found is None else view(found)
