"""Address and password for a challenge, a challenge and a proof for a token."""

import secrets

from services.auth.commands import BeginLogin, CompleteLogin
from services.auth.domain import login as logins
from services.auth.domain import session as sessions
from services.auth.domain import user as users
from services.auth.domain.events import LoginBegun, LoginSucceeded
from services.auth.domain.proof import PASSWORD_METHOD, Purpose, PurposeKind
from services.auth.domain.ticket import SECRET_BYTES, Ticket, TicketKind, ticket_refused
from services.auth.handlers.addresses import user_at
from services.auth.handlers.deciding import decided
from services.auth.handlers.passkeys import passkey_options
from services.auth.handlers.passwords import rehash
from services.auth.handlers.person_tokens import logged_in
from services.auth.handlers.proving import prove
from services.auth.handlers.sessions import refresh_ticket
from services.auth.handlers.throttling import admit, record_lock
from services.auth.history import (
    append_session_begun,
    append_to_login,
    load_login,
    load_standing,
    load_user,
)
from services.auth.ports import Ports
from services.auth.replies import Challenged, LoggedIn
from shared.eventstore.model import Author
from shared.kernel.ids import new_id

Opened = tuple[logins.Login, users.User]
"""A login that awaits a proof, and whose it is."""


def begin_login(ports: Ports, command: BeginLogin) -> Challenged:
    """Turn address and password into a challenge, never into a token; `credentials_refused`, `too_many_attempts`.

    An unknown address takes the path of a known one, with a dummy hash and the stream of somebody else, and both
    are recorded, so that neither the answer nor its cost tells who has an account. A tenant that does not exist has no
    log to record in.
    """
    tenant, now = command.tenant, ports.clock.now()
    attempt = admit(ports, tenant, command.email, command.source)
    found = user_at(ports, tenant, command.email)
    user_id, loaded = found.user_id, load_user(ports.log, tenant, found.loaded)
    user = None if user_id is None else loaded
    stored = user.password_hash if user is not None and user.state is users.UserState.ACTIVE else None
    matches = ports.passwords.matches(command.password, stored)
    challenge = Ticket(TicketKind.CHALLENGE, tenant, new_id(), secrets.token_bytes(SECRET_BYTES))
    event = logins.begin(user_id, user, password_matches=matches, challenge=challenge, now=now)
    known = None if user is None else user_id
    if found.tenant_known:
        append_to_login(ports.log, tenant, (challenge.subject, 0), event, user_id=known, source=command.source)
    if not isinstance(event, LoginBegun):
        if known is not None:
            by = Author("anonymous", session=challenge.subject, source=command.source)
            record_lock(ports, tenant, known, attempt, by=by)
        raise logins.credentials_refused()
    ports.throttle.take_back(attempt, ports.clock.now())
    if ports.passwords.outdated(stored or ""):
        shown = Author("person", event.user_id, (PASSWORD_METHOD,), challenge.subject, command.source)
        rehash(ports, tenant, event.user_id, command.password, shown_for=stored or "", by=shown)
    purpose = Purpose(PurposeKind.LOGIN, challenge.subject)
    options = None if user is None else passkey_options(ports, tenant, event.user_id, user, purpose)
    return Challenged(challenge.text(), now + logins.CHALLENGE_LIFETIME, options)


def complete_login(ports: Ports, command: CompleteLogin) -> LoggedIn:
    """Turn a challenge and a proof of a factor into a session; `challenge_invalid` and the refusals of `prove`."""
    challenge = Ticket.read(TicketKind.CHALLENGE, command.challenge)
    tenant, login_id = challenge.tenant, challenge.subject
    refresh = refresh_ticket(tenant, login_id)

    def opened() -> Opened:
        login = logins.require_open(load_login(ports.log, tenant, login_id), challenge, ports.clock.now())
        standing = load_standing(ports.log, tenant, login.user_id)
        if standing.user is None or standing.over(login_id, login.position) is not None:
            raise ticket_refused(TicketKind.CHALLENGE)
        return login, standing.user

    login, user = begun = opened()
    purpose = Purpose(PurposeKind.LOGIN, login_id, login_id, login.source)
    proved = prove(ports, tenant, login.user_id, user, command.proof, purpose=purpose)

    def conclude(begun: Opened) -> tuple[users.User, sessions.Session]:
        # The proof is spent by now, whoever spent it. The append holds only when the challenge is still open, and the
        # user still the one whose password and factor were shown; else both are looked at again.
        login, user = begun
        event = logins.conclude(login, proved)
        if not isinstance(event, LoginSucceeded):
            append_to_login(
                ports.log, tenant, (login_id, login.version), event, user_id=login.user_id, source=login.source
            )
            raise proved.refusal()
        began = sessions.begin(logins.login_after(login, event), refresh, ports.clock.now())
        seen = logins.new_device(user, login_id, login.source)
        return user, append_session_begun(ports.log, tenant, (login_id, login), (event, began), user=user, seen=seen)

    user, session = decided(begun, opened, conclude)
    # Nothing was taken from the user before the session began, or it would not have begun; what else the token says is
    # looked up later. So what comes after that position revokes it.
    return logged_in(ports, tenant, user, session, position=session.position, refresh=refresh.text())
