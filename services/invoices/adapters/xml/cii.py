"""The document as UN/CEFACT Cross Industry Invoice D22B, Factur-X 1.09 (ZUGFeRD 2), profile EN 16931.

The order of elements is the schema's; the term that an element carries stands beside it.
"""

from collections.abc import Mapping

from services.invoices.adapters.xml import facts, profiles
from services.invoices.adapters.xml.cii_lines import adjustment, item_line, period, tax_category
from services.invoices.adapters.xml.cii_parties import buyer, delivered_to, seller
from services.invoices.adapters.xml.cii_values import day, moment
from services.invoices.adapters.xml.tree import Node, amount, branch, leaf, number
from services.invoices.adapters.xml.tree import document as xml_document
from services.invoices.domain.document.content import Attachment, Content, Preceding
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import DocumentAdjustment
from services.invoices.domain.document.terms import due_date, terms_in_words
from services.invoices.domain.document.totals import VatBreakdown

_PREFIX = "urn:un:unece:uncefact:data:standard:"
_NAMESPACES = {
    "rsm": f"{_PREFIX}CrossIndustryInvoice:100",
    "ram": f"{_PREFIX}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_PREFIX}UnqualifiedDataType:100",
    "qdt": f"{_PREFIX}QualifiedDataType:100",
}
_SUPPORTING_DOCUMENT = "916"
_PROJECT = "Project reference"
"""A project has a number only; the schema demands a name as well, and names this one."""


def cii(document: Document, attachments: Mapping[str, bytes] | None = None) -> bytes:
    """Write a document as CII. `attachments` holds contents by digest; the others are named and not embedded."""
    return xml_document(
        "rsm:CrossIndustryInvoice",
        _NAMESPACES,
        branch(
            "rsm:ExchangedDocumentContext",
            branch(
                "ram:BusinessProcessSpecifiedDocumentContextParameter",
                leaf("ram:ID", profiles.BILLING),  # BT-23
            ),
            branch(
                "ram:GuidelineSpecifiedDocumentContextParameter",
                leaf("ram:ID", profiles.EN16931),  # BT-24
            ),
        ),
        branch(
            "rsm:ExchangedDocument",
            leaf("ram:ID", document.number),  # BT-1
            leaf("ram:TypeCode", document.content.document_type.type_code),  # BT-3
            branch("ram:IssueDateTime", moment(document.content.issue_date)),  # BT-2
            branch("ram:IncludedNote", leaf("ram:Content", facts.note(document))),  # BT-22
        ),
        branch(
            "rsm:SupplyChainTradeTransaction",
            *(
                item_line(index, line, amounts)
                for index, (line, amounts) in enumerate(
                    zip(document.content.lines, document.totals.lines, strict=True), start=1
                )
            ),  # BG-25
            _agreement(document, attachments or {}),
            delivered_to(document.content.delivery),  # BG-13
            _settlement(document),
        ),
    )


def _agreement(document: Document, attachments: Mapping[str, bytes]) -> Node:
    content, identifiers = document.content, facts.identifiers(document)
    project = content.project_reference
    return branch(
        "ram:ApplicableHeaderTradeAgreement",
        leaf("ram:BuyerReference", facts.buyer_reference(document)),  # BT-10
        seller(document.seller, identifiers),  # BG-4
        buyer(document.customer, identifiers),  # BG-7
        branch("ram:BuyerOrderReferencedDocument", leaf("ram:IssuerAssignedID", content.order_reference)),  # BT-13
        branch("ram:ContractReferencedDocument", leaf("ram:IssuerAssignedID", content.contract_reference)),  # BT-12
        *(_attachment(each, attachments.get(each.digest)) for each in content.attachments),  # BG-24
        branch(
            "ram:SpecifiedProcuringProject",
            leaf("ram:ID", project),  # BT-11
            leaf("ram:Name", project and _PROJECT),
        ),
    )


def _attachment(attachment: Attachment, content: bytes | None) -> Node:
    return branch(
        "ram:AdditionalReferencedDocument",
        leaf("ram:IssuerAssignedID", attachment.reference),  # BT-122
        leaf("ram:TypeCode", _SUPPORTING_DOCUMENT),
        leaf("ram:Name", attachment.description),  # BT-123
        leaf(
            "ram:AttachmentBinaryObject",  # BT-125
            facts.embedded(content),
            mimeCode=attachment.media_type,
            filename=attachment.file_name,
        ),
    )


def _settlement(document: Document) -> Node:
    content, totals = document.content, document.totals
    rate = content.exchange_rate
    return branch(
        "ram:ApplicableHeaderTradeSettlement",
        leaf("ram:PaymentReference", document.number),  # BT-83
        leaf("ram:TaxCurrencyCode", None if rate is None else rate.currency),  # BT-6
        leaf("ram:InvoiceCurrencyCode", content.currency),  # BT-5
        _payment_means(document),  # BG-16
        *(_tax(part, content) for part in totals.breakdown),  # BG-23
        period(content.period),  # BG-14
        *(
            adjustment(each, value, totals.lines_net, _taxed(each))
            for each, value in zip(content.adjustments, totals.adjustments, strict=True)
        ),  # BG-20, BG-21
        branch(
            "ram:SpecifiedTradePaymentTerms",
            leaf("ram:Description", terms_in_words(content, document.customer)),  # BT-20
            branch("ram:DueDateDateTime", moment(due_date(content, document.customer))),  # BT-9
        ),
        _summation(document),  # BG-22
        *(_preceding(each) for each in content.preceding),  # BG-3
    )


def _taxed(adjustment: DocumentAdjustment) -> Node:
    return tax_category("ram:CategoryTradeTax", adjustment.vat_category, adjustment.vat_rate)  # BT-95, 96, 102, 103


def _payment_means(document: Document) -> Node:
    seller_, code = document.seller, facts.payment_means(document)
    if code == facts.NOT_DEFINED:
        return branch("ram:SpecifiedTradeSettlementPaymentMeans", leaf("ram:TypeCode", code))  # BT-81
    return branch(
        "ram:SpecifiedTradeSettlementPaymentMeans",
        leaf("ram:TypeCode", code),  # BT-81
        leaf("ram:Information", facts.account_since(document)),  # BT-82
        branch(
            "ram:PayeePartyCreditorFinancialAccount",
            leaf("ram:IBANID", seller_.iban),  # BT-84
            leaf("ram:AccountName", seller_.account_name or seller_.name),  # BT-85
        ),
        branch("ram:PayeeSpecifiedCreditorFinancialInstitution", leaf("ram:BICID", seller_.bic)),  # BT-86
    )


def _tax(part: VatBreakdown, content: Content) -> Node:
    code, _ = facts.TAX_POINTS[content.tax_point] if content.tax_point else (None, None)
    return branch(
        "ram:ApplicableTradeTax",
        leaf("ram:CalculatedAmount", amount(part.tax_amount)),  # BT-117
        leaf("ram:TypeCode", "VAT"),
        leaf("ram:ExemptionReason", part.exemption_reason),  # BT-120
        leaf("ram:BasisAmount", amount(part.taxable_amount)),  # BT-116
        leaf("ram:CategoryCode", part.category),  # BT-118
        leaf("ram:ExemptionReasonCode", part.exemption_code),  # BT-121
        branch("ram:TaxPointDate", day(content.tax_point_date)),  # BT-7
        leaf("ram:DueDateTypeCode", code),  # BT-8
        leaf("ram:RateApplicablePercent", number(part.rate)),  # BT-119, of every part (BR-DE-14)
    )


def _summation(document: Document) -> Node:
    totals, content = document.totals, document.content
    rate, accounting = content.exchange_rate, totals.accounting_vat
    return branch(
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        leaf("ram:LineTotalAmount", amount(totals.lines_net)),  # BT-106
        leaf("ram:ChargeTotalAmount", amount(totals.charges)),  # BT-108
        leaf("ram:AllowanceTotalAmount", amount(totals.allowances)),  # BT-107
        leaf("ram:TaxBasisTotalAmount", amount(totals.net)),  # BT-109
        leaf("ram:TaxTotalAmount", amount(totals.vat), currencyID=content.currency),  # BT-110
        leaf(
            "ram:TaxTotalAmount",  # BT-111
            None if accounting is None else amount(accounting),
            currencyID=None if rate is None else rate.currency,
        ),
        leaf("ram:RoundingAmount", amount(totals.rounding) if totals.rounding else None),  # BT-114
        leaf("ram:GrandTotalAmount", amount(totals.gross)),  # BT-112
        leaf("ram:TotalPrepaidAmount", amount(totals.prepaid) if totals.prepaid else None),  # BT-113
        leaf("ram:DuePayableAmount", amount(totals.payable)),  # BT-115
    )


def _preceding(preceding: Preceding) -> Node:
    return branch(
        "ram:InvoiceReferencedDocument",
        leaf("ram:IssuerAssignedID", preceding.number),  # BT-25
        branch("ram:FormattedIssueDateTime", moment(preceding.issue_date, "qdt")),  # BT-26
    )
