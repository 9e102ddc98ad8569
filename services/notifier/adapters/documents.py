"""Issued documents, quotes and reminders, asked for over the bus. They are in memory until they are sent."""

import base64
import binascii
import json
from dataclasses import dataclass

from marshmallow import ValidationError

from services.notifier.adapters.bus import Bus
from services.notifier.domain.mail import Attachment, Mail, MailRefused, check_digest, message_id, wire_address
from services.notifier.domain.ports import Notice, NotNow, NotWanted
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.invoices import DocumentReply
from shared.kernel.ids import is_uuid
from shared.merkle.tlog_proof import MEDIA_TYPE as PROOF_MEDIA_TYPE
from shared.merkle.tlog_proof import TlogProof, TlogProofInvalid

_REPLY = DocumentReply()
_ASKED = {
    "invoice": ("get_document", "invoice_id"),
    "reminder": ("get_reminder", "reminder_id"),
    "paper": ("get_quote_document", "quote_id"),
}
"""Method and name of the id, by the kind of stream."""
_REVISED = "paper"
"""The stream that has an event for each revision: which one is meant has to be said."""
_BY_MAIL = "mail"


@dataclass(frozen=True)
class RpcDocuments:
    """Documents from the invoices service."""

    bus: Bus
    domain: str
    """What follows the @ of message ids."""

    def mail_for(self, notice: Notice) -> Mail:
        """Return the mail about an event; raises NotNow, NotWanted and MailRefused.

        Every other refusal of the other service is taken as temporary: an issued document exists, so
        `document_unknown` too means only that it is not there yet.
        """
        method, request = _asked_for(notice)
        try:
            reply = self.bus.call("invoices", method, request, tenant=notice.tenant)
        except PublicError as refusal:
            if refusal.code is ErrorCode.KEY_SHREDDED:
                raise MailRefused("key_shredded") from None  # the customer was forgotten: there is nobody to tell
            raise NotNow(refusal.code.value) from None
        try:
            document = _REPLY.load(reply)
            content = base64.b64decode(document["content_base64"], validate=True)
            bound = json.loads(TlogProof.from_text(document["proof"]).entry)["digest"]
        except (ValidationError, binascii.Error, ValueError, TlogProofInvalid, LookupError, TypeError):
            raise NotNow("document_malformed") from None  # one side is newer: it passes with the upgrade
        if document["delivery"] != _BY_MAIL:
            raise NotWanted
        # Without the log's key the proof's signature cannot be checked here. That it is this document's proof can.
        check_digest(content, document["digest"])
        check_digest(content, bound)
        return Mail(
            message_id=message_id(notice.event_id, self.domain),
            recipient=wire_address(document["recipient_email"]),
            recipient_name=document["recipient_name"],
            subject=document["subject"],
            text=document["text"],
            attachments=(
                Attachment(document["file_name"], document["media_type"], content),
                Attachment(_proof_name(document["file_name"]), PROOF_MEDIA_TYPE, document["proof"].encode()),
            ),
            certificate=document["encryption_certificate"],
            age_recipient=document["encryption_key"],
        )


def _asked_for(notice: Notice) -> tuple[str, dict[str, object]]:
    """Return the call that has what an event is about; MailRefused for a stream of another kind."""
    kind, _, key = notice.stream.partition("-")
    if kind not in _ASKED or not is_uuid(key):
        raise MailRefused("stream_unknown")
    method, name = _ASKED[kind]
    return method, {name: key, **({"position": notice.position} if kind == _REVISED else {})}


def _proof_name(file_name: str) -> str:
    """Name the proof after its document: `INV-000001.pdf` goes with `INV-000001.tlog-proof`."""
    return f"{file_name.removesuffix('.pdf')}.tlog-proof"
