"""Labels: the intents and slots that annotators choose from, their names and their colours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from jointbert.errors import StoreError
from jointbert.utterance import Utterance

Kind = Literal["intent", "slot"]
"""What a label names."""
KINDS: tuple[Kind, ...] = ("intent", "slot")
NAME_LENGTH = 200
PALETTE = (
    "#4477aa",
    "#ee6677",
    "#228833",
    "#ccbb44",
    "#66ccee",
    "#aa3377",
    "#0077bb",
    "#ee7733",
    "#009988",
    "#cc3311",
    "#33bbee",
    "#bbbbbb",
)
"""Colours that stay apart for colour-blind eyes. Source: Paul Tol, Colour Schemes, SRON/EPS/TN/09-002, 2021."""
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def check_name(where: str, name: str, *, blanks: bool = True) -> str:
    """The name itself, when it can be one: not blank, no outer blanks, one line, at most 200 characters.

    Args:
        where: What is named, for the message.
        name: The name.
        blanks: Whether blanks inside are allowed.

    Raises:
        StoreError: It cannot be a name.

    Example:
        >>> check_name("intent", "book flight")
        'book flight'
    """
    expected = f"a name of at most {NAME_LENGTH} characters in one line without outer blanks"
    if not isinstance(name, str) or not name or name != name.strip() or len(name) > NAME_LENGTH:
        shown = f"{name[:60]!r}…" if isinstance(name, str) and len(name) > 60 else repr(name)
        raise StoreError(where, f"the name is {shown}", expected, "Choose another name.")
    if len(name.splitlines()) > 1 or (not blanks and any(character.isspace() for character in name)):
        raise StoreError(where, f"the name is {name!r}", expected if blanks else "no white space", "Use _ instead.")
    return name


@dataclass(frozen=True, slots=True)
class Label:
    """An intent or a slot that annotators choose from.

    Args:
        kind: ``"intent"`` or ``"slot"``.
        name: Its name; a slot's holds no white space.
        description: What it is for, in plain words; may be empty.
        examples: Texts (of an intent) or values (of a slot) that show it.
        colour: ``#rrggbb``, lower case.

    Raises:
        StoreError: The kind is unknown, the name cannot be one, or the colour is none.

    Example:
        >>> Label("slot", "city", "where a flight starts or ends", ("Boston",)).colour
        '#4477aa'
    """

    kind: Kind
    name: str
    description: str = ""
    examples: tuple[str, ...] = ()
    colour: str = PALETTE[0]

    def __post_init__(self) -> None:
        check_kind(self.kind)
        check_name(self.kind, self.name, blanks=self.kind == "intent")
        if not _COLOUR.fullmatch(self.colour):
            raise StoreError(
                f"{self.kind} {self.name!r}", f"the colour is {self.colour!r}", "#rrggbb", "For example #4477aa."
            )


def check_kind(kind: str) -> None:
    """Raise StoreError unless the kind of a label is known."""
    if kind not in KINDS:
        raise StoreError("label", f"the kind is {kind!r}", "intent or slot", "Name one of the two.")


@dataclass(frozen=True, slots=True)
class Schema:
    """The labels of a project, in the order in which they are shown.

    Args:
        intents: The intents.
        slots: The slots.

    Raises:
        StoreError: A label stands in the wrong list, or two of one list share a name.
    """

    intents: tuple[Label, ...] = ()
    slots: tuple[Label, ...] = ()

    def __post_init__(self) -> None:
        for kind, labels in (("intent", self.intents), ("slot", self.slots)):
            for label in labels:
                if label.kind != kind:
                    raise StoreError(f"{label.kind} {label.name!r}", f"stands among the {kind}s", None, "Move it.")
            names = [label.name for label in labels]
            for name in names:
                if names.count(name) > 1:
                    raise StoreError(f"{kind} {name!r}", "stands twice in the schema", "each once", "Drop one.")

    @property
    def intent_names(self) -> tuple[str, ...]:
        """The names of the intents."""
        return tuple(label.name for label in self.intents)

    @property
    def slot_names(self) -> tuple[str, ...]:
        """The names of the slots."""
        return tuple(label.name for label in self.slots)

    @classmethod
    def from_utterances(cls, utterances: Iterable[Utterance]) -> Schema:
        """The labels that utterances carry, sorted by name; colours go round the palette.

        Example:
            >>> from jointbert.utterance import Span
            >>> text = "fly to Boston"
            >>> schema = Schema.from_utterances([Utterance(text, "book", (Span.of(text, "city", 7, 13),))])
            >>> schema.intent_names, schema.slot_names
            (('book',), ('city',))
        """
        intents: set[str] = set()
        slots: set[str] = set()
        for utterance in utterances:
            intents.update([utterance.intent] if utterance.intent is not None else [])
            slots |= {span.slot for span in utterance.spans}
        return cls(
            tuple(Label("intent", name, colour=colour_of(n)) for n, name in enumerate(sorted(intents))),
            tuple(Label("slot", name, colour=colour_of(n)) for n, name in enumerate(sorted(slots))),
        )


def colour_of(position: int) -> str:
    """The colour of the label at a position (0-based) among those of its kind.

    Example:
        >>> colour_of(0) == colour_of(len(PALETTE))
        True
    """
    return PALETTE[position % len(PALETTE)]
