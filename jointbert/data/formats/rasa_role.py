"""Rasa's two names for one slot: the slot ``city.from`` is Rasa's entity ``city`` in the role ``from``."""

from __future__ import annotations


def join_role(entity: str, role: str | None) -> str:
    """The slot's name for an entity and its role, None or empty where it has none.

    Example:
        >>> join_role("city", "from"), join_role("city", None)
        ('city.from', 'city')
    """
    return f"{entity}.{role}" if role else entity


def split_role(slot: str) -> tuple[str, str | None]:
    """The entity and its role, None where it has none, for a slot's name: it is split at its last dot.

    Example:
        >>> split_role("city.from"), split_role("city"), split_role(".city")
        (('city', 'from'), ('city', None), ('.city', None))
    """
    entity, _, role = slot.rpartition(".")
    return (entity, role) if entity and role else (slot, None)
