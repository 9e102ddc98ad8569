"""A recorded event as one sentence: when, who, with which factors, from where, what.

A type that has no sentence of its own is written out field by field: nothing that happened is left out because this
program is older than the log.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from cli.audit.approval_sentences import APPROVAL_DEEDS
from cli.audit.item_sentences import ITEM_DEEDS
from cli.audit.payment_sentences import PAYMENT_DEEDS
from cli.audit.quote_sentences import QUOTE_DEEDS
from cli.audit.reminder_sentences import REMINDER_DEEDS
from cli.audit.role_sentences import ROLE_DEEDS
from cli.audit.training_sentences import TRAINING_DEEDS
from shared.eventstore.model import Author, RecordedEvent

_FACTORS = {
    "pwd": "password",
    "otp": "one-time code",
    "rec": "recovery code",
    "hwk": "passkey",
    "swk": "passkey",
    "mfa": "two factors",
}
Payload = Mapping[str, Any]


def sentence(event: RecordedEvent) -> str:
    """Return the event in one line that a terminal can show safely; nothing in it can pose as another line."""
    when = f"{event.at[:10]} {event.at[11:23]} UTC"
    if event.shredded:
        return printable(
            f"{event.position:>8}  {when}  {event.type} of {event.stream}: cannot be read, its key is gone"
        )
    return printable(f"{event.position:>8}  {when}  {author(event.by)} {deed(event)}")


def author(by: Author | None) -> str:
    """Say who, with which factors, from where."""
    if by is None:
        return "nobody named"
    who = {"person": f"user {by.id}", "service": f"service {by.id}"}.get(by.kind, "somebody not yet known")
    factors = " and ".join(_FACTORS.get(factor, factor) for factor in by.factors)
    circumstances = ", ".join(
        part for part in (factors and f"with {factors}", by.source and f"from {by.source}") if part
    )
    return f"{who} ({circumstances})" if circumstances else who


def deed(event: RecordedEvent) -> str:
    """Say what was done."""
    write = _DEEDS.get(event.type)
    if write is None:
        return _generic(event)
    try:
        return write(event.payload)
    except (KeyError, TypeError, AttributeError, ValueError):
        # Written by another version of the service: shown as it is, not as this program thinks it should be.
        return _generic(event)


def printable(text: str) -> str:
    """Return the text with everything that is not plainly visible written as an escape."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def _generic(event: RecordedEvent) -> str:
    content = json.dumps(event.payload, ensure_ascii=False, sort_keys=True)
    return f"recorded {event.type} of {event.stream}: {content}"


def _registered(payload: Payload) -> str:
    address = payload["address"]
    reference = f", known as {payload['reference']}" if payload.get("reference") else ""
    return f"registered the customer {payload['name']} in {address['city']} ({address['country_code']}){reference}"


def _customer_changed(payload: Payload) -> str:
    address = payload["address"]
    mailed = "by hand" if payload.get("delivery") == "none" else f"to {payload['email']}"
    named = payload.get("encryption_key") or payload.get("encryption_certificate")
    key = ", with a key to encrypt to" if named else ""
    place = f"{address['city']} ({address['country_code']})"
    return f"described the customer {payload['name']} in {place} otherwise: documents go {mailed}{key}"


def _seller(payload: Payload) -> str:
    vat_id = f", VAT id {payload['vat_id']}" if payload.get("vat_id") else ""
    return f"said who issues: {payload['name']}{vat_id}, account {payload['iban']}"


def _logo(payload: Payload) -> str:
    return f"set the logo with the digest {payload['digest']}"


def _uploaded(payload: Payload) -> str:
    file = f"{payload['media_type']}, {payload['size']} bytes, digest {payload['digest']}"
    return f"uploaded a file for documents to customer {payload['customer_id']}: {file}"


def _drafted(payload: Payload) -> str:
    kind = _KINDS[payload["document_type"]]
    lines = payload["lines"]
    count = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
    reference = f" ({payload['external_reference']})" if payload.get("external_reference") else ""
    return f"drafted {kind} {payload['invoice_id']}{reference} in {payload['currency']}: {count}"


def _changed(payload: Payload) -> str:
    lines = len(payload["lines"])
    return f"changed draft {payload['invoice_id']}: {'1 line' if lines == 1 else f'{lines} lines'} now"


def _credited(payload: Payload) -> str:
    came_to = "in full" if payload.get("cancels") else "in part"
    amount = payload["credit"]["gross"]
    return f"credited {payload['invoice_id']} {came_to}, {amount} with VAT by credit note {payload['number']}"


def _issued(kind: str) -> Callable[[Payload], str]:
    def write(payload: Payload) -> str:
        totals, currency = payload["totals"], payload["currency"]
        amounts = f"{currency} {totals['payable']} (net {totals['net']}, VAT {totals['vat']})"
        unmailed = "" if payload.get("mailed", True) else ", to be mailed to nobody"
        return f"issued {kind} {payload['number']} to {payload['customer']['name']} over {amounts}{unmailed}"

    return write


def _number_taken(payload: Payload) -> str:
    year = f" of {payload['year']}" if payload.get("year") else ""
    place = f"number {payload['sequence']}{year} of series {payload['series']}"
    return f"gave {payload['number']}, {place}, to {payload['invoice_id']}"


def _series(payload: Payload) -> str:
    series = payload["series"]
    serves = ", ".join(_KINDS[kind] for kind in series.get("serves", ()))
    again = ", each fiscal year anew" if series.get("resets") else ""
    first = f", from {series['first']} on" if series.get("first") else ""
    served = f", for {serves}" if serves else ""
    return f"said how series {series['name']} numbers: {series['pattern']}{again}{first}{served}"


def _shredding_requested(payload: Payload) -> str:
    override = f", overriding retention ({payload['override']})" if payload.get("override") else ""
    return f"asked to forget customer {payload['customer_id']} ({payload['reason']}){override}"


def _subject_shredded(payload: Payload) -> str:
    approvals = " and ".join(f"user {approval['user_id']}" for approval in payload["approvals"])
    return f"had the keys of {payload['subject']} destroyed ({payload['reason']}), decided by {approvals}"


_KINDS = {"invoice": "invoice", "prepayment_invoice": "prepayment invoice", "credit_note": "credit note"}
_DEEDS: Mapping[str, Callable[[Payload], str]] = {
    "CustomerRegistered": _registered,
    "CustomerChanged": _customer_changed,
    "CustomerRedirected": lambda payload: (
        f"had documents to customer {payload['customer_id']} go elsewhere: {', '.join(payload['ways'])}"
    ),
    "SellerConfigured": _seller,
    "LogoSet": _logo,
    "LogoRemoved": lambda _: "removed the logo",
    "AttachmentUploaded": _uploaded,
    "InvoiceDrafted": _drafted,
    "InvoiceIssued": _issued("invoice"),
    "CreditNoteIssued": _issued("credit note"),
    "DraftChanged": _changed,
    "DraftDiscarded": lambda payload: f"discarded draft {payload['invoice_id']}",
    "InvoiceCredited": _credited,
    "XmlArchived": lambda payload: f"archived the XML of {payload['invoice_id']}",
    "DocumentArchived": lambda payload: f"archived the document of {payload['invoice_id']}",
    "NumberTaken": _number_taken,
    "SeriesConfigured": _series,
    "ShreddingRequested": _shredding_requested,
    "ShreddingApproved": lambda payload: f"agreed to request {payload['request_id']} to forget a customer",
    "ShreddingRejected": lambda payload: f"rejected request {payload['request_id']} to forget a customer",
    "ShreddingWithdrawn": lambda payload: f"withdrew request {payload['request_id']} to forget a customer",
    "SubjectShredded": _subject_shredded,
    "TenantCreated": lambda payload: f"founded the business {payload['name']}",
    "AddressClaimed": lambda payload: f"gave an address to user {payload['user_id']}",
    "UserInvited": lambda payload: f"invited {payload['name']} <{payload['email']}> as {payload['role']}",
    "EnrolmentBegun": lambda _: "chose a password and was given a second factor",
    "EnrolmentProofRefused": lambda payload: f"failed to prove the factor: {payload['reason']}",
    "UserEnrolled": lambda _: "proved the second factor: the account is active",
    "RecoveryCodesIssued": lambda _: "was given new recovery codes",
    "RecoveryCodeUsed": lambda payload: f"used up recovery code {payload['index'] + 1} ({payload['purpose']})",
    "UserLocked": lambda payload: f"failed {payload['failures']} times in a row: the account is locked",
    "UserUnlocked": lambda _: "lifted the lock of the account",
    "ProofRefused": lambda payload: (
        f"failed to prove what a change asks for ({payload['purpose']}): {payload['reason']}"
    ),
    "FactorOffered": lambda payload: f"was given another factor, {payload['name']}, not proved yet",
    "OfferProofRefused": lambda payload: f"failed to prove the factor that was offered: {payload['reason']}",
    "FactorAdded": lambda payload: f"proved the factor {payload['name']} ({payload['kind']}), which counts from now on",
    "FactorRemoved": lambda payload: f"removed the factor {payload['name']} ({payload['kind']})",
    "PasskeyUsed": lambda payload: f"proved a passkey for a change ({payload['purpose']})",
    "FactorCloned": lambda payload: f"showed {payload['name']} with a counter that went backwards: somebody has a copy",
    "PasswordChanged": lambda _: "changed the password",
    "PasswordRehashed": lambda _: "showed the password, which was hashed with the parameters of today",
    "NewDeviceSeen": lambda payload: f"logged in from {payload['source']} for the first time",
    "UserDisabled": lambda payload: f"disabled the account ({payload['reason']})",
    "UserEnabled": lambda _: "enabled the account again",
    "BreakGlassUsed": lambda payload: f"broke the glass as {payload['operator']} on the host ({payload['reason']})",
    "LoginBegun": lambda payload: f"showed the password of user {payload['user_id']}",
    "LoginRefused": lambda payload: f"was refused at the login: {payload['reason']}",
    "LoginProofRefused": lambda payload: f"showed a proof that was refused: {payload['reason']}",
    "StepUpBegun": lambda payload: f"was asked for a factor before {payload['deed']}",
    "StepUpRefused": lambda payload: f"showed a proof for a command that was refused: {payload['reason']}",
    "StepUpProved": lambda payload: f"proved a factor for {payload['deed']}, command {payload['command_hash']}",
    "SessionBegan": lambda payload: f"began a session of user {payload['user_id']}, until {payload['ends_at']}",
    "SessionRefreshed": lambda _: "had the session prolonged",
    "SessionEnded": lambda payload: f"met the end of the session: {payload['reason']}",
    "UserSessionsEnded": lambda _: "ended all sessions of the user",
    "LoginSucceeded": lambda payload: f"logged in as user {payload['user_id']} with both factors",
    **APPROVAL_DEEDS,
    **ITEM_DEEDS,
    **PAYMENT_DEEDS,
    **REMINDER_DEEDS,
    **QUOTE_DEEDS,
    **ROLE_DEEDS,
    **TRAINING_DEEDS,
}
