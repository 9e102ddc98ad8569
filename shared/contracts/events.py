"""What services tell each other: thin events that name what happened and where to read it, and no content."""

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import Schema, ValidationError, fields, validate


@dataclass(frozen=True, slots=True)
class PublicEvent:
    """An event type that leaves its service."""

    required_subscriber: str | None = None
    """The service that must receive it: until its queue exists the event waits in the log and is not passed over.

    One, because the broker's answer (`mandatory`) says whether anybody received a message, not who did. Of other events
    it is not asked: nobody has to listen to them, and a warning for each would hide those that matter.
    """


PUBLIC_EVENTS: Mapping[str, Mapping[str, PublicEvent]] = {
    "auth": {
        # One event for one mail to one person; what it is about is asked for with `auth.notice`.
        "NoticeDue": PublicEvent(required_subscriber="notifier"),
    },
    "invoices": {
        # What is said of a customer changed, perhaps where their documents go.
        "CustomerChanged": PublicEvent(),
        "InvoiceIssued": PublicEvent(),
        "CreditNoteIssued": PublicEvent(),
        # From here on `get_document` has it: what goes out to the customer.
        "DocumentArchived": PublicEvent(required_subscriber="notifier"),
        # From here on `get_reminder` has it: the letter of a reminder.
        "ReminderArchived": PublicEvent(required_subscriber="notifier"),
        # From here on `get_quote_document` has it: a drawn revision, which `position` names there.
        "QuoteArchived": PublicEvent(required_subscriber="notifier"),
        # Its stream is `shredding-<customer id>`. For whoever keeps anything about customers: the notifier does not.
        "SubjectShredded": PublicEvent(),
        # What waits for a second person: auth knows who the owners are, and has them told.
        # A customer's documents go elsewhere from now on: invoice fraud begins so, and auth has the owners told.
        "CustomerRedirected": PublicEvent(required_subscriber="auth"),
        "BankAccountChangeRequested": PublicEvent(required_subscriber="auth"),
        "ShreddingRequested": PublicEvent(required_subscriber="auth"),
    },
    "notifier": {},
    "backup": {},
}
"""Public events by source service and type."""


class PublishedEventSchema(Schema):
    """The body of an event message."""

    id = fields.UUID(required=True)
    type = fields.String(required=True, validate=validate.Regexp(r"\A[A-Z][A-Za-z0-9]{0,99}\Z"))
    tenant = fields.UUID(required=True)
    stream = fields.String(required=True, validate=validate.Regexp(r"\A[a-z][a-z0-9_-]{0,127}\Z"))
    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    position = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    at = fields.String(required=True, validate=validate.Length(max=40))


_SCHEMA = PublishedEventSchema()


class EventMalformed(Exception):
    """An event message that does not have the published form."""


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event as subscribers get it: its place in the source's log, no content."""

    source: str
    """The service whose log holds the event."""
    id: str
    type: str
    tenant: str
    stream: str
    version: int
    position: int
    at: str
    """RFC 3339 UTC, microseconds."""

    def to_body(self) -> dict[str, object]:
        """Return the JSON body of the message; the source is in the name of the exchange."""
        return {
            "id": self.id,
            "type": self.type,
            "tenant": self.tenant,
            "stream": self.stream,
            "version": self.version,
            "position": self.position,
            "at": self.at,
        }

    @classmethod
    def from_body(cls, source: str, body: object) -> "PublishedEvent":
        """Read a message body; EventMalformed, without its content, when it is anything else."""
        try:
            loaded = _SCHEMA.load(body)  # type: ignore[arg-type]  # load itself refuses what is not a mapping
        except ValidationError:
            raise EventMalformed(f"an event from {source} does not have the published form") from None
        return cls(source=source, **{**loaded, "id": str(loaded["id"]), "tenant": str(loaded["tenant"])})
