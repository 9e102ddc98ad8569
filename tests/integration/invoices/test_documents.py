import hashlib

import pytest
from psycopg import errors

from services.invoices import handlers
from services.invoices.domain.series import DocumentType
from shared.contracts.errors import ErrorCode
from shared.crypto.envelope import SealBroken
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import Trade, everything, refused_with

pytestmark = pytest.mark.integration


def test_the_log_binds_the_document_that_is_sent(trade: Trade) -> None:
    issued = trade.issued(trade.customer())
    document = handlers.get_document(trade.ports, tenant=trade.tenant, invoice_id=issued.invoice_id, allow=everything)
    assert document.content.startswith(b"%PDF-")
    entry = next(event for event in trade.ports.log.read(trade.tenant) if event.type == "InvoiceIssued")
    assert hashlib.sha256(document.content).hexdigest() == document.digest == issued.digest == entry.digest


def test_a_document_comes_with_all_that_it_takes_to_send_it(trade: Trade) -> None:
    customer = trade.customer("Hof van Fietsen B.V.")
    issued = trade.issued(customer, document_type=DocumentType.CREDIT_NOTE)
    document = handlers.get_document(trade.ports, tenant=trade.tenant, invoice_id=issued.invoice_id, allow=everything)
    assert (document.file_name, document.media_type) == ("CN-000001.pdf", "application/pdf")
    assert document.recipient_name == "Hof van Fietsen B.V."
    assert document.recipient_email == "administratie@hofvanfietsen.example"
    assert document.subject == "Credit note CN-000001 from Fahrradteile Nord GmbH"


def test_a_draft_has_no_document(trade: Trade) -> None:
    invoice_id = trade.draft(trade.customer()).invoice_id
    with refused_with(ErrorCode.INVOICE_NOT_ISSUED):
        handlers.get_document(trade.ports, tenant=trade.tenant, invoice_id=invoice_id, allow=everything)


def test_an_unknown_invoice_has_no_document(trade: Trade) -> None:
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        handlers.get_document(trade.ports, tenant=trade.tenant, invoice_id=new_id(), allow=everything)


def test_a_document_that_is_gone_is_reported_as_such(trade: Trade) -> None:
    issued = trade.issued(trade.customer())
    with trade.database.connect_as_admin() as admin:
        admin.execute("DELETE FROM app.documents WHERE digest = %s", (bytes.fromhex(issued.digest),))
    with refused_with(ErrorCode.DOCUMENT_UNKNOWN):
        handlers.get_document(trade.ports, tenant=trade.tenant, invoice_id=issued.invoice_id, allow=everything)


def test_a_document_in_the_place_of_another_does_not_open(trade: Trade) -> None:
    customer = trade.customer()
    first, second = trade.issued(customer), trade.issued(customer)
    with trade.database.connect_as_admin() as admin:
        admin.execute(
            "UPDATE app.documents SET sealed = (SELECT sealed FROM app.documents WHERE digest = %s) WHERE digest = %s",
            (bytes.fromhex(first.digest), bytes.fromhex(second.digest)),
        )
    with pytest.raises(SealBroken):
        handlers.get_document(trade.ports, tenant=trade.tenant, invoice_id=second.invoice_id, allow=everything)


@pytest.mark.parametrize("statement", ["UPDATE app.documents SET sealed = ''", "DELETE FROM app.documents"])
def test_the_service_cannot_change_what_was_sent(trade: Trade, statement: str) -> None:
    with trade.database.connect() as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())
