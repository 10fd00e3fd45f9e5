"""Lists of slot values that a user has beside the labelled utterances: titles, places, products."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from jointbert.config.plain_yaml import read_yaml
from jointbert.errors import DataError

log = logging.getLogger("jointbert.training")

ValueLists = dict[str, list[str]]
"""Slot → its values."""


def read_value_lists(path: Path | str, slots: Collection[str]) -> ValueLists:
    """A YAML file of ``slot: [value, value]``. Slots that training does not have are reported and left out.

    Args:
        path: The file, UTF-8.
        slots: Those that the training utterances have.

    Raises:
        DataError: It cannot be read, is no such mapping, or a value is no text of one line.
    """
    where = str(path)
    try:
        content = read_yaml(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        hint = "Look at data.values in the config."
        raise DataError(where, f"cannot be read ({error.strerror})", "a YAML file", hint) from error
    except ValueError as error:  # UnicodeDecodeError is one
        raise DataError(where, f"is not YAML: {error}", "lines of `slot: [value, value]`", "") from error
    if not isinstance(content, dict) or not content:
        what = "is empty" if not content else f"holds a {type(content).__name__}"
        raise DataError(where, what, "lines of `slot: [value, value]`", "datasets/demo-en/values.yaml is one.")
    lists = {str(slot): list(_values(f"{where}: {slot}", given)) for slot, given in content.items()}
    for slot in sorted(lists.keys() - set(slots)):
        near = difflib.get_close_matches(slot, list(slots), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        log.warning("%s: no training utterance has the slot %r, its values are not used%s", where, slot, hint)
    return {slot: values for slot, values in lists.items() if slot in slots}


def _values(where: str, given: Any) -> Iterator[str]:
    if not isinstance(given, list) or not given:
        raise DataError(where, "holds no list of values", "[value, value]", "Write them in brackets.")
    for place, value in enumerate(given, start=1):
        if not isinstance(value, str):
            hint = f'Put it in quotation marks: "{value}"'
            raise DataError(f"{where}, value {place}", f"is {value!r}, a {type(value).__name__}", "text", hint)
        if not value or value != value.strip() or not value.isprintable():
            expected = "text on one line without spaces around it"
            raise DataError(f"{where}, value {place}", f"is {value!r}", expected, "Remove what is around it.")
        yield value
