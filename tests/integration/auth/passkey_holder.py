"""People whose second factor is a passkey, in an authenticator of the tests' own."""

from dataclasses import dataclass, field

from services.auth import handlers
from services.auth.commands import (
    AskPasskey,
    BeginEnrolment,
    BeginFactor,
    BeginLogin,
    CompleteEnrolment,
    CompleteFactor,
    CompleteLogin,
    RenewRecoveryCodes,
)
from services.auth.domain.factor import FactorKind
from services.auth.domain.proof import (
    PasskeyAssertion,
    PasskeyRegistration,
    PurposeKind,
    TotpCode,
)
from services.auth.ports import Ports
from services.auth.replies import Challenged, Invited
from shared.eventstore.model import Author
from shared.kernel.ids import new_id
from tests.authenticator import Authenticator
from tests.integration.auth.business import LAPTOP, PASSWORD, STEP, Auth, Person

EMAIL = "ada@example.org"


@dataclass
class Holder:
    """Somebody whose second factor is a passkey."""

    auth: Auth
    tenant: str
    user_id: str
    authenticator: Authenticator
    recovery_codes: list[str]
    session: str = field(default_factory=new_id)

    @property
    def by(self) -> Author:
        return Author("person", self.user_id, ("pwd", "hwk"), self.session, LAPTOP)

    def begin_login(self) -> Challenged:
        return handlers.begin_login(self.auth.ports, BeginLogin(self.tenant, EMAIL, PASSWORD, LAPTOP))

    def answer(self, challenged: Challenged) -> PasskeyAssertion:
        return answer(self.authenticator, challenged)

    def complete_login(self, challenged: Challenged, shown: PasskeyAssertion, ports: Ports | None = None) -> str:
        command = CompleteLogin(challenged.challenge, shown)
        return handlers.complete_login(ports or self.auth.ports, command).token

    def log_in(self) -> str:
        challenged = self.begin_login()
        return self.complete_login(challenged, self.answer(challenged))

    def shown_for_a_change(self, purpose: PurposeKind = PurposeKind.FACTORS) -> PasskeyAssertion:
        options = handlers.ask_passkey(self.auth.ports, AskPasskey(purpose), tenant=self.tenant, by=self.by)
        return PasskeyAssertion(self.authenticator.assertion(options))

    def renew(self, shown: PasskeyAssertion, ports: Ports | None = None, by: Author | None = None) -> list[str]:
        command = RenewRecoveryCodes(PASSWORD, shown)
        return handlers.renew_recovery_codes(ports or self.auth.ports, command, tenant=self.tenant, by=by or self.by)

    def history(self) -> list[str]:
        return [event.type for event in self.auth.ports.log.read(self.tenant)]


def answer(authenticator: Authenticator, challenged: Challenged) -> PasskeyAssertion:
    assert challenged.passkey_options is not None
    return PasskeyAssertion(authenticator.assertion(challenged.passkey_options))


def begin_enrolment(auth: Auth, invited: Invited) -> tuple[str, str]:
    command = BeginEnrolment(invited.invitation, PASSWORD, FactorKind.PASSKEY)
    enrolling = handlers.begin_enrolment(auth.ports, command)
    assert not enrolling.setup.provisioning_uri
    return enrolling.enrolment, enrolling.setup.passkey_options


def enrolled(auth: Auth, invited: Invited, authenticator: Authenticator) -> Holder:
    enrolment, options = begin_enrolment(auth, invited)
    command = CompleteEnrolment(enrolment, PasskeyRegistration(authenticator.register(options)))
    codes = handlers.complete_enrolment(auth.ports, command).recovery_codes
    return Holder(auth, invited.tenant, invited.user_id, authenticator, codes)


def add_passkey(person: Person, authenticator: Authenticator) -> str:
    """Give somebody with an authenticator app a passkey too; return its id."""
    by = Author("person", person.user_id, ("pwd", "otp"), new_id(), LAPTOP)
    person.auth.clock.moment += STEP
    command = BeginFactor(PASSWORD, "blue key", TotpCode(person.code()), FactorKind.PASSKEY)
    offered = handlers.begin_factor(person.auth.ports, command, tenant=person.tenant, by=by)
    first = PasskeyRegistration(authenticator.register(offered.setup.passkey_options))
    complete = CompleteFactor(offered.offer, first)
    return handlers.complete_factor(person.auth.ports, complete, tenant=person.tenant, by=by)


def begin_login(person: Person) -> Challenged:
    return handlers.begin_login(person.auth.ports, BeginLogin(person.tenant, person.email, person.password, LAPTOP))
