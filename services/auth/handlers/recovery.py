"""Giving out recovery codes, and using one up."""

from services.auth.domain.events import RecoveryCodesIssued, RecoveryCodeUsed
from services.auth.domain.proof import RECOVERY_METHOD, ProofOutcome, Proved, Purpose, RecoveryCode
from services.auth.domain.recovery import new_codes
from services.auth.domain.user import User, UserState
from services.auth.handlers.deciding import deciding_again
from services.auth.history import append_to_user, load_user
from services.auth.ports import Ports
from shared.eventstore.model import Author


def issue_codes(ports: Ports, tenant: str, user_id: str) -> tuple[list[str], RecoveryCodesIssued]:
    """Make ten codes; return them, to be shown once, and what is recorded of them."""
    codes = new_codes()
    hashes = " ".join(ports.recovery_codes.hash(tenant, user_id, code) for code in codes)
    return codes, RecoveryCodesIssued(hashes=hashes)


@deciding_again
def use_code(ports: Ports, tenant: str, user_id: str, proof: RecoveryCode, purpose: Purpose) -> Proved:
    """Judge a recovery code; an accepted one is recorded as used before anything is granted.

    The user's stream decides: of two callers with one code, the second meets another version, loads again and finds
    the code used.
    """
    user = load_user(ports.log, tenant, user_id)
    index = None if user is None else _index(ports, tenant, user_id, user, proof)
    if user is None or index is None:
        return Proved(ProofOutcome.WRONG)
    if index in user.recovery_used:
        return Proved(ProofOutcome.REUSED)
    used = RecoveryCodeUsed(index=index, purpose=purpose.kind.value)
    by = Author("person", user_id, (RECOVERY_METHOD,), purpose.session, purpose.source)
    append_to_user(ports.log, tenant, (user_id, user.version), [used], by=by)
    return Proved(ProofOutcome.ACCEPTED, (RECOVERY_METHOD,))


def _index(ports: Ports, tenant: str, user_id: str, user: User, proof: RecoveryCode) -> int | None:
    if user.state is not UserState.ACTIVE:
        return None
    return ports.recovery_codes.index_of(tenant, user_id, proof.code, user.recovery_hashes)
