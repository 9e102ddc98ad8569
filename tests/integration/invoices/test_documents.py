import hashlib

import pytest
from psycopg import errors

from services.invoices.adapters.drawing.embedded import embedded_xml
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.document.issued import Form
from shared.contracts.errors import ErrorCode
from shared.crypto.envelope import SealBroken
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import Trade, refused_with

pytestmark = pytest.mark.integration


def test_the_log_binds_the_document_that_is_sent(trade: Trade) -> None:
    document = trade.sent(trade.customer())
    assert document.content.startswith(b"%PDF-")
    entry = next(event for event in trade.ports.log.read(trade.tenant) if event.type == "DocumentArchived")
    assert hashlib.sha256(document.content).hexdigest() == document.digest == entry.digest
    assert document.position == entry.position


def test_a_document_comes_with_all_that_it_takes_to_send_it(trade: Trade) -> None:
    customer = trade.customer("Hof van Fietsen B.V.")
    document = trade.sent(customer, document_type=DocumentType.CREDIT_NOTE)
    assert (document.file_name, document.media_type) == ("CN-000001.pdf", "application/pdf")
    assert document.recipient_name == "Hof van Fietsen B.V."
    assert document.recipient_email == "administratie@hofvanfietsen.example"
    assert document.subject == "Credit note CN-000001 from Fahrradteile Nord GmbH"


def test_its_cii_is_what_the_pdf_carries_and_the_log_binds_the_pdf(trade: Trade) -> None:
    issued = trade.issued(trade.customer())
    trade.archive(issued.invoice_id)
    pdf, inside = trade.document(issued.invoice_id), trade.document(issued.invoice_id, Form.CII)
    assert inside.content == embedded_xml(pdf.content)
    assert (inside.file_name, inside.media_type) == ("INV-000001.cii.xml", "application/xml")
    assert (inside.digest, inside.position) == (pdf.digest, pdf.position)


def test_a_draft_has_no_document(trade: Trade) -> None:
    invoice_id = trade.draft(trade.customer()).invoice_id
    with refused_with(ErrorCode.INVOICE_NOT_ISSUED):
        trade.document(invoice_id)


def test_what_is_issued_and_not_drawn_yet_is_pending(trade: Trade) -> None:
    issued = trade.issued(trade.customer())
    with refused_with(ErrorCode.DOCUMENT_PENDING):
        trade.document(issued.invoice_id)


def test_an_unknown_invoice_has_no_document(trade: Trade) -> None:
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        trade.document(new_id())


def test_a_document_that_is_gone_is_reported_as_such(trade: Trade) -> None:
    issued = trade.issued(trade.customer())
    trade.archive(issued.invoice_id)
    digest = trade.document(issued.invoice_id).digest
    with trade.database.connect_as_admin() as admin:
        admin.execute("DELETE FROM app.documents WHERE digest = %s", (bytes.fromhex(digest),))
    with refused_with(ErrorCode.DOCUMENT_UNKNOWN):
        trade.document(issued.invoice_id)


def test_a_document_in_the_place_of_another_does_not_open(trade: Trade) -> None:
    customer = trade.customer()
    first, issued = trade.sent(customer), trade.issued(customer)
    trade.archive(issued.invoice_id)
    second = trade.document(issued.invoice_id)
    with trade.database.connect_as_admin() as admin:
        admin.execute(
            "UPDATE app.documents SET sealed = (SELECT sealed FROM app.documents WHERE digest = %s) WHERE digest = %s",
            (bytes.fromhex(first.digest), bytes.fromhex(second.digest)),
        )
    with pytest.raises(SealBroken):
        trade.document(issued.invoice_id)


@pytest.mark.parametrize("statement", ["UPDATE app.documents SET sealed = ''", "DELETE FROM app.documents"])
def test_the_service_cannot_change_what_was_sent(trade: Trade, statement: str) -> None:
    with trade.database.connect() as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())
