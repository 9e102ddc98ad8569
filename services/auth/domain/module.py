"""Training modules: a lesson and a pool of questions; drawing some of them, and grading the answers.

In a file, as in recorded orders, option 0 of a question is the right one. Whoever is asked sees the options shuffled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts.errors import ErrorCode, PublicError

QUESTIONS_ASKED = 5
"""How many are drawn for one attempt."""
SMALLEST_POOL = 10
OPTIONS = 4
RIGHT = "0"
"""The digit of the right option."""


class Chance(Protocol):
    """A source of randomness, such as `secrets.SystemRandom()`."""

    def sample(self, population: Sequence[str], k: int) -> list[str]:
        """Return `k` different elements in random order."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its options (the right one first), and why it is right."""

    name: str
    text: str
    options: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Module:
    """A lesson in one language, and what is asked about it."""

    name: str
    language: str
    """ISO 639-1."""
    version: str
    """Hex SHA-256 of the file it was read from."""
    title: str
    minutes: int
    lesson: str
    questions: tuple[Question, ...]

    def question(self, name: str) -> Question:
        """Return the question of that name; KeyError."""
        return next((each for each in self.questions if each.name == name), None) or _missing(name)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Questions by name, and for each the order in which its options are shown, as digits."""

    questions: tuple[str, ...]
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A question as it is asked."""

    text: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Graded:
    """What became of one answer, and what there is to learn from it."""

    question: str
    right: bool
    why: str


def _missing(name: str) -> Question:
    raise KeyError(name)


def draw(module: Module, chance: Chance) -> Drawn:
    """Draw questions from the pool and shuffle the options of each."""
    names = chance.sample([question.name for question in module.questions], QUESTIONS_ASKED)
    digits = [str(number) for number in range(OPTIONS)]
    return Drawn(tuple(names), tuple("".join(chance.sample(digits, OPTIONS)) for _ in names))


def shown(module: Module, drawn: Drawn) -> list[Shown]:
    """Return drawn questions as they are asked."""
    asked = [module.question(name) for name in drawn.questions]
    return [
        Shown(question.text, tuple(question.options[int(digit)] for digit in order))
        for question, order in zip(asked, drawn.orders, strict=True)
    ]


def grade(module: Module, drawn: Drawn, answers: Sequence[int]) -> list[Graded]:
    """Compare answers, each the place of an option as it was shown, from 0; `malformed_request` unless one for each."""
    if len(answers) != len(drawn.questions) or not all(0 <= answer < OPTIONS for answer in answers):
        raise PublicError(
            ErrorCode.MALFORMED_REQUEST,
            f"there are {len(drawn.questions)} questions with {OPTIONS} options each",
            {"fields": {"answers": ["One number for each question, from 0."]}},
        )
    asked = [module.question(name) for name in drawn.questions]
    return [
        Graded(question.text, order[answer] == RIGHT, question.why)
        for question, order, answer in zip(asked, drawn.orders, answers, strict=True)
    ]
