"""What is remembered about training: what the business asks for, and what each person has shown to know.

Lists are written as words with single spaces between them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainingPolicySet:
    """An owner decided what training the business asks for, in place of what held before."""

    modules: str
    """Names of the modules that everybody does; empty: no training is asked for."""
    first_due_days: int
    valid_days: int
    grace_days: int
    remind_days: str
    """Days before the due date on which a reminder goes out, e.g. `14 3`."""
    pass_percent: int


@dataclass(frozen=True, slots=True)
class TrainingBegun:
    """A person was given questions: which ones, and in which order their options were shown, stands here."""

    attempt: str
    module: str
    version: str
    """Hex SHA-256 of the module's file: exactly this text was taught and asked."""
    language: str
    questions: str
    """Names of the questions, in the order asked."""
    orders: str
    """For each question a word: its options, by their digit in the file, in the order shown, e.g. `2031`."""
    expires_at: str


@dataclass(frozen=True, slots=True)
class TrainingCompleted:
    """The service graded the answers as good enough."""

    attempt: str
    module: str
    version: str
    answers: str
    """For each question the digit of the option that was chosen, as shown."""
    score: int
    asked: int
    """How many answers were right, of how many."""
    expires_at: str


@dataclass(frozen=True, slots=True)
class TrainingFailed:
    """The service graded the answers as not good enough."""

    attempt: str
    module: str
    version: str
    answers: str
    score: int
    asked: int


@dataclass(frozen=True, slots=True)
class TrainingWaived:
    """An owner let a person keep all permissions for some days although training has lapsed."""

    user_id: str
    reason: str
    until: str
    waived_by: str


@dataclass(frozen=True, slots=True)
class TrainingReminded:
    """A person was to be reminded of what is or was due."""

    user_id: str
    stage: str
    """`due-<days>`, `overdue` or `lapsed`."""
    modules: str
    due_at: str
    grace_ends_at: str


TrainingEvent = (
    TrainingPolicySet | TrainingBegun | TrainingCompleted | TrainingFailed | TrainingWaived | TrainingReminded
)
