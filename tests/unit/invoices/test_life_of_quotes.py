"""The life of quotes: whatever is done in whatever order, a simple model says what must come of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from services.invoices.domain import deposits
from services.invoices.domain import refusals_of_quotes as refusals
from services.invoices.domain.deposits import Part, final_of
from services.invoices.domain.document.content import Content
from services.invoices.domain.events import InvoiceIssued
from services.invoices.domain.events.quotes import QuoteAccepted, QuoteChanged
from services.invoices.domain.quote import Quote, Terms, decide_quote_change
from services.invoices.handlers import invoicing_quotes, quotes
from tests.unit.invoices.life_of_quotes import LifeOfQuotes


def run(examples: int, phases: tuple[Phase, ...]) -> None:
    # The same run each time: whether a fault is found is no matter of chance.
    chosen = settings(
        max_examples=examples, stateful_step_count=30, deadline=None, phases=phases, derandomize=True, database=None
    )
    run_state_machine_as_test(LifeOfQuotes, settings=chosen)


def test_quotes_live_as_the_model_says() -> None:
    run(30, (Phase.generate, Phase.shrink))


def at_any_time(quote: Quote, by: str, day: date, order: str | None, today: date) -> QuoteAccepted:
    if quote.answered:
        raise refusals.quote_closed()
    return QuoteAccepted(quote.offered.quote_id, day, by, order)


def even_if_answered(quote: Quote, terms: Terms) -> QuoteChanged:
    return decide_quote_change(replace(quote, accepted=None, declined=None), terms)


def as_often_as_asked(quote: Quote, parts: Sequence[Part], today: date) -> Content:
    return final_of(quote, [part for part in parts if part.is_deposit], today)


def issued_is_enough(part: Part) -> tuple[InvoiceIssued, date]:
    issued = part.invoice.issued
    if not isinstance(issued, InvoiceIssued):
        raise refusals.deposit_unsettled(part.event.invoice_id)
    return issued, part.invoice.content.issue_date


def nothing(*_: object) -> tuple[()]:
    return ()


FAULTS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "what is over is accepted": (quotes, "decide_acceptance", at_any_time),
    "what was answered is changed": (quotes, "decide_quote_change", even_if_answered),
    "nobody asks for the version that was read": (quotes, "require_version", nothing),
    "a second final invoice is drafted": (invoicing_quotes, "final_of", as_often_as_asked),
    "a deposit that nobody paid is deducted": (deposits, "_settled", issued_is_enough),
    "a deposit is not deducted": (deposits, "_deducted", nothing),
    "deposits come to more than the quote": (deposits, "_require_within", nothing),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*FAULTS[fault])
    # Not made smaller: that it is found is all that is asked.
    with pytest.raises((AssertionError, ValueError)):
        run(200, (Phase.generate,))
