"""Make the golden vectors of the log entry.

    python tests/vectors/make_log_entry_vectors.py > tests/vectors/log_entry.json

Run once; the result is only read since, and a change that needs it made anew is a change of format. Nothing of the
project is imported: the entry is written here a second time, by hand from the table in docs/formats.md.
"""

import hashlib
import json
import sys

PLAIN = {
    "tenant": "019aa0e5-1111-7000-8000-000000000001",
    "stream": "invoice-019aa0e5-2222-7000-8000-000000000002",
    "version": 1,
    "id": "019aa0e5-3333-7000-8000-000000000003",
    "type": "InvoiceDrafted",
    "schema": 1,
    "at": "2026-11-22T09:00:00.000000Z",
    "key": "019aa0e5-4444-7000-8000-000000000004",
    "digest": None,
    "sealed": "01ff00",
}
CASES: dict[str, dict[str, object]] = {
    "without a digest": {},
    "with a digest": {"type": "InvoiceIssued", "version": 2, "digest": hashlib.sha256(b"a PDF").hexdigest()},
    "large numbers": {"version": 4_294_967_296, "schema": 2_147_483_647},
    "the shortest names": {"stream": "a", "type": "B"},
    "the longest names": {"stream": "s" * 128, "type": "T" * 100},
    "every byte in the payload": {"sealed": bytes(range(256)).hex()},
    "the last microsecond of a leap day": {"at": "2028-02-29T23:59:59.999999Z"},
}
REFUSED: dict[str, dict[str, object]] = {
    "at without microseconds": {"at": "2026-11-22T09:00:00Z"},
    "at in another zone": {"at": "2026-11-22T09:00:00.000000+01:00"},
    "at on a day that does not exist": {"at": "2026-02-29T09:00:00.000000Z"},
    "at with digits that are not ASCII": {"at": "٢٠٢٦-11-22T09:00:00.000000Z"},
    "at with a newline": {"at": "2026-11-22T09:00:00.000000Z\n"},
    "digest in capitals": {"digest": "AB" * 32},
    "digest too short": {"digest": "ab" * 31},
    "digest empty": {"digest": ""},
    "id in capitals": {"id": "019AA0E5-3333-7000-8000-000000000003"},
    "id with braces": {"id": "{019aa0e5-3333-7000-8000-000000000003}"},
    "key that is a name": {"key": "customer-1"},
    "tenant that is a name": {"tenant": "acme"},
    "schema zero": {"schema": 0},
    "schema too large": {"schema": 2_147_483_648},
    "version zero": {"version": 0},
    "stream empty": {"stream": ""},
    "stream with a quote": {"stream": 'invoice-"'},
    "stream with a backslash": {"stream": "invoice-\\"},
    "stream with a control character": {"stream": "invoice-\x01"},
    "stream that is not ASCII": {"stream": "invoice-é"},
    "stream with a newline": {"stream": "invoice-1\n"},
    "stream too long": {"stream": "s" * 129},
    "type in lower case": {"type": "invoiceDrafted"},
    "type with a space": {"type": "Invoice Drafted"},
    "type that is not ASCII": {"type": "Invoiceé"},
    "type too long": {"type": "T" * 101},
}


def entry(event: dict[str, object], *, sealed: bool) -> str:
    payload_hash = hashlib.sha256(bytes.fromhex(str(event["sealed"]))).hexdigest()
    parts = [f'"at":"{event["at"]}"']
    if event["digest"] is not None:
        parts.append(f'"digest":"{event["digest"]}"')
    parts += ['"f":1', f'"id":"{event["id"]}"', f'"key":"{event["key"]}"', f'"schema":{event["schema"]}']
    if sealed:
        parts.append(f'"sealed":"{payload_hash}"')
    parts += [f'"stream":"{event["stream"]}"', f'"tenant":"{event["tenant"]}"', f'"type":"{event["type"]}"']
    parts.append(f'"version":{event["version"]}')
    return "{" + ",".join(parts) + "}"


def case(name: str, changes: dict[str, object]) -> dict[str, object]:
    event = PLAIN | changes
    whole = entry(event, sealed=True)
    return {
        "name": name,
        "event": event,
        "entry": whole,
        "aad": entry(event, sealed=False),
        "leaf_hash": hashlib.sha256(b"\x00" + whole.encode("ascii")).hexdigest(),
    }


vectors = {
    "entries": [case(name, changes) for name, changes in CASES.items()],
    "refused": [{"name": name, "event": PLAIN | changes} for name, changes in REFUSED.items()],
}
json.dump(vectors, sys.stdout, indent=1)
sys.stdout.write("\n")
