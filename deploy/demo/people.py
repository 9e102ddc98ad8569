"""The demo's people: they enrol and log in as anybody would, through the public endpoints."""

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pyotp

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import digest_of
from shared.crypto.signing import SigningKey
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.messaging.assertion import sign_assertion
from shared.messaging.client import RpcClient
from shared.messaging.stepping_up import Order

_STEP_SECONDS = 30


@dataclass
class Person:
    """Somebody with a password and an authenticator app."""

    client: RpcClient
    tenant: str
    email: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    user_id: str = ""
    recovery_codes: list[str] = field(default_factory=list, repr=False)
    _totp: pyotp.TOTP | None = field(default=None, repr=False)
    _last_step: int = 0
    _token: str | None = field(default=None, repr=False)
    session: dict[str, object] = field(default_factory=dict, repr=False)
    """What the last login gave, as `tallystick login` keeps it."""

    def enrol(self, invitation: str) -> None:
        """Choose a password, take over the TOTP secret and prove it with a first code."""
        begun = self.client.call("auth", "begin_enrolment", {"invitation": invitation, "password": self.password})
        totp = pyotp.parse_uri(str(begun["provisioning_uri"]))
        if not isinstance(totp, pyotp.TOTP):
            raise TypeError("the provisioning URI is not for TOTP")
        self._totp = totp
        try:
            self._complete_enrolment(begun["enrolment"])
        except PublicError as error:
            if error.code != ErrorCode.CODE_REFUSED:
                raise
            self._complete_enrolment(begun["enrolment"])  # a step ended on the way: the code was two steps old

    def _complete_enrolment(self, enrolment: object) -> None:
        # The previous step's code is still good: using it here leaves the current one for the login that follows.
        code = self._code(int(time.time()) // _STEP_SECONDS - 1)
        reply = self.client.call("auth", "complete_enrolment", {"enrolment": enrolment, "code": code})
        self.recovery_codes = cast("list[str]", reply["recovery_codes"])

    def begin_login(self, password: str | None = None) -> dict[str, object]:
        """Prove the password; the reply holds a challenge for the second factor and nothing else of use."""
        request = {"tenant": self.tenant, "email": self.email, "password": password or self.password}
        return self.client.call("auth", "begin_login", request)

    def complete_login(self, challenge: object, code: str) -> None:
        """Prove the second factor and keep the token."""
        self.session = self.client.call("auth", "complete_login", {"challenge": challenge, "code": code})
        self._token = str(self.session["token"])

    def log_in(self) -> None:
        """Log in with both factors, waiting for a fresh code when the current one was used already."""
        self.complete_login(self.begin_login()["challenge"], self.fresh_code())

    def fresh_code(self) -> str:
        """Return a code that was never used, waiting for the next one where it must."""
        while (step := int(time.time()) // _STEP_SECONDS) <= self._last_step:
            time.sleep(0.2)
        return self._code(step)

    def call(
        self, service: str, method: str, request: dict[str, object], idempotency_key: str | None = None
    ) -> dict[str, object]:
        """Call an endpoint with this person's token, logging in again when it has expired."""
        try:
            return self._call(service, method, request, idempotency_key)
        except PublicError as error:
            if error.code not in (ErrorCode.TOKEN_EXPIRED, ErrorCode.TOKEN_REVOKED):
                raise
        self.log_in()
        return self._call(service, method, request, idempotency_key)

    def _call(
        self, service: str, method: str, request: dict[str, object], idempotency_key: str | None
    ) -> dict[str, object]:
        return Order(service, method, request, self._token or "", idempotency_key).send(self.client, self._prove)

    def _prove(self, _: str, *, has_passkey: bool) -> dict[str, str]:  # noqa: ARG002 - nobody here has one
        """Prove a factor for one command: by a recovery code while there are any, because they need no waiting."""
        if self.recovery_codes:
            return {"recovery_code": self.recovery_codes.pop()}
        return {"code": self.fresh_code()}

    def command(self, service: str, method: str, request: dict[str, object]) -> dict[str, object]:
        """Carry out a command under a new idempotency key."""
        return self.call(service, method, request, idempotency_key=new_id())

    def invite(self, role: str, name: str, email: str) -> "Person":
        """Invite somebody, who enrols at once."""
        reply = self.command("auth", "invite_user", {"email": email, "name": name, "role": role})
        invited = Person(self.client, self.tenant, email, user_id=str(reply["user_id"]))
        invited.enrol(str(reply["invitation"]))
        return invited

    def _code(self, step: int) -> str:
        if self._totp is None:
            raise RuntimeError(f"{self.email} has not enrolled")
        self._last_step = step
        return self._totp.generate_otp(step)


@dataclass
class Operator:
    """Who runs the machine: no person and no password, but a key in a file on the host."""

    client: RpcClient
    key_file: Path

    def create_tenant(self, name: str, owner_name: str, owner_email: str) -> dict[str, object]:
        """Found a business and invite its owner."""
        request: dict[str, object] = {"name": name, "owner_name": owner_name, "owner_email": owner_email}
        return self._command("auth", "create_tenant", request)

    def make_owner(self, owner: Person, user_id: str) -> None:
        """Agree that a business with one owner gets a second one, as that owner asks."""
        owner.command("auth", "request_owner_grant", {"user_id": user_id})
        token = self._token()
        waiting = self.client.call("auth", "list_owner_grants", {}, token=token, tenant=owner.tenant)["waiting"]
        (shown,) = (each for each in waiting if each["user_id"] == user_id)
        agreed = {"request_id": shown["request_id"], "digest": digest_of(shown)}
        self.client.call(
            "auth", "approve_owner_grant", agreed, token=token, tenant=owner.tenant, idempotency_key=new_id()
        )

    def take_snapshot(self) -> dict[str, object]:
        """Have a backup written."""
        return self._command("backup", "take_snapshot", {})

    def backup_signer(self) -> str:
        """Return the verifier key of the backup's manifests."""
        return str(self.client.call("backup", "list_snapshots", {}, token=self._token())["verifier_key"])

    def _command(self, service: str, method: str, request: dict[str, object]) -> dict[str, object]:
        return self.client.call(service, method, request, token=self._token(), idempotency_key=new_id())

    def _token(self) -> str:
        assertion = sign_assertion("operator", SigningKey.load(self.key_file), SystemClock())
        return str(self.client.call("auth", "service_token", {"assertion": assertion})["token"])
