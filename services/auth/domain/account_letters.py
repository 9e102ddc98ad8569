"""Mails about somebody's account: each says what happened, when, from where, and what to do if it was somebody else."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.auth.domain.notice import Audience, Cause, Letter, Occasion, letter

_NOT_YOU = "If that was not you, tell an owner of your business at once: an owner can end all your sessions."


def _to_person(subject: str, what: Callable[[Occasion], str], *, daily: bool = False) -> Cause:
    def write(occasion: Occasion) -> Letter:
        return letter(subject, f"{what(occasion)}\nWhen: {occasion.when}", _NOT_YOU)

    return Cause(Audience.PERSON, write, daily)


def _locked(occasion: Occasion) -> str:
    return (
        f"Passwords or codes that were wrong were shown for your account {occasion.payload['failures']} times in a row."
        f" It is locked until {str(occasion.payload['until'])[:10]} at the latest, or until an owner unlocks it."
    )


def _half_way(_: Occasion) -> str:
    return (
        "Somebody showed the right password of your account, and then a code that was wrong or used before. Nothing was"
        " opened. If you mistyped it, that is all. If it was somebody else, they know your password: change it now."
        " You are told once a day at most; the history of your business has every attempt."
    )


def _break_glass(occasion: Occasion) -> Letter:
    payload = occasion.payload
    return letter(
        "The operator used the break-glass in your business",
        f"The operator, as {payload['operator']} on the host, took away the password and the factors of user"
        f" {occasion.person} and made a new invitation.\nWhen: {occasion.when}",
        f"The reason given: {payload['reason']}",
        "If you did not ask for that, ask the operator who did.",
    )


def _reset_requested(occasion: Occasion) -> Letter:
    payload = occasion.payload
    return letter(
        "An owner asked that somebody enrols anew",
        f"An owner asked to take away the password and the factors of user {occasion.person}.\nWhen: {occasion.when}",
        f"The reason given: {payload['reason']}",
        "It takes another owner to agree, who has checked in person who asks:"
        f" tallystick approvals approve {payload['request_id']}",
        "If nobody told you about this, ask the owner who did it, by telephone, and reject it.",
    )


def _cloned(occasion: Occasion) -> str:
    return (
        f"Your passkey {occasion.payload['name']!r} was shown, and its counter had gone backwards. That happens when"
        " two devices hold the same key. It was refused; remove this passkey and make a new one."
    )


ACCOUNT_CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "NewDeviceSeen": _to_person(
            "A login from a new device",
            lambda occasion: f"Your account was opened from {occasion.payload['source']} for the first time.",
        ),
        "LoginProofRefused": _to_person("Your password, with a wrong code", _half_way, daily=True),
        "FactorsReset": _to_person(
            "You are invited anew",
            lambda _: "Your password and factors were taken away. Who agreed to that has a new invitation for you.",
        ),
        "FactorResetRequested": Cause(Audience.OWNERS, _reset_requested),
        "BreakGlassUsed": Cause(Audience.OWNERS, _break_glass),
        "UserLocked": _to_person("Your account is locked", _locked),
        "UserUnlocked": _to_person("Your account is unlocked", lambda _: "An owner lifted the lock of your account."),
        "RecoveryCodeUsed": _to_person(
            "A recovery code of yours was used",
            lambda _: "A recovery code of your account was used. It is used up now; others may be left.",
        ),
        "FactorAdded": _to_person(
            "A second factor was added to your account",
            lambda occasion: f"The second factor {occasion.payload['name']!r} counts for your account from now on.",
        ),
        "FactorRemoved": _to_person(
            "A second factor was removed from your account",
            lambda occasion: f"The second factor {occasion.payload['name']!r} proves nothing any more.",
        ),
        "FactorCloned": _to_person("Somebody may have a copy of your passkey", _cloned),
        "PasswordChanged": _to_person("Your password was changed", lambda _: "Your password was changed."),
        "UserSessionsEnded": _to_person(
            "All your sessions were ended", lambda _: "An owner ended all sessions of your account: log in again."
        ),
        "RoleAssigned": _to_person("Your role was changed", lambda _: "An owner gave your account another role."),
    }
)
"""By event type."""
