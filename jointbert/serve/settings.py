"""What a server is told to do, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass

from jointbert.checkpoint.engine_names import ENGINES, EngineName
from jointbert.errors import ConfigError

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server listens, batches and limits.

    Args:
        host: Where it listens.
        port: The port; 0 takes any that is free.
        engine: What computes: ``auto`` takes the fastest that a model folder holds.
        threads: Threads that a model computes with; None leaves it to the engine.
        max_queue: How many texts may wait for a model; a request that would go past it is refused.
        max_batch: How many texts are computed at once; 1 is no batching.
        max_wait_ms: Milliseconds that a batch which is not full waits for more; 0 takes what is there.
        deadline_ms: Milliseconds after which a request that has no answer yet is told so.
        max_body_bytes: The longest body that is read.
        max_texts: The most texts of one request.
        max_characters: The longest text.
        low_confidence: Parses whose intent is less probable than that (0..1) are counted apart.
        log_texts: Whether the log shows what was asked.
        access_log: Whether each request gets a line in the log.

    Raises:
        ConfigError: A value is out of its range.

    Example:
        >>> Settings(max_queue=100).texts_per_request
        100
    """

    host: str = "127.0.0.1"
    port: int = 8000
    engine: EngineName = "auto"
    threads: int | None = None
    max_queue: int = 512
    max_batch: int = 32
    max_wait_ms: float = 0.0
    deadline_ms: float = 2000.0
    max_body_bytes: int = 1 << 20
    max_texts: int = 256
    max_characters: int = 10_000
    low_confidence: float = 0.5
    log_texts: bool = False
    access_log: bool = True

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise ConfigError("engine", f"is {self.engine!r}", f"one of {', '.join(ENGINES)}", "Leave it out for auto.")
        for name, low, high in (
            ("port", 0, 65535),
            ("threads", 1, 1024),
            ("max_queue", 1, 1_000_000),
            ("max_batch", 1, 4096),
            ("max_wait_ms", 0, 10_000),
            ("deadline_ms", 1, 3_600_000),
            ("max_body_bytes", 1, 1 << 30),
            ("max_texts", 1, 1_000_000),
            ("max_characters", 1, 1 << 30),
            ("low_confidence", 0, 1),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise ConfigError(name, f"is {value}", f"{low} to {high}", "Leave it out for a value that fits most.")

    @property
    def texts_per_request(self) -> int:
        """The most texts that one request may bring: what can never fit into the queue is not asked to wait."""
        return min(self.max_texts, self.max_queue)

    @property
    def deadline(self) -> float:
        """The deadline in seconds."""
        return self.deadline_ms / 1000

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOCAL
