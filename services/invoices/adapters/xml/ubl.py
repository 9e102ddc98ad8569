"""The document as UBL 2.1 Invoice or CreditNote: Peppol BIS Billing 3.0, or XRechnung 3.0 where the customer wants it.

The order of elements is the schema's; the term that an element carries stands beside it.
"""

from collections.abc import Mapping

from services.invoices.adapters.xml import facts, profiles
from services.invoices.adapters.xml.tree import Node, branch, iso_day, leaf
from services.invoices.adapters.xml.tree import document as xml_document
from services.invoices.adapters.xml.ubl_amounts import adjustment, monetary_total, tax_category, tax_totals
from services.invoices.adapters.xml.ubl_lines import item_line, period
from services.invoices.adapters.xml.ubl_parties import buyer, delivered_to, seller
from services.invoices.domain.document.content import Attachment, DocumentType, Preceding
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import DocumentAdjustment
from services.invoices.domain.document.terms import due_date, terms_in_words

_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
_COMPONENTS = {"cac": f"{_SCHEMA}CommonAggregateComponents-2", "cbc": f"{_SCHEMA}CommonBasicComponents-2"}
_PROJECT = "50"
"""Document type code by which a credit note, which has no place for a project, names it (BT-11)."""


def ubl(document: Document, attachments: Mapping[str, bytes] | None = None) -> bytes:
    """Write a document as UBL. `attachments` holds contents by digest; the others are named and not embedded."""
    root = "CreditNote" if _is_credit(document) else "Invoice"
    return xml_document(
        root,
        {"": f"{_SCHEMA}{root}-2", **_COMPONENTS},
        *_head(document),
        *_references(document, attachments or {}),
        *_parties_and_payment(document),
        *_amounts(document),
    )


def _is_credit(document: Document) -> bool:
    return document.content.document_type is DocumentType.CREDIT_NOTE


def _head(document: Document) -> tuple[Node, ...]:
    content, credit = document.content, _is_credit(document)
    code, rate = content.document_type.type_code, content.exchange_rate
    tax_point = leaf("cbc:TaxPointDate", iso_day(content.tax_point_date))  # BT-7
    _, follows = facts.TAX_POINTS[content.tax_point] if content.tax_point else (None, None)
    return (
        leaf("cbc:CustomizationID", profiles.specification(document.customer)),  # BT-24
        leaf("cbc:ProfileID", profiles.BILLING),  # BT-23
        leaf("cbc:ID", document.number),  # BT-1
        leaf("cbc:IssueDate", iso_day(content.issue_date)),  # BT-2
        leaf("cbc:DueDate", None if credit else iso_day(due_date(content, document.customer))),  # BT-9
        tax_point if credit else None,
        leaf("cbc:CreditNoteTypeCode" if credit else "cbc:InvoiceTypeCode", code),  # BT-3
        leaf("cbc:Note", facts.note(document)),  # BT-22
        None if credit else tax_point,
        leaf("cbc:DocumentCurrencyCode", content.currency),  # BT-5
        leaf("cbc:TaxCurrencyCode", None if rate is None else rate.currency),  # BT-6
        leaf("cbc:BuyerReference", facts.buyer_reference(document)),  # BT-10
        period(content.period, follows),  # BG-14, BT-8
    )


def _references(document: Document, attachments: Mapping[str, bytes]) -> tuple[Node, ...]:
    content, credit = document.content, _is_credit(document)
    project = content.project_reference
    return (
        branch("cac:OrderReference", leaf("cbc:ID", content.order_reference)),  # BT-13
        *(_preceding(each) for each in content.preceding),  # BG-3
        branch("cac:ContractDocumentReference", leaf("cbc:ID", content.contract_reference)),  # BT-12
        *(_attachment(each, attachments.get(each.digest)) for each in content.attachments),  # BG-24
        branch(
            "cac:AdditionalDocumentReference",
            leaf("cbc:ID", project),  # BT-11
            leaf("cbc:DocumentTypeCode", project and _PROJECT),
        )
        if credit
        else branch("cac:ProjectReference", leaf("cbc:ID", project)),  # BT-11
    )


def _preceding(preceding: Preceding) -> Node:
    return branch(
        "cac:BillingReference",
        branch(
            "cac:InvoiceDocumentReference",
            leaf("cbc:ID", preceding.number),  # BT-25
            leaf("cbc:IssueDate", iso_day(preceding.issue_date)),  # BT-26
        ),
    )


def _attachment(attachment: Attachment, content: bytes | None) -> Node:
    return branch(
        "cac:AdditionalDocumentReference",
        leaf("cbc:ID", attachment.reference),  # BT-122
        leaf("cbc:DocumentDescription", attachment.description),  # BT-123
        branch(
            "cac:Attachment",
            leaf(
                "cbc:EmbeddedDocumentBinaryObject",  # BT-125
                facts.embedded(content),
                mimeCode=attachment.media_type,
                filename=attachment.file_name,
            ),
        ),
    )


def _parties_and_payment(document: Document) -> tuple[Node, ...]:
    content, identifiers = document.content, facts.identifiers(document)
    return (
        seller(document.seller, identifiers),  # BG-4
        buyer(document.customer, identifiers),  # BG-7
        delivered_to(content.delivery),  # BG-13
        _payment_means(document),  # BG-16
        branch("cac:PaymentTerms", leaf("cbc:Note", terms_in_words(content, document.customer))),  # BT-20
    )


def _payment_means(document: Document) -> Node:
    seller_, code = document.seller, facts.payment_means(document)
    due = iso_day(due_date(document.content, document.customer))
    nobody_pays = code == facts.NOT_DEFINED
    account = branch(
        "cac:PayeeFinancialAccount",
        leaf("cbc:ID", seller_.iban),  # BT-84
        leaf("cbc:Name", seller_.account_name or seller_.name),  # BT-85
        branch("cac:FinancialInstitutionBranch", leaf("cbc:ID", seller_.bic)),  # BT-86
    )
    return branch(
        "cac:PaymentMeans",
        leaf("cbc:PaymentMeansCode", code, name=None if nobody_pays else facts.account_since(document)),  # BT-81, BT-82
        leaf("cbc:PaymentDueDate", due if _is_credit(document) else None),  # BT-9
        leaf("cbc:PaymentID", document.number),  # BT-83
        None if nobody_pays else account,  # BG-17
    )


def _amounts(document: Document) -> tuple[Node, ...]:
    content, totals, currency = document.content, document.totals, document.content.currency
    return (
        *(
            adjustment(each, value, totals.lines_net, currency, _taxed(each))
            for each, value in zip(content.adjustments, totals.adjustments, strict=True)
        ),  # BG-20, BG-21
        *tax_totals(document),  # BT-110, BT-111, BG-23
        monetary_total(totals, currency),  # BG-22
        *(
            item_line(index, line, amounts, currency, credit=_is_credit(document))
            for index, (line, amounts) in enumerate(zip(content.lines, totals.lines, strict=True), start=1)
        ),  # BG-25
    )


def _taxed(adjustment: DocumentAdjustment) -> Node:
    return tax_category("cac:TaxCategory", adjustment.vat_category, adjustment.vat_rate)  # BT-95, 96, 102, 103
