"""Mails by where their events come from, and the ones that auth asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import ValidationError

from services.notifier.adapters.bus import Bus
from services.notifier.domain.mail import Mail, MailRefused, message_id, wire_address
from services.notifier.domain.ports import Mails, Notice, NotNow
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.notices import NoticeReply

_REPLY = NoticeReply()


@dataclass(frozen=True)
class MailsBySource:
    """Hands each event to those who know the service that it comes from."""

    mails: Mapping[str, Mails]

    def mail_for(self, notice: Notice) -> Mail:
        """Return the mail about an event; raises NotNow and MailRefused."""
        if notice.source not in self.mails:
            raise MailRefused("source_unknown")
        return self.mails[notice.source].mail_for(notice)


@dataclass(frozen=True)
class RpcNotices:
    """Notices from auth: plain text to one person of the business."""

    bus: Bus
    domain: str
    """What follows the @ of message ids."""

    def mail_for(self, notice: Notice) -> Mail:
        """Return the mail about an event; raises NotNow and MailRefused.

        Every refusal but one is taken as temporary: the event exists, so `notice_unknown` too means only that one
        side is newer.
        """
        try:
            reply = self.bus.call("auth", "notice", {"position": notice.position}, tenant=notice.tenant)
        except PublicError as refusal:
            if refusal.code is ErrorCode.KEY_SHREDDED:
                raise MailRefused("key_shredded") from None  # forgotten: there is nobody to tell
            raise NotNow(refusal.code.value) from None
        try:
            told = _REPLY.load(reply)
        except ValidationError:
            raise NotNow("notice_malformed") from None  # one side is newer: it passes with the upgrade
        return Mail(
            message_id=message_id(notice.event_id, self.domain),
            recipient=wire_address(told["recipient_email"]),
            recipient_name=told["recipient_name"],
            subject=told["subject"],
            text=told["text"],
        )
