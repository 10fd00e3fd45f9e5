"""The whole way: a model, labelled utterances and what the model was trained on, into a folder with the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jointbert.checkpoint.engine_names import EngineName
from jointbert.config import load_config
from jointbert.data import read
from jointbert.errors import ConfigError, DataError
from jointbert.evaluation.picture import confusion_picture
from jointbert.evaluation.reliability_view import reliability_picture
from jointbert.evaluation.scope import part
from jointbert.inference.nlu import NLU
from jointbert.report.build import build_findings
from jointbert.report.findings import Findings, Subject
from jointbert.report.html import to_html
from jointbert.report.markdown import to_markdown
from jointbert.report.pictures import slots_picture
from jointbert.utterance import Parse, Utterance

CONFIG = "training.yaml"
PAGE, TEXT = "report.html", "report.md"
CONFUSIONS, SLOTS, RELIABILITY = "confusions.png", "slots.png", "reliability.png"


def report(
    model: Path | str,
    data: Path | str,
    output: Path | str,
    *,
    train: Path | str | None = None,
    engine: EngineName = "auto",
) -> list[Path]:
    """Write the report on a model and give the files, the page first.

    Args:
        model: A model folder.
        data: Labelled utterances that the model was not trained on: a file or folder of any known format. Those that
            are marked as out of the model's scope are left out.
        output: The folder to write to; it is made where it is missing, and files of an older report are replaced.
        train: What the model was trained on; None looks it up in the model's ``training.yaml``. Where it is not
            found, the report says so and leaves out what needs it.
        engine: What computes the parses.

    Raises:
        ModelError: The model cannot be loaded.
        DataError: The data cannot be read, is empty, or the output cannot be written.
    """
    where, trained, why = _training(Path(model), train)
    nlu = NLU.load(model, engine)
    gold, _ = part(read(data), None if nlu.scope is None else nlu.scope.unjudged)
    texts = [utterance.text for utterance in gold]
    parses = nlu.parse_many(texts)
    raw = nlu.uncalibrated().parse_many(texts) if nlu.calibrated else None
    count = None if trained is None else len(trained)
    subject = Subject(str(model), str(data), nlu.version, nlu.engine, where, count, why)
    findings = build_findings(subject, gold, parses, trained, raw)
    return write_report(findings, gold, parses, Path(output))


def _training(model: Path, train: Path | str | None) -> tuple[str | None, list[Utterance] | None, str | None]:
    """Where the training utterances are, the utterances, and why there are none."""
    if train is not None:
        return str(train), read(train), None
    path = model / CONFIG
    try:
        named = load_config(path).data
    except ConfigError as error:
        missing = f"{path} is missing" if not path.is_file() else error.what.splitlines()[0]
        return None, None, f"{missing}; name it with --train"
    if not Path(named.train).exists():
        return None, None, f"{path} names {named.train}, which is not here; name it with --train"
    return named.train, read(named.train, named.format), None


def write_report(findings: Findings, gold: Sequence[Utterance], parses: Sequence[Parse], folder: Path) -> list[Path]:
    """Write findings as a page, as Markdown and as pictures, and give the files.

    Args:
        findings: What to say.
        gold: The utterances that the findings are about.
        parses: Their parses, in the same order.
        folder: Where to write; it is made where it is missing.

    Raises:
        DataError: A file cannot be written.
    """
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        pictures = _draw(findings, gold, parses, folder)
        page, text = folder / PAGE, folder / TEXT
        page.write_text(to_html(findings), encoding="utf-8")
        text.write_text(to_markdown(findings, [picture.name for picture in pictures]), encoding="utf-8")
    return [page, text, *pictures]


def _draw(findings: Findings, gold: Sequence[Utterance], parses: Sequence[Parse], folder: Path) -> list[Path]:
    """The pictures for which there is something to draw; an older one that is not drawn anew goes."""
    for name in (CONFUSIONS, SLOTS, RELIABILITY):
        (folder / name).unlink(missing_ok=True)
    drawn = []
    if findings.matrix is not None or findings.slots:
        drawn.append(folder / CONFUSIONS)
        confusion_picture(gold, parses, drawn[-1])
    if any(row.gold for row in findings.slots):
        drawn.append(folder / SLOTS)
        slots_picture(findings.slots, drawn[-1])
    if findings.held:
        drawn.append(folder / RELIABILITY)
        reliability_picture(findings.held, drawn[-1])
    return drawn


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn the system's refusal to write into the user's mistake."""
    try:
        yield
    except OSError as error:
        where = str(error.filename or folder)
        raise DataError(
            where, f"cannot be written ({error.strerror})", "a folder to write to", "Choose another with --output."
        ) from error
