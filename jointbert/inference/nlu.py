"""NLU: a saved model as a dialogue system uses it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from jointbert.checkpoint.engine_names import EngineName
from jointbert.checkpoint.engines import open_engine
from jointbert.checkpoint.predict import Predictor
from jointbert.codec import Calibration
from jointbert.codec.scope import Scope
from jointbert.inference.asked import check_batch_size, check_many, checked
from jointbert.labels import Labels
from jointbert.utterance import Parse


class NLU:
    """Parses utterances with a trained model. One instance may serve many threads.

    Args:
        predictor: The path from text to parse; :meth:`load` makes it.
        engine: What computes the logits: ``"torch"``, ``"onnx"`` or ``"onnx-int8"``.
        version: Twelve hexadecimal digits that name the saved model; empty for one that was never saved.

    Example:
        nlu = NLU.load("models/demo-en")
        parse = nlu.parse("book a table for two in Rome")
        parse.intent, [(span.slot, span.value) for span in parse.spans]
    """

    def __init__(self, predictor: Predictor, engine: str = "torch", version: str = "") -> None:
        self._predictor = predictor
        self.engine = engine
        self.version = version

    @classmethod
    def load(
        cls,
        folder: Path | str,
        engine: EngineName = "auto",
        threads: int | None = None,
        *,
        calibrated: bool = True,
        scoped: bool = True,
    ) -> NLU:
        """The model in a folder that ``jointbert train`` wrote.

        Args:
            folder: The model folder.
            engine: ``"torch"``; ``"onnx"`` or ``"onnx-int8"`` for what ``jointbert export`` wrote beside it (these
                load no torch); ``"auto"`` for the fastest that is there. All give the same kind of parse.
            threads: How many threads compute one batch with an ONNX engine; None takes one for each core.
            calibrated: Whether confidences go through the calibration that training fitted on dev; False gives the
                network's raw ones. What is predicted is the same.
            scoped: Whether parses say what is in scope, for a model that can tell (docs/out-of-scope.md).

        Raises:
            ModelError: The folder or a file of it is missing, broken, of another model or of a newer version; or the
                graph is older than the [CLS] state that the model's scope asks for; or ``threads`` is below 1.
            MissingExtraError: An ONNX engine was asked for and ONNX Runtime is not installed.
        """
        opened = open_engine(folder, engine, threads, calibrated=calibrated, scoped=scoped)
        return cls(opened.predictor, opened.name, opened.version)

    @property
    def calibrated(self) -> bool:
        """Whether confidences go through a calibration that was fitted on dev."""
        return self._predictor.decoder.calibration != Calibration()

    @property
    def scope(self) -> Scope | None:
        """What tells utterances in scope from others: the scorer, the threshold; None for a model that cannot."""
        return self._predictor.decoder.scope

    def uncalibrated(self) -> NLU:
        """The same model with the network's own confidences; nothing is loaded again, and it predicts the same."""
        predictor = self._predictor
        return NLU(predictor.decoding_with(predictor.decoder.uncalibrated()), self.engine, self.version)

    @property
    def labels(self) -> Labels:
        """The intents and slots that the model knows."""
        return self._predictor.codec.labels

    def parse(self, text: str) -> Parse:
        """What the model understands of one text.

        Args:
            text: Any ``str``: empty, very long, emoji, control characters, lone surrogates. What lies beyond the
                encoder's length is not read, and ``Parse.truncated_at`` says from where on.

        Returns:
            A parse whose offsets count characters of ``text`` as given.

        Raises:
            DataError: ``text`` is no ``str``.
        """
        return self.parse_many([text])[0]

    async def aparse(self, text: str) -> Parse:
        """Like :meth:`parse`, for asyncio: the event loop goes on while a thread of its default pool parses.

        Raises:
            DataError: ``text`` is no ``str``.
        """
        return await asyncio.to_thread(self.parse, text)

    def parse_many(self, texts: Sequence[str], batch_size: int = 32) -> list[Parse]:
        """The parses of many texts, in their order; texts of like length are computed together.

        Args:
            texts: Any number of ``str``; see :meth:`parse`.
            batch_size: How many go through the encoder at once.

        Raises:
            DataError: One of them is no ``str``, or ``texts`` is itself a single one, or ``batch_size`` is no
                whole number from 1 on.
        """
        check_many("parse_many", texts)
        check_batch_size("parse_many", batch_size)
        return self._predictor.parse_many([checked(place, text) for place, text in enumerate(texts)], batch_size)

    def stream(self, texts: Iterable[str], batch_size: int = 32) -> Iterator[Parse]:
        """Parses of an endless or very long source, in order, with flat memory.

        Args:
            texts: An iterable of ``str``, read as it goes; see :meth:`parse`.
            batch_size: How many go through the encoder at once.

        Raises:
            DataError: As in :meth:`parse_many`; a text that is no ``str`` is found when its turn comes.
        """
        check_many("stream", texts)
        check_batch_size("stream", batch_size)
        return self._predictor.stream((checked(place, text) for place, text in enumerate(texts)), batch_size)
