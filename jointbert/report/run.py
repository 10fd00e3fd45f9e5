"""The whole way: a model, labelled utterances and what the model was trained on, into a folder with the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jointbert.checkpoint.engine_names import EngineName
from jointbert.data import read
from jointbert.errors import DataError
from jointbert.evaluation.notes import notes_on_labels
from jointbert.evaluation.picture import confusion_picture
from jointbert.evaluation.reliability_view import reliability_picture
from jointbert.inference.nlu import NLU
from jointbert.inference.parted import part_gold, scope_notes, tell_scope
from jointbert.report.build import build_findings
from jointbert.report.findings import Findings, Subject
from jointbert.report.html import to_html
from jointbert.report.markdown import to_markdown
from jointbert.report.pictures import slots_picture
from jointbert.report.setup import Setup, read_lengths
from jointbert.report.trained_on import TrainedOn, find_training
from jointbert.utterance import Parse, Utterance

PAGE, TEXT = "report.html", "report.md"
CONFUSIONS, SLOTS, RELIABILITY = "confusions.png", "slots.png", "reliability.png"


def report(
    model: Path | str,
    data: Path | str,
    output: Path | str,
    *,
    train: Path | str | None = None,
    engine: EngineName = "auto",
    source_format: str | None = None,
    out_of_scope: str | None = None,
    out_of_scope_data: Path | str | None = None,
) -> list[Path]:
    """Write the report on a model and give the files, the page first.

    Args:
        model: A model folder.
        data: Labelled utterances that the model was not trained on: a file or folder of any known format. Those that
            are marked as out of scope are left out of the scores; how well the model tells them has its own section.
        output: The folder to write to; it is made where it is missing, and files of an older report are replaced.
        train: What the model was trained on; None looks it up in the model's ``training.yaml``. Where it is not
            found, the report says so and leaves out what needs it.
        engine: What computes the parses.
        source_format: The format of ``data``; None recognises it.
        out_of_scope: The intent that marks utterances out of scope; None takes the model's own.
        out_of_scope_data: More utterances, all out of scope.

    Raises:
        ModelError: The model cannot be loaded.
        DataError: The data cannot be read, is empty or all out of scope, or the output cannot be written.
    """
    nlu = NLU.load(model, engine)
    gold, beside = read(data, source_format), [] if out_of_scope_data is None else read(out_of_scope_data)
    parted = part_gold(nlu, gold, beside, intent=out_of_scope, where=str(data))
    trained = find_training(Path(model), train, nlu, parted.marker)
    texts = [utterance.text for utterance in parted.judged]
    parses = nlu.parse_many(texts)
    raw = nlu.uncalibrated().parse_many(texts) if nlu.calibrated else None
    told = tell_scope(nlu, parted, parses)
    unknown = notes_on_labels(parted.judged, nlu.labels.intents, nlu.labels.slots)
    findings = build_findings(
        _subject(nlu, model, data, trained),
        parted.judged,
        parses,
        trained.utterances,
        raw,
        setup=Setup(nlu.labels, trained.origin, *_lengths(Path(model), parses)),
        scope=told,
        notes=(*unknown, *scope_notes(parted, told)),
    )
    return write_report(findings, parted.judged, parses, Path(output))


def _lengths(model: Path, parses: Sequence[Parse]) -> tuple[int, int] | tuple[()]:
    """How long an input may be for the model and for its encoder, where some text was too long."""
    return read_lengths(model) if any(parse.truncated_at is not None for parse in parses) else ()


def _subject(nlu: NLU, model: Path | str, data: Path | str, trained: TrainedOn) -> Subject:
    return Subject(
        str(model),
        str(data),
        nlu.version,
        nlu.engine,
        train=trained.where,
        train_utterances=None if trained.utterances is None else len(trained.utterances),
        train_outside=trained.outside,
        why_no_train=trained.why_none,
    )


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
