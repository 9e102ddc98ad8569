"""Deliver what is due: one event, at most one mail."""

from dataclasses import dataclass

from services.notifier.domain.delivery import DeliveryState, has_waited_too_long, is_over
from services.notifier.domain.mail import MailRefused
from services.notifier.domain.ports import Deliveries, Delivery, Inbox, Mails, Notice, NotNow, NotWanted, Transport
from shared.kernel.clock import Clock


@dataclass(frozen=True)
class Courier:
    """Takes events from the inbox and sees each delivery through as far as it goes now."""

    inbox: Inbox
    mails: Mails
    deliveries: Deliveries
    transport: Transport
    clock: Clock

    def deliver_next(self) -> bool:
        """Deal with one due event; False when there is none."""
        notice = self.inbox.take()
        if notice is None:
            return False
        self.deliver(notice)
        return True

    def deliver(self, notice: Notice) -> None:
        """Deal with one event.

        The order of the commits is what makes it at most once: `sending` before the first byte, the outcome after the
        last, the inbox at the very end. A crash between any two of them repeats no mail.
        """
        delivery = self.deliveries.recall(notice)
        if is_over(delivery.state):
            self.inbox.done(notice.event_id)
            return
        try:
            code = self._attempt(notice)
        except NotNow as problem:
            code = problem.code
        except MailRefused:
            self.deliveries.refuse(notice)
            code = None
        except NotWanted:
            self.deliveries.spare(notice)
            code = None
        self._put_back(notice, delivery, code)

    def _attempt(self, notice: Notice) -> str | None:
        """Try once; return why it has to be tried again, or None when the delivery is over."""
        mail = self.mails.mail_for(notice)
        message = self.transport.prepare(mail)
        self.deliveries.begin(notice, mail)
        attempt = self.transport.send(message)
        state = self.deliveries.conclude(notice, attempt)
        if state is DeliveryState.PENDING:
            return "smtp_unreachable" if attempt.reply is None else f"smtp_{attempt.reply}"
        return None

    def _put_back(self, notice: Notice, delivery: Delivery, code: str | None) -> None:
        if code is None:
            self.inbox.done(notice.event_id)
        elif has_waited_too_long(delivery.since, self.clock.now()):
            self.inbox.dead(notice.event_id, code)
        else:
            self.inbox.retry_later(notice.event_id, code)
