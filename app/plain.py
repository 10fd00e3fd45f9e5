"""What users wrote and what went wrong, shown as it is: never read as Markdown or HTML, never with a stack trace.

Labels of buttons, radios, tabs, expanders and metrics, and st.error, st.info, st.caption and st.markdown read Markdown:
they carry our own words only. Text of unknown origin goes to :func:`text`, st.code, st.dataframe or st.json.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from jointbert import JointBertError

log = logging.getLogger("jointbert.app")
_SURROGATE = re.compile("[\ud800-\udfff]")


def showable(value: str) -> str:
    """The text with each lone surrogate as one U+FFFD: Streamlit can send none to the browser, and offsets stay true.

    Example:
        >>> showable("a\\ud800b")
        'a\N{REPLACEMENT CHARACTER}b'
    """
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)


def text(value: str) -> None:
    """Shows a text of unknown origin exactly as typed."""
    st.text(showable(value))


def problem(error: JointBertError, title: str = "That did not work.") -> None:
    """Shows what is wrong, in the error's own words, and what to do next.

    Args:
        error: Its words may hold user text; they are shown as they are.
        title: Our own words for what was tried.
    """
    st.error(title, icon=":material/error:")
    st.code(showable(str(error)), language=None, wrap_lines=True)


@contextmanager
def friendly(title: str = "That did not work.") -> Iterator[None]:
    """Turns whatever goes wrong inside into a message on the page.

    A JointBertError is the user's to mend and is shown. Anything else is ours: it is logged, and the page says so.
    Streamlit's own signals for stop and rerun pass through.

    Args:
        title: Our own words for what was tried.
    """
    try:
        yield
    except JointBertError as error:
        problem(error, title)
    except Exception:
        log.exception("a page of the app failed")
        st.error("Something went wrong on our side. Nothing that was saved is lost.", icon=":material/error:")
        st.caption("Reload the page and try again. What happened is written in the log of the app.")
