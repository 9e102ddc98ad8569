"""What all contenders write: payloads of 1 KiB of JSON, no two alike, in streams of ten. Standard library only."""

import hashlib
import json
from collections.abc import Mapping
from uuid import UUID

PAYLOAD_BYTES = 1024
STREAM_LENGTH = 10
"""Events of one stream: about what an invoice with its payments and reminders has."""

EVENT_TYPE = "InvoiceDrafted"

Payload = dict[str, object]
Folded = dict[str, tuple[int, str]]


def payload(index: int) -> Payload:
    """Return the payload of event `index`: PAYLOAD_BYTES of canonical JSON that does not compress."""
    content: Payload = {
        "customer_id": str(_uuid("customer", index // 100)),
        "invoice_id": str(_uuid("invoice", index // STREAM_LENGTH)),
        "document_type": "invoice",
        "issue_date": f"2026-{1 + index % 12:02d}-{1 + index % 28:02d}",
        "currency": "EUR",
        "payable": f"{index % 9973}.{index % 100:02d}",
        "lines": [_line(index + number) for number in range(3)],
        "note": "",
    }
    missing = PAYLOAD_BYTES - len(encoded(content))
    content["note"] = hashlib.shake_128(b"note %d" % index).hexdigest((missing + 1) // 2)[:missing]
    return content


def encoded(content: Mapping[str, object]) -> bytes:
    """Return canonical JSON."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def fold(folded: Folded, stream: str, version: int, content: Mapping[str, object]) -> None:
    """Bring a stream's state up to date: what each contender's replay does with each event."""
    folded[stream] = (version, str(content["payable"]))


def _line(number: int) -> Payload:
    return {
        "description": f"Article {number % 997:04d} of the list",
        "quantity": str(1 + number % 7),
        "unit_price": f"{number % 500}.45",
        "vat_category": "S",
        "vat_rate": "19",
    }


def _uuid(kind: str, number: int) -> UUID:
    return UUID(bytes=hashlib.shake_128(f"{kind} {number}".encode()).digest(16))
