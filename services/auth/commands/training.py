"""Commands about training."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BeginTraining:
    """Ask for questions about a module."""

    module: str
    language: str


@dataclass(frozen=True, slots=True)
class AnswerTraining:
    """Answer them: for each question the place of an option as it was shown, from 0."""

    attempt: str
    answers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WaiveTraining:
    """Let somebody work although training has lapsed."""

    user_id: str
    reason: str
    days: int
