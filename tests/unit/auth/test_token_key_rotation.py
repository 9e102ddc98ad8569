"""Tokens while their key is rotated: at no moment is one refused, killed or not."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.auth.adapters.signer import SignerFiles
from services.auth.adapters.tokens import SignedTokens
from services.auth.replies import IssuedToken
from services.auth.token_keys import LAST_TOKEN, OVERLAP, TokenKeyRotation
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import KeySet, jwk
from shared.kernel.clock import FixedClock
from shared.messaging.access import Access
from shared.messaging.revocations import NothingRevoked

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Killed(Exception):
    """The rotation ends here."""


@dataclass
class System:
    """auth, which signs, another service, which checks, and a clock that the rotation's pauses move on."""

    directory: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    given: list[IssuedToken] = field(default_factory=list)
    killed_at: float | None = None

    def __post_init__(self) -> None:
        key = SigningKey.generate()
        key.save(self.key_file)
        self.keys_file.touch(mode=0o600)
        self.keys_file.write_text(json.dumps({"keys": [jwk(key.public, "token-1")]}))
        self.tokens = SignedTokens(SignerFiles(self.key_file, self.keys_file))
        self.access = Access(self.keys_file, NothingRevoked(), self.clock)

    @property
    def key_file(self) -> Path:
        return self.directory / "token-signing-key"

    @property
    def keys_file(self) -> Path:
        return self.directory / "token-keys.json"

    def work(self) -> None:
        """Give a token, and show every one that is alive."""
        self.given.append(self.tokens.for_service("notifier", [], self.clock.now()))
        self.given = [each for each in self.given if each.expires_at > self.clock.now()]
        for each in self.given:
            assert self.access.authenticate(each.token).id == "notifier"

    def pause(self, seconds: float) -> None:
        self.work()
        if seconds == self.killed_at:
            raise Killed
        self.clock.moment += timedelta(seconds=seconds)

    def rotate(self) -> str:
        return TokenKeyRotation(self.key_file, self.keys_file, self.pause).run()

    def published(self) -> set[str]:
        return set(KeySet.load(self.keys_file))


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_no_token_is_refused_while_the_key_is_rotated_and_the_old_key_is_gone_afterwards(system: System) -> None:
    system.work()
    before = system.published()
    name = system.rotate()
    assert system.published() == {name} != before
    system.work()


def test_a_token_of_the_old_key_is_refused_once_that_is_gone(system: System) -> None:
    # One that outlives the rotation, as no token of auth does.
    later = system.tokens.for_service("notifier", [], NOW + timedelta(hours=1)).token
    system.rotate()
    system.clock.moment = NOW + timedelta(hours=1)
    with pytest.raises(PublicError) as refused:
        system.access.authenticate(later)
    assert refused.value.code is ErrorCode.TOKEN_INVALID


@pytest.mark.parametrize("where", [OVERLAP, LAST_TOKEN])
def test_a_rotation_that_was_killed_is_finished_by_the_next(system: System, where: float) -> None:
    system.killed_at = where
    with pytest.raises(Killed):
        system.rotate()
    begun = system.published()
    assert len(begun) == 2
    system.killed_at = None
    assert system.rotate() in begun  # no third key
    assert len(system.published()) == 1
    assert sorted(path.name for path in system.directory.iterdir() if not path.name.startswith(".")) == [
        "token-keys.json",
        "token-signing-key",
    ]


def test_keys_are_readable_for_their_owner_only_after_a_rotation(system: System) -> None:
    system.rotate()
    assert system.key_file.stat().st_mode & 0o077 == 0


def test_rotations_follow_each_other(system: System) -> None:
    names = {system.rotate() for _ in range(3)}
    assert len(names) == 3


def test_a_rotation_that_was_killed_before_the_old_place_of_the_key_was_cleared_is_finished(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def killed(path: Path, *, missing_ok: bool = False) -> None:
        if path.suffix == ".next":
            raise Killed
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", killed)
        with pytest.raises(Killed):
            system.rotate()
    system.rotate()
    system.work()
    assert len(system.published()) == 1
