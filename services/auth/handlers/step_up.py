"""A factor proved for exactly one command: a challenge for its hash, a signed proof for a proved factor.

Whoever asks has a token; `by` is who it speaks for. The token is not changed by any of this.
"""

import secrets

from services.auth.codec import decode_all, encode
from services.auth.commands import BeginStepUp, CompleteStepUp
from services.auth.domain import step_up as step_ups
from services.auth.domain.events import StepUpEvent, StepUpProved
from services.auth.domain.proof import Purpose, PurposeKind
from services.auth.domain.step_up import StepUp, fold_step_up
from services.auth.domain.ticket import SECRET_BYTES, Ticket, TicketKind
from services.auth.handlers.deciding import decided
from services.auth.handlers.passkeys import passkey_options
from services.auth.handlers.proving import prove
from services.auth.history import load_user, user_stream
from services.auth.ports import Ports
from services.auth.replies import Challenged, IssuedToken
from shared.crypto.keyring import KeyShredded
from shared.eventstore.model import Author
from shared.kernel.ids import new_id


def begin_step_up(ports: Ports, command: BeginStepUp, *, tenant: str, by: Author) -> Challenged:
    """Ask for a factor for one command."""
    now = ports.clock.now()
    challenge = Ticket(TicketKind.STEP_UP, tenant, new_id(), secrets.token_bytes(SECRET_BYTES))
    event = step_ups.begin(by.id, by.session or "", command.deed, challenge, now)
    _append(ports, tenant, (challenge.subject, 0), event, by)
    user = step_ups.require_active(load_user(ports.log, tenant, by.id))
    options = passkey_options(ports, tenant, by.id, user, Purpose(PurposeKind.STEP_UP, challenge.subject))
    return Challenged(challenge.text(), now + step_ups.CHALLENGE_LIFETIME, options)


def complete_step_up(ports: Ports, command: CompleteStepUp, *, tenant: str, by: Author) -> IssuedToken:
    """Turn a proved factor into a proof for the command; `challenge_invalid` and the refusals of `prove`."""
    challenge = Ticket.read(TicketKind.STEP_UP, command.challenge)
    step_up_id = challenge.subject

    def opened() -> StepUp:
        # Looked up under the caller's own tenant: whatever the challenge says, another one's is not there.
        found = _load(ports, tenant, step_up_id)
        return step_ups.require_open(found, challenge, user_id=by.id, session=by.session or "", now=ports.clock.now())

    begun = opened()
    user = step_ups.require_active(load_user(ports.log, tenant, by.id))
    purpose = Purpose(PurposeKind.STEP_UP, step_up_id, by.session, by.source)
    proved = prove(ports, tenant, by.id, user, command.proof, purpose=purpose)

    def conclude(step_up: StepUp) -> None:
        # As in complete_login: the proof is spent by now; what is looked at again is whether the challenge is open.
        event = step_ups.conclude(step_up, proved)
        _append(ports, tenant, (step_up_id, step_up.version), event, by)

    decided(begun, opened, conclude)
    proved.require_accepted()
    # From the log, not from memory: what is not recorded as proved earns nothing.
    return ports.tokens.for_step_up(tenant, step_ups.stepped_up(_load(ports, tenant, step_up_id)), ports.clock.now())


def _stream(step_up_id: str) -> str:
    return f"step-up-{step_up_id}"


def _load(ports: Ports, tenant: str, step_up_id: str) -> StepUp | None:
    try:
        return fold_step_up(decode_all(ports.log.load(tenant, _stream(step_up_id))))
    except KeyShredded:
        return None


def _append(ports: Ports, tenant: str, step_up: tuple[str, int], event: StepUpEvent, by: Author) -> None:
    """Append to a step-up's stream: `step_up` is its id and the version it must be at; VersionConflict."""
    step_up_id, version = step_up
    if isinstance(event, StepUpProved):
        by = Author(by.kind, by.id, tuple(dict.fromkeys((*by.factors, event.method))), by.session, by.source)
    recorded = encode(_stream(step_up_id), user_stream(by.id), event)
    ports.log.append(tenant, [recorded], {_stream(step_up_id): version}, by=by)
