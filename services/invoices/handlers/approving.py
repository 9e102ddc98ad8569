"""Whose eyes: the person behind a command, as events about four eyes name them."""

from services.invoices.domain.approval import Approval
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import CommandId


def approval_of(command_id: CommandId) -> Approval:
    """Return the person who sends the command; PublicError permission_denied: a service has no eyes of its own."""
    by = command_id.by
    if by is None or by.kind != "person":
        raise PublicError(ErrorCode.PERMISSION_DENIED, "Only a person may ask for this.")
    return Approval(by.id, by.factors)
