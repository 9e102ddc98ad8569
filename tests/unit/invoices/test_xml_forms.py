"""What the forms say: golden documents, the same bytes always, and what stands where nothing was written."""

import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import pytest
from lxml import etree

from services.invoices.adapters.xml.forms import forms
from services.invoices.domain.document.content import Content, DocumentType, EarlyPayment, PaymentTerms, TaxPoint
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import Period
from services.invoices.domain.document.parties import Customer, Profile
from services.invoices.domain.document.vat import VatCategory
from tests.unit.invoices.documents import CUSTOMER, DAY, GERMAN, GOLDEN, PDF, PDF_DIGEST, SELLER, document, full

ROOT = Path(__file__).parents[3]
VECTORS = ROOT / "tests" / "vectors" / "documents"
DIGESTS = """
from hashlib import sha256
from services.invoices.adapters.xml.forms import forms
from tests.unit.invoices.documents import GOLDEN
print([sha256(form).hexdigest() for each in GOLDEN.values() for form in (forms(each).cii, forms(each).ubl)])
"""


def said(document: Document, element: str) -> list[str]:
    """The texts of all elements of that name in both forms, `<in CII> or <in UBL>` where they are called otherwise."""
    both, (cii, _, ubl) = forms(document, {PDF_DIGEST: PDF}), element.partition(" or ")
    roots = ((etree.fromstring(both.cii), cii), (etree.fromstring(both.ubl), ubl or cii))
    return [each.text or "" for root, name in roots for each in root.iterfind(f".//{{*}}{name}")]


def sold(**changes: object) -> Document:
    content: Content = replace(full(VatCategory.STANDARD), **changes)  # type: ignore[arg-type]  # tests name the fields
    return document(content)


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("form", ["cii", "ubl"])
def test_the_golden_documents_stay_as_they_are(name: str, form: str) -> None:
    written: bytes = getattr(forms(GOLDEN[name], {PDF_DIGEST: PDF}), form)
    golden = (VECTORS / f"{name}.{form}.xml").read_bytes()
    assert _plain(written) == _plain(golden)


def _plain(form: bytes) -> str:
    return canonicalize(form.decode(), strip_text=True)


def test_equal_documents_give_equal_bytes_in_any_process() -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", DIGESTS], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1


def test_padding_of_numbers_changes_no_byte() -> None:
    line = full(VatCategory.STANDARD).lines[0]
    padded = replace(line, quantity=Decimal("125.50"), vat_rate=Decimal("19.0"), base_quantity=Decimal("10.00"))
    assert forms(sold(lines=(line,), adjustments=())) == forms(sold(lines=(padded,), adjustments=()))


def test_markup_in_texts_is_text() -> None:
    text = '</cbc:Note> & <a b="c">]]>'
    it = sold(note=text, exchange_rate=None)
    assert said(it, "ExchangedDocument/{*}IncludedNote/{*}Content or Note")[:2] == [text, text]


@pytest.mark.parametrize(
    ("profile", "specification"),
    [
        (Profile.PEPPOL, "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"),
        (Profile.XRECHNUNG, "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"),
    ],
)
def test_ubl_follows_the_customers_profile_and_cii_factur_x(profile: Profile, specification: str) -> None:
    it = document(full(VatCategory.STANDARD), SELLER, replace(CUSTOMER, profile=profile))
    assert said(it, "GuidelineSpecifiedDocumentContextParameter/{*}ID or CustomizationID") == [
        "urn:cen.eu:en16931:2017",
        specification,
    ]


def test_an_attachment_is_embedded_where_its_content_is_handed_in() -> None:
    element = "AttachmentBinaryObject or EmbeddedDocumentBinaryObject"
    assert said(sold(), element) == [b64encode(PDF).decode()] * 2
    only_named = forms(sold())
    assert b"BinaryObject" not in only_named.cii + only_named.ubl
    assert only_named.cii.count(b">T-1<") == only_named.ubl.count(b">T-1<") == 1


def test_the_exchange_rate_stands_in_the_note() -> None:
    rate = "1 CHF = 1.0634 EUR (ECB, 2026-11-20)"
    assert said(sold(), "ExchangedDocument/{*}IncludedNote/{*}Content or Note")[0] == f"Thank you.\n{rate}"
    assert said(sold(note=None), "ExchangedDocument/{*}IncludedNote/{*}Content or Note")[0] == rate


@pytest.mark.parametrize(
    ("own", "order", "customer", "reference"),
    [
        ("B-1", "PO-1", CUSTOMER, ["B-1"] * 2),
        (None, "PO-1", CUSTOMER, ["Kostenplaats 7"] * 2),
        (None, "PO-1", replace(CUSTOMER, buyer_reference=None), []),
        (None, None, replace(CUSTOMER, buyer_reference=None), ["K-107"] * 2),
        (None, None, replace(CUSTOMER, buyer_reference=None, reference=None), ["Bob de Vries"] * 2),
        (None, None, replace(CUSTOMER, buyer_reference=None, reference=None, contact=None), [CUSTOMER.name] * 2),
        (None, None, replace(GERMAN, buyer_reference=None), []),
    ],
)
def test_the_buyer_reference_is_who_the_buyer_is_where_nothing_else_is_known(
    own: str | None, order: str | None, customer: Customer, reference: list[str]
) -> None:
    it = replace(sold(buyer_reference=own, order_reference=order), customer=customer)
    assert said(it, "BuyerReference") == reference


@pytest.mark.parametrize(
    ("due", "terms", "customers_days", "day"),
    [
        (date(2026, 12, 1), PaymentTerms(30), 7, date(2026, 12, 1)),
        (None, PaymentTerms(30), 7, date(2026, 12, 22)),
        (None, PaymentTerms(0), 7, DAY),
        (None, PaymentTerms(None, (), "soon"), 7, date(2026, 11, 29)),
        (None, None, 7, date(2026, 11, 29)),
        (None, None, None, DAY),
    ],
)
def test_the_due_date_follows_from_what_was_agreed(
    due: date | None, terms: PaymentTerms | None, customers_days: int | None, day: date
) -> None:
    it = sold(due_date=due, payment_terms=terms)
    it = replace(it, customer=replace(CUSTOMER, payment_days=customers_days))
    assert said(it, "DueDateDateTime/{*}DateTimeString or DueDate") == [f"{day:%Y%m%d}", day.isoformat()]


def test_a_credit_note_names_its_due_date_where_ubl_has_room_for_it() -> None:
    it = document(full(VatCategory.STANDARD, DocumentType.CREDIT_NOTE))
    assert said(it, "DueDateDateTime/{*}DateTimeString or PaymentDueDate") == ["20261222", "2026-12-22"]


@pytest.mark.parametrize(
    ("profile", "terms", "words"),
    [
        (
            Profile.PEPPOL,
            PaymentTerms(30, (EarlyPayment(10, Decimal("2.50")),)),
            "2.5 % discount if paid within 10 days",
        ),
        (Profile.PEPPOL, PaymentTerms(30, (), "Cash only."), "Cash only."),
        (Profile.XRECHNUNG, PaymentTerms(30, (), "Nur bar."), "Nur bar."),
        (Profile.XRECHNUNG, PaymentTerms(30, (EarlyPayment(10, Decimal(2)),)), "#SKONTO#TAGE=10#PROZENT=2.00#\n"),
        (
            Profile.XRECHNUNG,
            PaymentTerms(30, (EarlyPayment(10, Decimal(2)), EarlyPayment(20, Decimal("1.5"))), "Nur bar."),
            "Nur bar.\n#SKONTO#TAGE=10#PROZENT=2.00#\n#SKONTO#TAGE=20#PROZENT=1.50#\n",
        ),
    ],
)
def test_early_payment_reads_as_the_profile_wants_it(profile: Profile, terms: PaymentTerms, words: str) -> None:
    it = replace(sold(payment_terms=terms), customer=replace(CUSTOMER, profile=profile))
    assert said(it, "SpecifiedTradePaymentTerms/{*}Description or PaymentTerms/{*}Note")[0] == words
    assert said(it, "Nothing or PaymentTerms/{*}Note") == [words]


@pytest.mark.parametrize(
    ("currency", "kind", "code", "accounts"),
    [
        ("EUR", DocumentType.INVOICE, "58", 2),
        ("CHF", DocumentType.INVOICE, "30", 2),
        ("EUR", DocumentType.CREDIT_NOTE, "1", 0),
    ],
)
def test_the_means_of_payment_follow_the_currency_and_nobody_pays_a_credit_note(
    currency: str, kind: DocumentType, code: str, accounts: int
) -> None:
    it = sold(currency=currency, document_type=kind, exchange_rate=None)
    assert said(it, "SpecifiedTradeSettlementPaymentMeans/{*}TypeCode or PaymentMeansCode") == [code, code]
    assert len(said(it, "IBANID or PayeeFinancialAccount/{*}ID")) == accounts


def since_when(document: Document) -> list[str | None]:
    """The text of the payment means (BT-82) in CII and in UBL."""
    both = forms(document)
    code = etree.fromstring(both.ubl).find("{*}PaymentMeans/{*}PaymentMeansCode")
    assert code is not None
    return [
        etree.fromstring(both.cii).findtext(".//{*}SpecifiedTradeSettlementPaymentMeans/{*}Information"),
        code.get("name"),
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Dies ist unser Konto seit 1. März 2026."),
        ("nl", "Dit is onze rekening sinds 1 maart 2026."),
        ("en", "since 1 March 2026."),
    ],
)
def test_both_forms_say_since_when_the_account_is_valid_in_the_customers_language(language: str, words: str) -> None:
    cii, ubl = since_when(document(full(VatCategory.STANDARD), customer=replace(CUSTOMER, language=language)))
    assert cii == ubl
    assert words in (cii or "")


def test_where_no_account_is_named_nothing_is_said_of_one() -> None:
    assert since_when(sold(document_type=DocumentType.CREDIT_NOTE)) == [None, None]
    unknown = replace(SELLER, account_since=None)
    assert since_when(document(full(VatCategory.STANDARD), seller=unknown)) == [None, None]


@pytest.mark.parametrize("kind", DocumentType)
def test_the_day_of_the_vat_is_said_in_both_forms(kind: DocumentType) -> None:
    it = sold(document_type=kind, tax_point=None, tax_point_date=date(2026, 11, 3))
    assert set(said(it, "TaxPointDate/{*}DateString or TaxPointDate")) == {"20261103", "2026-11-03"}
    assert said(it, "DueDateTypeCode or DescriptionCode") == []


@pytest.mark.parametrize(
    ("point", "codes"),
    [(TaxPoint.ISSUE, {"5", "3"}), (TaxPoint.DELIVERY, {"29", "35"}), (TaxPoint.PAYMENT, {"72", "432"})],
)
def test_with_what_the_vat_becomes_due_is_said_by_the_codes_of_each_form(point: TaxPoint, codes: set[str]) -> None:
    for period in (None, Period(None, DAY)):
        it = sold(tax_point=point, period=period)
        assert set(said(it, "DueDateTypeCode or InvoicePeriod/{*}DescriptionCode")) == codes


def test_what_is_outside_the_scope_of_vat_names_no_vat_identifier() -> None:
    it = document(full(VatCategory.OUTSIDE_SCOPE))
    both = forms(it)
    assert SELLER.vat_id is not None
    assert CUSTOMER.vat_id is not None
    assert f'schemeID="VA">{SELLER.vat_id}'.encode() not in both.cii
    assert f"CompanyID>{SELLER.vat_id}".encode() not in both.ubl
    assert CUSTOMER.vat_id.encode() not in both.cii + both.ubl


def test_a_seller_without_vat_identifier_and_register_entry_goes_by_its_tax_number() -> None:
    it = replace(sold(), seller=replace(SELLER, vat_id=None, registration=None))
    assert (
        said(it, "SellerTradeParty/{*}ID or AccountingSupplierParty/{*}Party/{*}PartyIdentification/{*}ID")
        == [SELLER.tax_number] * 2
    )
