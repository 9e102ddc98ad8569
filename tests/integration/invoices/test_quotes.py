"""Quotes over a real database: listed, drawn, bound to the log, and gone with their customer."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from services.invoices.adapters.archivist import Archivist
from services.invoices.commands.quotes import AcceptQuote, ChangeQuote, DeclineQuote, InvoiceQuote, MakeQuote
from services.invoices.commands.shredding import RequestShredding
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.handlers import archiving_quotes, invoicing_quotes, quotes, shredding
from services.invoices.history import paper_stream, quote_of
from services.invoices.mailed import Document
from services.invoices.read_models.quote_queries import QuoteQueries
from shared.contracts.conditions import Conditions
from shared.contracts.decision import Scopes
from shared.contracts.errors import ErrorCode
from shared.crypto.keyring import KeyShredded
from tests.integration.invoices.trade import ADA, ALL, Trade, command_id, everything, line, refused_with, rows_of

DAY = date.today()  # noqa: DTZ011 -- any day will do
UNTIL = DAY + timedelta(days=30)


def sent(trade: Trade) -> dict[str, Any]:
    return {"tenant": trade.tenant, "command_id": command_id(), "allow": everything}


def made(trade: Trade, customer_id: str, until: date = UNTIL) -> str:
    content = Content(DocumentType.INVOICE, customer_id, date(2026, 6, 2), "EUR", (line(),))
    return quote_of(quotes.make_quote(trade.ports, MakeQuote(content, until), **sent(trade)).stream)


def page(trade: Trade, day: date = DAY, scopes: Scopes = ALL, **request: object) -> dict[str, Any]:
    trade.runner.run_once()
    queries = QuoteQueries(trade.queries.reader)
    return queries.page(trade.tenant, {"limit": 50, **request}, day, scopes)


def listed(trade: Trade, **request: Any) -> list[str]:  # noqa: ANN401 -- as the page's
    return [quote["quote_id"] for quote in page(trade, **request)["quotes"]]


def test_quotes_are_listed_by_state_customer_and_day(trade: Trade) -> None:
    customer, other = trade.customer(), trade.customer("Somebody else")
    still, accepted, declined, others = (made(trade, who) for who in (customer, customer, customer, other))
    quotes.accept_quote(trade.ports, AcceptQuote(accepted, "Mme. Dupont"), **sent(trade))
    quotes.decline_quote(trade.ports, DeclineQuote(declined, "too dear"), **sent(trade))
    assert listed(trade) == [still, accepted, declined, others]
    assert listed(trade, customer_id=other) == [others]
    assert listed(trade, state="accepted") == [accepted]
    assert listed(trade, state="open", customer_id=customer) == [still]
    assert listed(trade, state="expired") == []
    later = UNTIL + timedelta(days=1)
    assert listed(trade, state="expired", day=later) == [still, others]
    invoicing_quotes.invoice_quote(trade.ports, InvoiceQuote(accepted), **sent(trade))
    assert listed(trade, state="invoiced") == [accepted]


def test_pages_of_quotes_follow_one_another(trade: Trade) -> None:
    customer = trade.customer()
    all_of_them = [made(trade, customer) for _ in range(5)]
    for state in (None, "open"):
        answer = page(trade, limit=2, state=state)
        found = list(answer["quotes"])
        while "next_page" in answer:
            answer = page(trade, limit=2, state=state, page_after=answer["next_page"])
            found += answer["quotes"]
        assert [quote["quote_id"] for quote in found] == all_of_them


def test_who_sees_own_customers_sees_their_quotes(trade: Trade) -> None:
    quote_id = made(trade, trade.customer())
    own = (Conditions(own_customers=True),)
    assert listed(trade, scopes=Scopes(ADA.id, own)) == [quote_id]
    assert listed(trade, scopes=Scopes("somebody else", own)) == []


def test_a_replay_gives_the_same_rows(lonely_trade: Trade) -> None:
    trade = lonely_trade
    quote_id = made(trade, trade.customer())
    content = Content(DocumentType.INVOICE, trade.customer(), date(2026, 6, 2), "EUR", (line("3"),))
    with refused_with(ErrorCode.DOCUMENT_INVALID):
        quotes.change_quote(trade.ports, ChangeQuote(quote_id, 1, content, UNTIL), **sent(trade))
    trade.runner.run_once()
    before = rows_of(trade.database, "quotes")
    trade.runner.rebuild(trade.projection, lambda *_: None)
    assert rows_of(trade.database, "quotes") == before


def test_each_revision_is_drawn_once_and_bound_to_the_log(trade: Trade) -> None:
    customer = trade.customer()
    quote_id = made(trade, customer)
    content = Content(DocumentType.INVOICE, customer, date(2026, 6, 2), "EUR", (line("3"),))
    quotes.change_quote(trade.ports, ChangeQuote(quote_id, 1, content, UNTIL), **sent(trade))

    def document(revision: int | None = None, position: int | None = None) -> Document:
        return archiving_quotes.get_quote_document(
            trade.ports,
            tenant=trade.tenant,
            quote_id=quote_id,
            revision=revision,
            position=position,
            allow=everything,
        )

    with refused_with(ErrorCode.DOCUMENT_PENDING):
        document()
    for revision in (1, 2, 2):
        archiving_quotes.archive_quote(trade.ports, trade.tenant, quote_id, revision)
    assert trade.ports.log.version(trade.tenant, paper_stream(quote_id)) == 2
    first, second = document(1), document()
    assert (first.file_name, second.file_name) == ("QUO-000001.pdf", "QUO-000001-2.pdf")
    assert document(position=first.position) == first
    assert document(position=second.position) == second
    with refused_with(ErrorCode.QUOTE_UNKNOWN):
        document(position=0)
    for each in (first, second):
        pdf = each.content
        assert pdf.startswith(b"%PDF-")
        assert b"factur-x" not in pdf
        assert sha256(pdf).hexdigest() == each.digest
    with refused_with(ErrorCode.QUOTE_UNKNOWN):
        document(3)
    # Who read it before it was drawn may still decide.
    quotes.accept_quote(trade.ports, AcceptQuote(quote_id, "Mme. Dupont", expected_version=2), **sent(trade))


def test_the_archivist_draws_quotes(trade: Trade) -> None:
    quote_id = made(trade, trade.customer())
    archivist = Archivist(trade.ports)
    events = list(trade.ports.log.read(trade.tenant))
    with trade.queries.pool.connection() as connection:
        for event in events:
            archivist.apply(connection.cursor(), event)
    assert trade.ports.log.version(trade.tenant, paper_stream(quote_id)) == 1


def test_quotes_go_with_their_customer(trade: Trade) -> None:
    customer = trade.customer()
    quote_id = made(trade, customer)
    archiving_quotes.archive_quote(trade.ports, trade.tenant, quote_id, 1)
    command = RequestShredding(customer, "erasure_request")
    shredding.request_shredding(trade.ports, command, tenant=trade.tenant, command_id=command_id())
    assert listed(trade) == []
    trade.ports.keyring.forget(trade.tenant)
    with pytest.raises(KeyShredded):
        quotes.get_quote(trade.ports, tenant=trade.tenant, quote_id=quote_id, allow=everything)
