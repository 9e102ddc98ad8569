"""Verdicts on a code of the second factor, and how many wrong ones are borne."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.contracts.errors import ErrorCode, PublicError

CODE_LIMIT = 5
"""Wrong codes that one enrolment or one challenge bears."""
ATTEMPT_LIMIT = 10
"""Codes in a row, none accepted, that one user's factor bears within an hour, over all challenges.

Six digits and two open steps give a guess one chance in 500,000: at 10 an hour, guessing for a year with the right
password in hand succeeds with a chance of about one in six; without this limit it would take hours. Who knows
the password can in turn keep its owner out for that hour; the history shows it.
"""
ATTEMPT_WINDOW = timedelta(hours=1)


class CodeOutcome(StrEnum):
    """What became of a code."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    REUSED = "reused"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """The verdict on one code; `step` is its TOTP time step when it was accepted."""

    outcome: CodeOutcome
    step: int = -1

    def require_accepted(self) -> None:
        """Raise `code_refused` or `code_reused` unless the code was accepted."""
        if self.outcome is CodeOutcome.REUSED:
            raise PublicError(ErrorCode.CODE_REUSED, "the code was used before: wait for the next one")
        if self.outcome is not CodeOutcome.ACCEPTED:
            raise PublicError(ErrorCode.CODE_REFUSED, "the code was not accepted")
