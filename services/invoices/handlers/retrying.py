"""A command that comes again: whose it was, and whether somebody else may have its answer."""

from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.events import (
    InvoiceDrafted,
)
from services.invoices.history import (
    load_customer,
)
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts
from shared.eventstore.model import CommandId, RecordedEvent


def of_another(earlier: list[RecordedEvent], command_id: CommandId) -> bool:
    """Tell whether somebody else carried the command out; who is not named is somebody else."""
    first, now = earlier[0].by, command_id.by
    return first is None or now is None or (first.kind, first.id) != (now.kind, now.id)


def allow_document(ports: Ports, tenant: str, draft: InvoiceDrafted, allow: Allow) -> None:
    """Judge whether somebody may have the answer that somebody else got; PublicError permission_denied."""
    content = draft.content
    _, registered_by = load_customer(ports.log, tenant, content.customer_id)
    allow(Facts(registered_by=registered_by, amount=calculate(content).payable, currency=content.currency))
