"""The lists behind a demo corpus's slots, for ``data.values``: what a product would have as its catalogue.

``python datasets/generate.py`` writes them to values.yaml, for the slots that grammar/settings.yaml names under
``catalogue``. Only values that stand in a list as they are count; those held out for dev are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import yaml
from grammar import Choice, Grammar, Maybe, Node, Reference, Sequence, Text, references
from noise import tidy

Chosen = Callable[[str], tuple[Sequence, ...]]
"""A list's name → those of its entries that train may use."""


def value_lists(grammar: Grammar, slots: Collection[str], chosen: Chosen, *, drop_spaces: bool) -> dict[str, list[str]]:
    """Slot → the values of its lists, sorted, each once.

    Args:
        grammar: The grammar.
        slots: Which slots.
        chosen: What train may use.
        drop_spaces: As in ``noise.tidy``.
    """
    trees = [tree for trees in (*grammar.intents.values(), *grammar.values.values()) for tree in trees]
    lists = {(found.slot, found.list) for tree in trees for found in references(tree) if found.slot in slots}
    values: dict[str, set[str]] = {}
    for slot, name in lists:
        plain = (tidy([(text, slot)], drop_spaces=drop_spaces)[0][0] for text in _plain(name, chosen))
        values.setdefault(slot, set()).update(plain)
    return {slot: sorted(found) for slot, found in sorted(values.items()) if found}


def _plain(name: str, chosen: Chosen) -> Iterator[str]:
    for entry in chosen(name):
        yield from _texts(entry, chosen)


def _texts(node: Node, chosen: Chosen) -> Iterator[str]:
    """What a tree stands for, if it puts nothing together."""
    match node:
        case Text(text):
            yield text
        case Reference(_, name):
            yield from _plain(name, chosen)
        case Sequence((part,)):
            yield from _texts(part, chosen)
        case Choice(options):
            for option in options:
                yield from _texts(option, chosen)
        case Sequence() | Maybe():
            return


def to_yaml(values: dict[str, list[str]], seed: int) -> str:
    """The file's text."""
    head = f"# Written by datasets/generate.py --seed {seed} from grammar/; for data.values of a training config.\n"
    return head + yaml.safe_dump(values, allow_unicode=True, width=1000)
