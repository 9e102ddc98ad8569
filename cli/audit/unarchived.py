"""Which issued documents have no archived bytes yet: archiving follows issuing, so this is no fault, but to be told."""

from collections.abc import Iterator

from shared.eventstore.model import RecordedEvent

_MOST_NAMED = 20
_ISSUED = frozenset({"InvoiceIssued", "CreditNoteIssued"})


class Unarchived:
    """Takes the events of an invoices log in order."""

    def __init__(self) -> None:
        self._numbers: dict[str, tuple[str, str]] = {}
        """Number and customer of what was issued and not archived since, by id."""

    def fold(self, event: RecordedEvent) -> None:
        """Take the next event."""
        payload = event.payload
        if event.type in _ISSUED:
            self._numbers[str(payload["invoice_id"])] = (str(payload["number"]), _customer(payload["customer"]))
        elif event.type == "DocumentArchived":
            self._numbers.pop(str(payload["invoice_id"]), None)
        elif event.type == "SubjectShredded":
            gone = str(payload["subject"])
            self._numbers = {name: each for name, each in self._numbers.items() if f"customer-{each[1]}" != gone}

    @property
    def numbers(self) -> list[str]:
        """Return the numbers of what is issued and not archived, in the order of issue."""
        return [number for number, _ in self._numbers.values()]

    def words(self) -> Iterator[str]:
        """Yield a sentence when there are any."""
        numbers = self.numbers
        if numbers:
            more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
            documents = "1 document is" if len(numbers) == 1 else f"{len(numbers)} documents are"
            yield f"note: {documents} issued and not archived: {', '.join(numbers[:_MOST_NAMED])}{more}"


def _customer(payload: object) -> str:
    return str(payload["customer_id"]) if isinstance(payload, dict) else ""
