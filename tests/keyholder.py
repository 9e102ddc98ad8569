"""Somebody whose one factor is a passkey in software: whoever asks for a proof gets one at once, every time."""

from dataclasses import dataclass, field

from deploy.demo.people import Person
from deploy.local.environment import WEB_ORIGIN
from shared.contracts.errors import ErrorCode, PublicError
from tests.authenticator import Authenticator


@dataclass
class Keyholder(Person):
    """A person of a stack that `deploy.local` started: authenticator apps would have them wait for the next code."""

    key: Authenticator = field(default_factory=lambda: Authenticator(origin=WEB_ORIGIN), repr=False)

    def enrol(self, invitation: str) -> None:
        """Choose a password and make the passkey."""
        asked = {"invitation": invitation, "password": self.password, "kind": "passkey"}
        begun = self.client.call("auth", "begin_enrolment", asked)
        answer = self.key.register(str(begun["passkey_options"]))
        enrolled = self.client.call("auth", "complete_enrolment", {"enrolment": begun["enrolment"], "passkey": answer})
        self.recovery_codes, self.user_id = enrolled["recovery_codes"], str(enrolled["user_id"])

    def log_in(self) -> None:
        """Log in by password and passkey."""
        begun = self.begin_login()
        answer = self.key.assertion(str(begun["passkey_options"]))
        self.session = self.client.call("auth", "complete_login", {"challenge": begun["challenge"], "passkey": answer})
        self._token = str(self.session["token"])

    def colleague(self, role: str, name: str, email: str) -> "Keyholder":
        """Invite somebody, who enrols and logs in at once."""
        reply = self.command("auth", "invite_user", {"email": email, "name": name, "role": role})
        invited = Keyholder(self.client, self.tenant, email)
        invited.enrol(str(reply["invitation"]))
        invited.log_in()
        return invited

    def _call(
        self, service: str, method: str, request: dict[str, object], idempotency_key: str | None
    ) -> dict[str, object]:
        sent = {"token": self._token, "idempotency_key": idempotency_key}
        try:
            return self.client.call(service, method, request, **sent)
        except PublicError as refused:
            if refused.code is not ErrorCode.STEP_UP_NEEDED:
                raise
            wanted = {"service": service, "method": method, "command_hash": refused.details["command_hash"]}
        begun = self.client.call("auth", "begin_step_up", wanted, token=self._token)
        answer = self.key.assertion(str(begun["passkey_options"]))
        shown = {"challenge": begun["challenge"], "passkey": answer}
        proof = self.client.call("auth", "complete_step_up", shown, token=self._token)["proof"]
        return self.client.call(service, method, request, **sent, proof=str(proof))
