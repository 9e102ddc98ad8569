"""Files that go with documents: for one customer alone, in every form, and gone when the customer is forgotten."""

import base64
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO

import pytest
from lxml import etree
from pypdf import PdfReader

from services.invoices.commands.attachments import SetLogo, UploadAttachment
from services.invoices.commands.documents import ChangeDraft
from services.invoices.commands.plans import MakePlan
from services.invoices.commands.quotes import MakeQuote
from services.invoices.domain.attachments import MAX_ATTACHMENTS
from services.invoices.domain.document.content import Attachment, Content, DocumentType
from services.invoices.domain.document.issued import Form
from services.invoices.domain.schedule import Interval, Schedule
from services.invoices.handlers import attachments, documents, drafts, logo, plans, quotes, sellers
from services.invoices.history import load_invoice
from services.invoices.replies import Drafted
from shared.contracts.attachments import MAX_ATTACHMENT
from shared.contracts.decision import Facts
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.keyring import KeyShredded
from tests.integration.invoices.trade import SELLER, Trade, command_id, everything, line, refused_with
from tests.unit.invoices.files import CSV_TYPE, GOOD, PDF_TYPE, PNG_TYPE, picture

pytestmark = pytest.mark.integration
HOURS = GOOD[CSV_TYPE]


@dataclass
class Desk:
    """Somebody who attaches files."""

    trade: Trade

    def upload(self, customer: str, content: bytes = HOURS, media_type: str = CSV_TYPE) -> str:
        return attachments.upload_attachment(
            self.trade.ports,
            UploadAttachment(customer, media_type, content),
            tenant=self.trade.tenant,
            command_id=command_id(),
            allow=everything,
        ).digest

    def fetch(self, invoice_id: str, digest: str) -> attachments.AttachedFile:
        return attachments.get_attachment(
            self.trade.ports, tenant=self.trade.tenant, invoice_id=invoice_id, digest=digest, allow=everything
        )

    def form(self, invoice_id: str, form: Form) -> bytes:
        self.trade.archive(invoice_id)
        return documents.get_document(
            self.trade.ports, tenant=self.trade.tenant, invoice_id=invoice_id, allow=everything, form=form
        ).content


@pytest.fixture
def desk(trade: Trade) -> Desk:
    return Desk(trade)


def attached(digest: str, name: str = "hours.csv", media_type: str = CSV_TYPE) -> Attachment:
    return Attachment("T-1", name, media_type, digest, "Hours worked")


def in_xml(document: bytes) -> list[tuple[str, bytes]]:
    """Name and content of every file that an XML form holds."""
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, huge_tree=True))
    elements = root.iter("{*}EmbeddedDocumentBinaryObject", "{*}AttachmentBinaryObject")
    return [(str(each.get("filename")), base64.b64decode(each.text or "")) for each in elements]


def test_a_file_is_in_every_form_of_the_document_and_is_served_again(desk: Desk) -> None:
    customer = desk.trade.customer()
    digest = desk.upload(customer)
    issued = desk.trade.issued(customer, attachments=(attached(digest),)).invoice_id
    assert in_xml(desk.form(issued, Form.UBL)) == [("hours.csv", HOURS)]
    pdf = PdfReader(BytesIO(desk.form(issued, Form.PDF)))
    assert in_xml(pdf.attachments["factur-x.xml"][0]) == [("hours.csv", HOURS)]
    assert pdf.attachments["hours.csv"] == [HOURS]
    found = desk.fetch(issued, digest)
    assert (found.content, found.attachment.file_name) == (HOURS, "hours.csv")


def test_the_log_binds_a_file_by_its_digest_and_names_who_uploaded_it(desk: Desk) -> None:
    customer = desk.trade.customer()
    digest = desk.upload(customer)
    [event] = desk.trade.ports.log.load(desk.trade.tenant, f"attachments-{customer}")
    assert event.digest == digest == sha256(HOURS).hexdigest()
    assert event.by is not None


def change(trade: Trade, draft: Drafted, version: int, *named: Attachment) -> None:
    invoice, _ = load_invoice(trade.ports.log, trade.tenant, draft.invoice_id)
    assert invoice is not None
    asked = ChangeDraft(draft.invoice_id, version, replace(invoice.content, attachments=named))
    drafts.change_draft(trade.ports, asked, tenant=trade.tenant, command_id=command_id(), allow=everything)


def test_a_draft_gets_files_and_loses_them_and_what_is_issued_keeps_them(desk: Desk) -> None:
    trade, customer = desk.trade, desk.trade.customer()
    first, second = desk.upload(customer), desk.upload(customer, GOOD[PDF_TYPE], PDF_TYPE)
    draft = trade.draft(customer, attachments=(attached(first),))
    change(trade, draft, 1, attached(second, "a.pdf", PDF_TYPE))
    with refused_with(ErrorCode.ATTACHMENT_UNKNOWN):
        desk.fetch(draft.invoice_id, first)
    trade.issue(draft.invoice_id)
    with refused_with(ErrorCode.INVOICE_ALREADY_ISSUED):
        change(trade, draft, 3)
    assert desk.fetch(draft.invoice_id, second).content == GOOD[PDF_TYPE]


def test_what_was_never_uploaded_is_not_attached(desk: Desk) -> None:
    customer = desk.trade.customer()
    for digest in ("0" * 64, sha256(HOURS).hexdigest()):
        with refused_with(ErrorCode.DOCUMENT_INVALID):
            desk.trade.draft(customer, attachments=(attached(digest),))


def test_nobody_attaches_another_customers_file_or_document(desk: Desk) -> None:
    victim, thief = desk.trade.customer("Victim"), desk.trade.customer("Thief")
    digest = desk.upload(victim)
    issued = desk.trade.sent(victim)
    pdf = sha256(issued.content).hexdigest()
    for stolen in (attached(digest), attached(pdf, "a.pdf", PDF_TYPE)):
        with refused_with(ErrorCode.DOCUMENT_INVALID):
            desk.trade.draft(thief, attachments=(stolen,))


def test_no_quote_or_plan_names_another_customers_file(desk: Desk) -> None:
    trade, thief = desk.trade, desk.trade.customer("Thief")
    stolen = attached(desk.upload(trade.customer("Victim")))
    day = trade.ports.clock.now().date()
    content = Content(DocumentType.INVOICE, thief, day, "EUR", (line(),), attachments=(stolen,))
    with refused_with(ErrorCode.DOCUMENT_INVALID):
        quotes.make_quote(
            trade.ports, MakeQuote(content, day), tenant=trade.tenant, command_id=command_id(), allow=everything
        )
    with refused_with(ErrorCode.DOCUMENT_INVALID):
        monthly = MakePlan(content, Schedule(day, Interval.MONTH))
        plans.make_plan(trade.ports, monthly, tenant=trade.tenant, command_id=command_id())


def test_nobody_attaches_or_sees_another_businesss_file(desk: Desk, stranger: Trade) -> None:
    customer = desk.trade.customer()
    digest = desk.upload(customer)
    invoice = desk.trade.draft(customer, attachments=(attached(digest),)).invoice_id
    other = Trade(stranger.ports, stranger.queries, stranger.runner, stranger.projection, stranger.database)
    other.open_for_business()
    with refused_with(ErrorCode.DOCUMENT_INVALID):
        other.draft(other.customer(), attachments=(attached(digest),))
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        Desk(other).fetch(invoice, digest)
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        Desk(other).upload(customer)
    assert other.ports.documents.get(other.tenant, f"customer-{customer}", digest) is None


def test_a_document_shows_no_file_that_it_does_not_name(desk: Desk) -> None:
    customer = desk.trade.customer()
    digest = desk.upload(customer)
    invoice = desk.trade.draft(customer).invoice_id
    with refused_with(ErrorCode.ATTACHMENT_UNKNOWN):
        desk.fetch(invoice, digest)


def test_a_file_is_seen_and_uploaded_only_by_who_may(desk: Desk) -> None:
    customer = desk.trade.customer()
    digest = desk.upload(customer)
    invoice = desk.trade.draft(customer, attachments=(attached(digest),)).invoice_id

    def refuse(facts: Facts) -> None:
        assert facts.registered_by
        raise PublicError(ErrorCode.PERMISSION_DENIED, "as a service would")

    ports, tenant = desk.trade.ports, desk.trade.tenant
    with refused_with(ErrorCode.PERMISSION_DENIED):
        attachments.get_attachment(ports, tenant=tenant, invoice_id=invoice, digest=digest, allow=refuse)
    asked = UploadAttachment(customer, CSV_TYPE, b"a;b\n")
    with refused_with(ErrorCode.PERMISSION_DENIED):
        attachments.upload_attachment(ports, asked, tenant=tenant, command_id=command_id(), allow=refuse)
    assert ports.documents.get(tenant, f"customer-{customer}", sha256(b"a;b\n").hexdigest()) is None


def test_a_file_that_is_something_else_is_neither_stored_nor_told_of(desk: Desk) -> None:
    customer, before = desk.trade.customer(), "SELECT count(*) FROM app.documents WHERE tenant = %s"
    with refused_with(ErrorCode.FILE_REFUSED):
        desk.upload(customer, b"<html><script>alert(1)</script></html>", PNG_TYPE)
    assert desk.trade.count(before) == 0
    assert desk.trade.ports.log.version(desk.trade.tenant, f"attachments-{customer}") == 0


def test_a_file_attached_as_another_kind_than_it_was_uploaded_as_is_refused(desk: Desk) -> None:
    customer = desk.trade.customer()
    digest = desk.upload(customer)
    with refused_with(ErrorCode.DOCUMENT_INVALID):
        desk.trade.draft(customer, attachments=(attached(digest, "a.pdf", PDF_TYPE),))


def test_files_of_the_largest_size_are_archived_and_more_is_refused(desk: Desk) -> None:
    customer = desk.trade.customer()
    large = desk.upload(customer, b"a;b\n" * (MAX_ATTACHMENT // 4))
    rest = desk.upload(customer, b"c;d\n" * ((MAX_ATTACHMENTS - MAX_ATTACHMENT) // 4))
    fitting = (attached(large), attached(rest, "rest.csv"))
    issued = desk.trade.issued(customer, attachments=fitting).invoice_id
    assert [len(content) for _, content in in_xml(desk.form(issued, Form.UBL))] == [MAX_ATTACHMENT, 1024 * 1024]
    assert len(desk.form(issued, Form.PDF)) < 16 * 1024 * 1024
    one_more = attached(desk.upload(customer), "more.csv")
    with refused_with(ErrorCode.DOCUMENT_INVALID):
        desk.trade.draft(customer, attachments=(*fitting, one_more))


def test_forgetting_a_customer_takes_their_files_and_leaves_the_same_file_of_others(desk: Desk) -> None:
    trade = desk.trade
    leaving, staying = trade.customer("Leaving"), trade.customer("Staying")
    digest = desk.upload(leaving)
    assert desk.upload(staying) == digest
    kept = trade.draft(staying, attachments=(attached(digest),)).invoice_id
    trade.ports.keyring.shred(trade.tenant, f"customer-{leaving}")
    with pytest.raises(KeyShredded):
        trade.ports.documents.get(trade.tenant, f"customer-{leaving}", digest)
    assert desk.fetch(kept, digest).content == HOURS


def test_a_file_rests_sealed(desk: Desk) -> None:
    secret = b"canary-in-a-file;7,5\n"
    desk.upload(desk.trade.customer(), secret)
    with desk.trade.database.connect_as_admin() as admin:
        rows = admin.execute("SELECT sealed FROM app.documents WHERE tenant = %s", (desk.trade.tenant,)).fetchall()
    assert rows
    assert all(secret not in bytes(sealed) for (sealed,) in rows)


def set_logo(trade: Trade, content: bytes) -> int:
    asked = SetLogo(content)
    return logo.set_logo(trade.ports, asked, tenant=trade.tenant, command_id=command_id(), require_step_up=lambda: None)


def pictures(pdf: bytes) -> int:
    return sum(len(page.images) for page in PdfReader(BytesIO(pdf)).pages)


def test_a_logo_is_shown_on_later_documents_alone(desk: Desk) -> None:
    trade, customer = desk.trade, desk.trade.customer()
    before = trade.issued(customer).invoice_id
    set_logo(trade, picture("PNG"))
    after = trade.issued(customer).invoice_id
    logo.remove_logo(trade.ports, tenant=trade.tenant, command_id=command_id(), require_step_up=lambda: None)
    later = trade.issued(customer).invoice_id
    shown = [pictures(desk.form(each, Form.PDF)) for each in (before, after, later)]
    assert shown[1] == shown[0] + 1 == shown[2] + 1


def test_a_logo_stays_when_the_seller_says_who_it_is_again(trade: Trade) -> None:
    content = picture("JPEG")
    set_logo(trade, content)
    trade.configure(SELLER)
    assert sellers.get_seller(trade.ports, tenant=trade.tenant).logo == sha256(content).hexdigest()


def test_changing_the_logo_is_an_event_of_the_seller_with_who_did_it(trade: Trade) -> None:
    position = set_logo(trade, picture("PNG"))
    [event] = [each for each in trade.ports.log.read(trade.tenant) if each.position == position]
    assert (event.type, event.digest) == ("LogoSet", sha256(picture("PNG")).hexdigest())
    assert event.by is not None


def test_a_business_without_a_seller_has_no_logo(stranger: Trade) -> None:
    stranger.ports.keyring.create_tenant(stranger.tenant)
    with refused_with(ErrorCode.SELLER_MISSING):
        set_logo(stranger, picture("PNG"))


def test_a_page_is_no_logo_and_nothing_is_stored(trade: Trade) -> None:
    with refused_with(ErrorCode.FILE_REFUSED):
        set_logo(trade, b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    assert trade.count("SELECT count(*) FROM app.documents WHERE tenant = %s") == 0


def test_a_logo_takes_a_fresh_proof_and_nothing_is_stored_without_one(trade: Trade) -> None:
    def ask() -> None:
        raise PublicError(ErrorCode.STEP_UP_NEEDED, "as a service would")

    asked = SetLogo(picture("PNG"))
    with refused_with(ErrorCode.STEP_UP_NEEDED):
        logo.set_logo(trade.ports, asked, tenant=trade.tenant, command_id=command_id(), require_step_up=ask)
    assert trade.count("SELECT count(*) FROM app.documents WHERE tenant = %s") == 0
    assert sellers.get_seller(trade.ports, tenant=trade.tenant).logo is None
