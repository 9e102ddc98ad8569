"""Entrypoints about quotes."""

import base64
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.invoices.codec import read, written
from services.invoices.commands.quotes import (
    AcceptQuote,
    ChangeQuote,
    DeclineQuote,
    ExtendQuote,
    InvoiceQuote,
    MakeQuote,
)
from services.invoices.dependencies import App
from services.invoices.domain.quote import Quote
from services.invoices.entrypoints.lists import day_of
from services.invoices.entrypoints.receipts import receipted
from services.invoices.handlers import archiving_quotes, invoicing_quotes, quotes
from services.invoices.handlers.itemising import itemised
from services.invoices.history import quote_of
from services.invoices.read_models.quote_queries import QuoteQueries
from shared.contracts import quotes as contract
from shared.contracts.conditions import Condition
from shared.contracts.invoices import DocumentReply, DraftInvoiceReply
from shared.contracts.permissions import Permission
from shared.eventstore.model import RecordedEvent
from shared.messaging.endpoints import BaseService, Call, command, query

_JUDGES = (Condition.OWN_CUSTOMERS, Condition.AMOUNT)


class QuoteEntrypoints(BaseService):
    """Quotes."""

    app: App

    @command(
        permission=Permission.QUOTE_WRITE,
        request=contract.MakeQuoteRequest,
        reply=contract.OfferReceipt,
        judges=_JUDGES,
    )
    def make_quote(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Offer something to a customer; its document follows."""
        command = read(self._of_an_invoice(call, request), MakeQuote)
        return self._offered(call, quotes.make_quote(self.app.ports, command, **_sent(call)))

    @command(
        permission=Permission.QUOTE_WRITE,
        request=contract.ChangeQuoteRequest,
        reply=contract.OfferReceipt,
        judges=_JUDGES,
    )
    def change_quote(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Offer something else, as long as the customer has not answered."""
        command = read(self._of_an_invoice(call, request), ChangeQuote)
        return self._offered(call, quotes.change_quote(self.app.ports, command, **_sent(call)))

    @command(
        permission=Permission.QUOTE_WRITE,
        request=contract.ExtendQuoteRequest,
        reply=contract.QuoteReceipt,
        judges=_JUDGES,
    )
    def extend_quote(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Have an offer valid for longer, also when it is over."""
        return _recorded(self.app, call, quotes.extend_quote(self.app.ports, read(request, ExtendQuote), **_sent(call)))

    @command(
        permission=Permission.QUOTE_WRITE,
        request=contract.AcceptQuoteRequest,
        reply=contract.QuoteReceipt,
        judges=_JUDGES,
    )
    def accept_quote(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write down that the customer ordered."""
        return _recorded(self.app, call, quotes.accept_quote(self.app.ports, read(request, AcceptQuote), **_sent(call)))

    @command(
        permission=Permission.QUOTE_WRITE,
        request=contract.DeclineQuoteRequest,
        reply=contract.QuoteReceipt,
        judges=_JUDGES,
    )
    def decline_quote(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write down that the customer does not want it."""
        return _recorded(
            self.app, call, quotes.decline_quote(self.app.ports, read(request, DeclineQuote), **_sent(call))
        )

    @command(
        permission=Permission.INVOICE_DRAFT,
        request=contract.InvoiceQuoteRequest,
        reply=DraftInvoiceReply,
        judges=_JUDGES,
    )
    def invoice_quote(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Write the draft of a deposit, or of the final invoice, of what was accepted."""
        drafted = invoicing_quotes.invoice_quote(self.app.ports, read(request, InvoiceQuote), **_sent(call))
        return receipted(self.app, call, asdict(drafted))

    @query(
        permission=Permission.QUOTE_READ,
        request=contract.GetQuoteRequest,
        reply=contract.QuoteReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def get_quote(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a quote as it is on a day."""
        quote, version = quotes.get_quote(
            self.app.ports,
            tenant=call.require_tenant(),
            quote_id=request["quote_id"],
            allow=call.allow,
            as_of=request.get("as_of"),
        )
        state = quote.state(day_of(self.app, request))
        return {"version": version, "state": state.value, **_shown(quote)}

    @query(
        permission=Permission.QUOTE_READ,
        request=contract.ListQuotesRequest,
        reply=contract.ListQuotesReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def list_quotes(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a page of quotes as they are on a day."""
        found: dict[str, Any] = QuoteQueries(self.app.queries.reader).page(
            call.require_tenant(), request, day_of(self.app, request), call.scopes()
        )
        return found

    @query(
        permission=Permission.QUOTE_READ,
        request=contract.GetQuoteDocumentRequest,
        reply=DocumentReply,
        judges=(Condition.OWN_CUSTOMERS,),
    )
    def get_quote_document(self, call: Call, request: dict[str, Any]) -> dict[str, Any]:
        """Return a drawn quote, how to send it, and the proof that goes with it."""
        tenant = call.require_tenant()
        document = archiving_quotes.get_quote_document(self.app.ports, tenant=tenant, allow=call.allow, **request)
        content = base64.b64encode(document.content).decode()
        proof = self.app.log_access.receipt(tenant, document.position)
        return {**asdict(document), "content_base64": content, "proof": proof}

    def _of_an_invoice(self, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
        """Say what the content will be, if it is accepted, with what its lines take from items."""
        content = {"document_type": "invoice", **request["content"]}
        tenant, command_id = call.require_tenant(), call.require_command()
        return {**request, "content": itemised(self.app.ports, content, tenant=tenant, command_id=command_id)}

    def _offered(self, call: Call, recorded: RecordedEvent) -> dict[str, Any]:
        told = {name: recorded.payload[name] for name in ("quote_id", "number", "revision", "totals")}
        return receipted(self.app, call, {**told, "version": recorded.version, "position": recorded.position})


def _recorded(app: App, call: Call, recorded: RecordedEvent) -> dict[str, Any]:
    place = {"version": recorded.version, "position": recorded.position}
    return receipted(app, call, {"quote_id": quote_of(recorded.stream), **place})


def _sent(call: Call) -> dict[str, Any]:
    return {"tenant": call.require_tenant(), "command_id": call.require_command(), "allow": call.allow}


def _shown(quote: Quote) -> dict[str, Any]:
    offered = quote.offered
    content = {name: value for name, value in written(offered.content).items() if name != "document_type"}
    answer: dict[str, Any] = {}
    if quote.accepted is not None:
        answer = {name: value for name, value in written(quote.accepted).items() if name != "quote_id"}
    if quote.declined is not None:
        answer = {"declined_because": quote.declined.reason}
    invoices = [{name: value for name, value in written(each).items() if name != "quote_id"} for each in quote.invoiced]
    return {
        "quote_id": offered.quote_id,
        "number": offered.number,
        "revision": offered.revision,
        "content": content,
        "totals": written(offered.totals),
        "valid_until": quote.valid_until.isoformat(),
        "offered_at": offered.offered_at,
        "invoices": invoices,
        **answer,
    }
