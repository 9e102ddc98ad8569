"""Exporting: what was issued, from the log, in the shapes in which it can be imported again.

Each document as it was issued, with its customer as they were then. Which ones there are is read from the read model,
which is made to hold everything up to the moment at which the export begins.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from services.invoices.codec import written
from services.invoices.commands.exporting import Holder, Wanted
from services.invoices.domain import refusals
from services.invoices.domain.document.content import Content, Preceding
from services.invoices.domain.document.parties import Customer
from services.invoices.handlers import permit
from services.invoices.handlers.archiving import archived_in
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import invoice_stream, load_customer
from services.invoices.ports import Ports
from shared.crypto.keyring import KeyShredded

_MOST_LOOKED_AT, _MOST_CHARACTERS = 200, 2_000_000
"""On one page, unless one document has more: a document can be long, and a message may not."""


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """One document that was issued, in the order of drafting."""

    invoice_id: str
    position: int
    """Where it was drafted."""
    state: str


class IssuedRows(Protocol):
    """Where it is read which documents were issued."""

    def count(self, tenant: str, customer_id: str | None, as_of: int) -> int:
        """Return how many there were at a log position, for which it waits. PublicError read_model_behind."""
        ...

    def after(self, tenant: str, customer_id: str | None, as_of: int, position: int, limit: int) -> Sequence[IssuedRow]:
        """Return those of them that were drafted behind another position, as they were then."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """What pages are asked for with."""

    export: str
    expires_at: str
    documents: int


def begin_export(ports: Ports, rows: IssuedRows, wanted: Wanted, *, tenant: str, holder: Holder) -> Begun:
    """Return a permit for what was issued up to now.

    Raises PublicError customer_unknown, key_shredded, read_model_behind.
    """
    ports.keyring.create_tenant(tenant)
    if wanted.customer_id is not None:
        still_remembered(ports, tenant, wanted.customer_id)
        if load_customer(ports.log, tenant, wanted.customer_id)[0] is None:
            raise refusals.customer_unknown()
    upto = ports.log.head(tenant).size - 1
    documents = rows.count(tenant, wanted.customer_id, upto)
    export, given = permit.give(ports, tenant, holder, wanted, upto)
    return Begun(export, given.expires_at, documents)


def export_page(
    ports: Ports, rows: IssuedRows, export: str, page_after: int, *, tenant: str, holder: Holder
) -> dict[str, Any]:
    """Return documents as ExportPageReply; PublicError export_invalid. Who was forgotten meanwhile is left out."""
    given = permit.taken(ports, tenant, holder, export)
    found = rows.after(tenant, given.wanted.customer_id, given.upto, page_after, _MOST_LOOKED_AT + 1)
    documents: list[dict[str, Any]] = []
    looked_at = characters = 0
    for row in found[:_MOST_LOOKED_AT]:
        document = None
        with suppress(KeyShredded):
            document = _document(ports, tenant, row, given)
        if document is not None:
            characters += len(json.dumps(document))
            if documents and characters > _MOST_CHARACTERS:
                break
            documents.append(document)
        looked_at += 1
    more = {"next_page": found[looked_at - 1].position} if looked_at < len(found) else {}
    return {"documents": documents, "looked_at": looked_at, **more}


def _document(ports: Ports, tenant: str, row: IssuedRow, given: permit.Permit) -> dict[str, Any] | None:
    """Return a document that is wanted; None for another."""
    recorded = ports.log.load(tenant, invoice_stream(row.invoice_id))
    found = archived_in(recorded)
    if found is None:
        return None
    content, wanted = found.draft.content, given.wanted
    in_time = (wanted.since or content.issue_date) <= content.issue_date <= (wanted.until or content.issue_date)
    if not in_time:
        return None
    archived = {} if found.archived is None else {"digest": found.archived.digest}
    return {
        "key": str(found.issued.number),
        "customer": _customer(found.issued.customer),
        "content": _content(content),
        "issued": {
            "invoice_id": row.invoice_id,
            "number": str(found.issued.number),
            "state": row.state,
            "issued_at": found.issued.issued_at,
            "position": found.issued_at,
            "totals": written(found.issued.totals),
            **archived,
        },
    }


def _customer(customer: Customer) -> dict[str, Any]:
    """Return them as they were; their id is what tells them from others of the same name."""
    particulars = written(customer)
    return {"key": particulars.pop("customer_id"), "particulars": particulars}


def _content(content: Content) -> dict[str, Any]:
    """Return what it says, earlier documents of ours by the keys that they are exported with."""
    said = written(content)
    del said["customer_id"]
    if content.preceding:
        said["preceding"] = [_earlier(each) for each in content.preceding]
    return dict(said)


def _earlier(earlier: Preceding) -> dict[str, Any]:
    if earlier.invoice_id is not None:
        return {"key": earlier.number}
    return {name: value for name, value in written(earlier).items() if name != "invoice_id"}
