"""The key that signs tokens, changed while auth runs: tokens from before are good through the overlap, and not after.

The rotation is the one of the command; its pauses are the test's, which looks at the running service in the middle of
each. How long they are, and that no token outlives them, is in tests/unit/auth/test_token_key_rotation.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jwt
import pytest

from services.auth.token_keys import LAST_TOKEN, OVERLAP, TokenKeyRotation
from shared.contracts.errors import ErrorCode, PublicError
from tests.integration.auth.running import Running

pytestmark = pytest.mark.integration


@dataclass
class Somebody:
    """A person whose session goes on while the key changes."""

    running: Running
    refresh_token: object

    @classmethod
    def of(cls, running: Running, tenant: dict[str, object]) -> "Somebody":
        running.enrol(tenant["invitation"])
        challenge, code = running.challenge(tenant["tenant"]), running.recovery_codes[0]
        return cls(running, running.ask("complete_login", challenge=challenge, recovery_code=code)["refresh_token"])

    def token(self) -> str:
        renewed = self.running.ask("refresh_session", refresh_token=self.refresh_token)
        self.refresh_token = renewed["refresh_token"]
        return str(renewed["token"])

    def shows(self, token: str) -> ErrorCode | None:
        """Ask something with a token; return with which code it is refused, None when it is good."""
        try:
            self.running.client.call("auth", "whoami", {}, token=token)
        except PublicError as refused:
            return refused.code
        return None


def key_of(token: str) -> object:
    return jwt.get_unverified_header(token)["kid"]


def test_tokens_from_before_a_rotation_are_good_through_the_overlap_and_not_after(
    running: Running, found: Callable[[], dict[str, object]]
) -> None:
    ada = Somebody.of(running, found())
    before = ada.token()
    made: dict[float, str] = {}

    def pause(seconds: float) -> None:
        made[seconds] = ada.token()
        for token in (before, *made.values()):
            assert ada.shows(token) is None

    key_file, keys_file = (
        Path(running.environment[f"TALLYSTICK_TOKEN_{name}_FILE"]) for name in ("SIGNING_KEY", "KEYS")
    )
    signing = TokenKeyRotation(key_file, keys_file, pause).run()
    assert list(made) == [OVERLAP, LAST_TOKEN]
    # Published first, and signed with only when every service has had time to read it.
    assert key_of(made[OVERLAP]) == key_of(before) != signing
    assert key_of(made[LAST_TOKEN]) == key_of(ada.token()) == signing
    assert {each: ada.shows(token) for each, token in made.items()} == {
        OVERLAP: ErrorCode.TOKEN_INVALID,
        LAST_TOKEN: None,
    }
    assert ada.shows(before) is ErrorCode.TOKEN_INVALID
    assert ada.shows(ada.token()) is None  # the session itself goes on
