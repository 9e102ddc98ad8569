"""The people of a business: who there is, and who may do what."""

from collections.abc import Sequence

from services.auth.commands import ExplainAccess
from services.auth.domain.assignment import user_unknown
from services.auth.domain.user import User, UserState
from services.auth.handlers.granting import book_of, granted
from services.auth.history import load_user
from services.auth.ports import Ports
from services.auth.replies import Explained, Listed
from shared.contracts.decision import Holder, Reason, ReasonCode, decide


def people_of(ports: Ports, tenant: str) -> dict[str, User]:
    """Return everybody who was ever invited and is not forgotten, by user id.

    Who they are comes from the log; which ids there are from a read model, which may lack somebody who was invited a
    moment ago: whoever counts people here counts too few, never too many.
    """
    found = {user_id: load_user(ports.log, tenant, user_id) for user_id in ports.addresses.users(tenant)}
    return {user_id: user for user_id, user in found.items() if user is not None}


def list_users(ports: Ports, *, tenant: str) -> Sequence[Listed]:
    """Return the people of a business, by name."""
    book = book_of(ports, tenant)
    people = people_of(ports, tenant)
    listed = [
        Listed(
            user_id=user_id,
            name=user.name,
            email=user.email,
            role=user.role,
            role_name=book.name_of(user.role),
            state=user.state.value,
            factors=[factor.kind.value for factor in user.factors],
        )
        for user_id, user in people.items()
    ]
    return sorted(listed, key=lambda each: (each.name.casefold(), each.user_id))


def explain_access(ports: Ports, command: ExplainAccess, *, tenant: str) -> Explained:
    """Say whether a user may do something and why, by the very function that decides; `user_unknown`.

    Facts that are not given are not known: a condition about them does not hold, and the reason says so.
    """
    user = load_user(ports.log, tenant, command.user_id)
    if user is None:
        raise user_unknown()
    book = book_of(ports, tenant)
    role = book.name_of(user.role)
    if user.state is not UserState.ACTIVE:
        reason = Reason(ReasonCode.ACCOUNT_NOT_ACTIVE, "The account is not active: it gets no token.")
        return Explained(role, allowed=False, reasons=(reason,), grants=())
    facts = command.facts if command.facts.now is not None else command.facts.at(ports.clock.now())
    held = granted(ports, tenant, command.user_id, user, ports.log.head(tenant).size)
    decision = decide(Holder(command.user_id, held.grants, held.training_until), command.permission, facts)
    named = tuple(grant for grant in book.grants_of(user.role) if grant.permission == command.permission)
    if named and not any(grant.permission == command.permission for grant in held.grants):
        text = "The role gives this permission, but training has lapsed: until it is done, the user can only read."
        return Explained(role, allowed=False, reasons=(Reason(ReasonCode.TRAINING_NOT_CURRENT, text),), grants=named)
    return Explained(role, decision.allowed, decision.reasons, named)
