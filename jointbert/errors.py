"""The exception tree. Everything this package raises on purpose is a JointBertError.

    JointBertError
    ├── DataError            a file, an utterance or a label is wrong
    │   ├── AlignmentError   a span does not fit the tokenizer's words
    │   └── DownloadError    a known dataset could not be fetched or verified
    ├── ConfigError          the YAML or a --set is wrong
    ├── ModelError           a model folder, an encoder or its inputs are wrong
    ├── StoreError           the annotation store, or what it was asked to keep, is wrong
    │   └── EditConflictError  somebody else saved in between
    ├── ServerError          a server of ours did not answer, or answered with an error
    └── MissingExtraError    an optional part is not installed

Every message reads: <where>: <what is wrong, with the value>; expected <what>. <the next step>
"""

from __future__ import annotations

from typing import Any


class JointBertError(Exception):
    """An error whose message says where, what, what was expected, and what to do next.

    Args:
        where: The place: ``file:line``, a config key, a folder.
        what: What is wrong, with the offending value.
        expected: What would have been right (goes after "expected").
        next_step: One sentence that tells the user what to do.

    Example:
        >>> print(DataError("seq.out:41", "9 tags for 10 words", "one tag per word",
        ...                 "Look for a doubled space in seq.in line 41."))
        seq.out:41: 9 tags for 10 words; expected one tag per word. Look for a doubled space in seq.in line 41.
    """

    def __init__(
        self,
        where: str,
        what: str,
        expected: str | None = None,
        next_step: str | None = None,
    ) -> None:
        self.where = where
        self.what = what
        self.expected = expected
        self.next_step = next_step
        message = f"{where}: {what}"
        if expected:
            message += f"; expected {expected}"
        message = message.rstrip(".") + "."
        if next_step:
            message += f" {next_step}"
        super().__init__(message)

    def __reduce__(self) -> tuple[type[JointBertError], tuple[str | None, ...]]:
        """Survive the way between processes with the message whole."""
        return type(self), (self.where, self.what, self.expected, self.next_step)


def first_line(error: Exception) -> str:
    """What another library's error says in its first line; its type's name where it says nothing.

    Example:
        >>> first_line(OSError("no such file\\nmany more lines")), first_line(KeyError())
        ('no such file', 'KeyError')
    """
    said = str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__


class DataError(JointBertError):
    """A file, an utterance or a label is wrong."""


class AlignmentError(DataError):
    """A span does not fit the tokenizer's words."""


class DownloadError(DataError):
    """A known dataset could not be fetched or verified; nothing half-written is left."""


class ConfigError(JointBertError):
    """The YAML, or a ``--set`` on the command line, is wrong."""


class ModelError(JointBertError):
    """A model folder, an encoder or its inputs are wrong."""


class StoreError(JointBertError):
    """The annotation store cannot be opened, or cannot keep what it was given."""


class EditConflictError(StoreError):
    """Somebody else saved in between; nothing was overwritten.

    Args:
        where: What was to be saved.
        what: What happened to it.
        expected: What would have been right.
        next_step: One sentence that tells the user what to do.
        theirs: What is saved at present (an Answer, for an answer), or None where nothing is.
    """

    def __init__(
        self,
        where: str,
        what: str,
        expected: str | None = None,
        next_step: str | None = None,
        theirs: object = None,
    ) -> None:
        super().__init__(where, what, expected, next_step)
        self.theirs = theirs

    def __reduce__(self) -> tuple[type[JointBertError], tuple[Any, ...]]:
        """Survive the way between processes with the message and the other's state whole."""
        return type(self), (self.where, self.what, self.expected, self.next_step, self.theirs)


class ServerError(JointBertError):
    """A server did not answer, or answered with an error.

    Args:
        where: The server's address and path.
        what: What happened, in the server's words where it answered.
        expected: What would have been right.
        next_step: One sentence that tells the user what to do.
        status: The HTTP status of the answer; None where there was none.
    """

    def __init__(
        self,
        where: str,
        what: str,
        expected: str | None = None,
        next_step: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(where, what, expected, next_step)
        self.status = status

    def __reduce__(self) -> tuple[type[JointBertError], tuple[Any, ...]]:
        """Survive the way between processes with the message and the status whole."""
        return type(self), (self.where, self.what, self.expected, self.next_step, self.status)


class MissingExtraError(JointBertError):
    """An optional part is not installed; the message carries the command that installs it."""

    def __init__(self, extra: str, needed_for: str) -> None:
        super().__init__(
            needed_for,
            f"the optional part {extra!r} is not installed",
            next_step=f"Install it with: pip install 'jointbert[{extra}]'",
        )
        self.extra = extra

    def __reduce__(self) -> tuple[type[JointBertError], tuple[str | None, ...]]:
        """Survive the way between processes with the message whole."""
        return type(self), (self.extra, self.where)
