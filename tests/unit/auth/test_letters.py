"""What notices say: something useful about every cause, and nothing that opens anything."""

import pytest

from services.auth.codec import EVENT_SCHEMAS
from services.auth.domain.notice import Audience, Occasion
from services.auth.domain.notices import CAUSES

SECRET = "canary-secret"


class Anything(dict[str, object]):
    """A payload in which every field is there; those that hold secrets hold a canary."""

    def __missing__(self, key: str) -> object:
        if key.endswith(("hash", "hashes", "material")):
            return SECRET
        return f"the {key}"


def occasion(kind: str, **payload: object) -> Occasion:
    return Occasion(kind, "user-ada", "2026-11-22T09:00:00.000000Z", Anything(payload), "adas-laptop")


@pytest.mark.parametrize("kind", CAUSES)
def test_every_cause_has_a_letter(kind: str) -> None:
    letter = CAUSES[kind].write(occasion(kind))
    assert letter.subject
    assert "\n" not in letter.subject
    assert len(letter.text.split()) > 20


@pytest.mark.parametrize("kind", CAUSES)
def test_no_notice_carries_a_link_or_a_secret(kind: str) -> None:
    letter = CAUSES[kind].write(occasion(kind))
    for text in (letter.subject, letter.text):
        assert "://" not in text
        assert SECRET not in text


def test_every_cause_is_an_event_that_auth_writes() -> None:
    assert set(CAUSES) <= set(EVENT_SCHEMAS)


def test_what_happens_to_somebodys_account_is_told_to_them() -> None:
    changes = {"UserLocked", "RecoveryCodeUsed", "FactorAdded", "FactorRemoved", "PasswordChanged", "RoleAssigned"}
    changes |= {"LoginProofRefused"}
    assert {kind for kind in changes if CAUSES[kind].audience is Audience.PERSON} == changes


@pytest.mark.parametrize(
    ("stage", "subject"),
    [
        ("due-14", "Your training is due soon"),
        ("overdue", "Your training is overdue"),
        ("lapsed", "Your account can only read until your training is done"),
    ],
)
def test_each_stage_of_training_has_its_own_words(stage: str, subject: str) -> None:
    assert CAUSES["TrainingReminded"].write(occasion("TrainingReminded", stage=stage)).subject == subject
