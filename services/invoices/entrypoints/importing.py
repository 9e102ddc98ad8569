"""Entrypoint for documents in batches."""

from collections.abc import Mapping
from typing import Any

from services.invoices.codec import read
from services.invoices.commands.customers import RegisterCustomer
from services.invoices.commands.importing import ImportDocuments, ImportedDocument, Keyed
from services.invoices.dependencies import App
from services.invoices.domain.document.content import Content, Preceding
from services.invoices.handlers import importing
from shared.contracts import importing as contract
from shared.contracts.conditions import Condition
from shared.contracts.errors import PublicError
from shared.contracts.permissions import Permission
from shared.messaging.command_hash import Retry
from shared.messaging.endpoints import BaseService, Call, command
from shared.messaging.requests import load_request

_CUSTOMER, _DOCUMENT = contract.ImportedCustomerSchema(), contract.ImportedDocumentSchema()


class ImportEntrypoints(BaseService):
    """Many documents in one call."""

    app: App

    @command(
        permission=Permission.INVOICE_IMPORT,
        request=contract.ImportDocumentsRequest,
        reply=contract.ImportDocumentsReply,
        judges=(Condition.OWN_CUSTOMERS, Condition.AMOUNT),
        retry=Retry.BY_ANYBODY,
    )
    def import_documents(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Issue complete documents, registering whom they go to; each has an outcome of its own."""
        customers = [imported_customer(each) for each in request["customers"]]
        outcomes = importing.import_documents(
            self.app.ports,
            ImportDocuments(
                {key: customer for key, customer in customers if key is not None},
                [imported_document(each) for each in request["documents"]],
                dry_run=request["dry_run"],
                mail=request["mail"],
            ),
            tenant=call.require_tenant(),
            command_id=call.require_command(),
            allow=call.allow,
        )
        return {"outcomes": [outcome.as_reply() for outcome in outcomes]}


def imported_customer(asked: Mapping[str, Any]) -> tuple[str | None, RegisterCustomer | PublicError]:
    """Return a customer under their key, as far as there is one."""
    try:
        loaded = load_request(_CUSTOMER, asked)
    except PublicError as malformed:
        key = asked.get("key")
        return (key if isinstance(key, str) else None), malformed
    return loaded["key"], read(loaded["particulars"], RegisterCustomer)


def imported_document(asked: Mapping[str, Any]) -> ImportedDocument | PublicError:
    """Return a document as it is asked for, or how it is malformed."""
    try:
        loaded = load_request(_DOCUMENT, asked)
    except PublicError as malformed:
        return malformed
    said = {**loaded["content"], "customer_id": ""}
    earlier = tuple(_earlier(each) for each in said.pop("preceding", ()))
    return ImportedDocument(loaded["key"], loaded["customer"], read(said, Content), earlier)


def _earlier(said: Mapping[str, Any]) -> Preceding | Keyed:
    return Keyed(said["key"]) if "key" in said else read({"invoice_id": None, **said}, Preceding)
