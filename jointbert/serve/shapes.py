"""The JSON that requests and answers are made of, as pydantic models: what is checked is what OpenAPI shows."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, model_validator

from jointbert.serve.settings import Settings

RANKING = 5
"""How many intents an answer lists where the request does not say."""

ONE = {"text": "fly to Rome at noon"}
MANY = {"texts": ["fly to Rome at noon", "帮我订明天早上七点的票"], "ranking": 1}
PARSE: dict[str, Any] = {
    "text": "fly to Rome at noon",
    "intent": {"name": "travel", "confidence": 0.98},
    "intent_ranking": [{"name": "travel", "confidence": 0.98}, {"name": "bye", "confidence": 0.02}],
    "slots": [{"slot": "city", "value": "Rome", "start": 7, "end": 11, "confidence": 0.97}],
    "truncated_at": None,
    "frame_confidence": 0.9,
    "in_scope": True,
    "scope_score": -231.4,
}


def _without_defaults(schema: dict[str, Any]) -> None:
    """Leave out defaults that only mean "not given", and say that one of the two has to be."""
    for key in ("text", "texts"):
        schema["properties"][key].pop("default", None)
    schema["oneOf"] = [{"required": ["text"]}, {"required": ["texts"]}]


def _whole(number: Any) -> Any:
    """5.0 is 5: JSON has one kind of number."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


class ParseRequest(BaseModel):
    """What to parse: one text or many."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra=_without_defaults)

    text: str = Field("", description="The text to parse; either this or `texts`.")
    texts: list[str] = Field([], description="The texts to parse, computed together; either this or `text`.")
    model: str | None = Field(None, description="The model's name; the server's first model where not given.")
    ranking: Annotated[int, BeforeValidator(_whole)] = Field(
        RANKING, ge=0, le=1000, description="How many intents to list."
    )

    @model_validator(mode="after")
    def _one_of_the_two(self) -> ParseRequest:
        if len(self.model_fields_set & {"text", "texts"}) != 1:
            raise ValueError("has both text and texts" if "text" in self.model_fields_set else "has no text")
        return self

    @property
    def is_many(self) -> bool:
        """Whether the answer is a list."""
        return "texts" in self.model_fields_set

    @property
    def asked(self) -> list[str]:
        """All texts."""
        return self.texts if self.is_many else [self.text]


class RasaRequest(BaseModel):
    """What Rasa sends to a remote NLU; keys that are not known are passed over, for Rasa may add some."""

    model_config = ConfigDict(extra="ignore", strict=True)

    text: str = Field(description="The text to parse.")
    message_id: str | None = Field(None, description="Rasa's name for the message; not used.")
    token: str | None = Field(None, description="The server's key, where it has one.")


class ReloadRequest(BaseModel):
    """Which model to load anew."""

    model_config = ConfigDict(extra="forbid", strict=True)

    model: str | None = Field(None, description="The model's name; all models where not given.")


def limited(settings: Settings) -> tuple[type[ParseRequest], type[RasaRequest]]:
    """The request shapes with a server's limits in them."""
    text = Annotated[str, Field(max_length=settings.max_characters)]
    texts = Annotated[list[text], Field(min_length=1, max_length=settings.texts_per_request, fail_fast=True)]
    own, foreign = ParseRequest.model_fields, RasaRequest.model_fields
    parse = create_model(
        "ParseRequest",
        __base__=ParseRequest,
        __doc__=ParseRequest.__doc__,
        text=(text, Field("", description=own["text"].description)),
        texts=(texts, Field([], description=own["texts"].description)),
    )
    rasa = create_model(
        "RasaRequest",
        __base__=RasaRequest,
        __doc__=RasaRequest.__doc__,
        text=(text, Field(description=foreign["text"].description)),
    )
    return parse, rasa


class Intent(BaseModel):
    """An intent and its probability (0 to 1)."""

    name: str
    confidence: float


class Slot(BaseModel):
    """A slot, its place in the text in Unicode code points, and its probability (0 to 1)."""

    slot: str
    value: str
    start: int
    end: int
    confidence: float | None


class ParseAnswer(BaseModel):
    """What the model understood of one text."""

    model_config = ConfigDict(json_schema_extra={"example": PARSE})

    text: str
    intent: Intent | None
    intent_ranking: list[Intent]
    slots: list[Slot]
    truncated_at: int | None
    frame_confidence: float | None
    in_scope: bool | None
    scope_score: float | None


class ParseAnswers(BaseModel):
    """What the model understood of each text, in their order."""

    parses: list[ParseAnswer]


class ProblemShape(BaseModel):
    """One thing that is wrong with a request."""

    where: str
    message: str


class ErrorShape(BaseModel):
    """Why there is no other answer."""

    code: str
    message: str
    where: str | None
    problems: list[ProblemShape] = []


class ErrorAnswer(BaseModel):
    """The shape of every answer that is not a success."""

    error: ErrorShape
