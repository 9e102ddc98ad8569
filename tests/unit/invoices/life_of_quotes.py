"""Quotes, and a simple model that says what must come of whatever is done to them in whatever order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from services.invoices.domain.document.content import Content
from tests.unit.invoices.contents import content, sold
from tests.unit.invoices.quoting import Sales
from tests.unit.invoices.test_life import PIECES, outcome

_RATES = (19, 7, 0)
_TAXES = (("S", "19"), ("S", "7"), ("Z", "0"))


def vat(cents: int, rate: int) -> int:
    """Half up."""
    return (cents * rate * 2 + 100) // 200


@dataclass
class Bill:
    """A deposit or final invoice."""

    cents: list[int]
    """Net, by rate."""
    state: str = "draft"
    paid: bool = False

    @property
    def counts(self) -> bool:
        return self.state not in {"discarded", "cancelled"}

    @property
    def gross(self) -> int:
        return sum(cents + vat(cents, rate) for cents, rate in zip(self.cents, _RATES, strict=True))


@dataclass
class Model:
    """What a quote must be: so many pieces at 1.00 of each rate."""

    pieces: list[int]
    begins: date
    until: date
    version: int = 1
    revision: int = 1
    answer: str | None = None
    deposits: dict[str, Bill] = field(default_factory=dict)
    finals: dict[str, Bill] = field(default_factory=dict)

    @property
    def whole(self) -> Bill:
        return Bill([100 * count for count in self.pieces])

    def state(self, day: date) -> str:
        if self.finals:
            return "invoiced"
        return self.answer or ("expired" if day > self.until else "open")

    @property
    def to_invoice(self) -> str:
        if self.answer != "accepted":
            return "quote_not_accepted"
        return "quote_invoiced" if any(bill.counts for bill in self.finals.values()) else "done"

    def fits(self, bills: Sequence[Bill]) -> bool:
        sums = [sum(each) for each in zip(*(bill.cents for bill in bills), strict=True)]
        parts = all(asked <= 100 * count for asked, count in zip(sums, self.pieces, strict=True))
        return parts and sum(bill.gross for bill in bills) <= self.whole.gross


class LifeOfQuotes(RuleBasedStateMachine):
    """Does the same to a business and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.sales = Sales()
        self.models: dict[str, Model] = {}

    def offer(self, pieces: list[int]) -> Content:
        lines = tuple(
            sold(str(count), "1", rate, category)
            for count, (category, rate) in zip(pieces, _TAXES, strict=True)
            if count
        )
        return content(*lines, customer_id=self.sales.shop.customer, issue_date=self.sales.today)

    def pick(self, data: st.DataObject) -> tuple[str, Model]:
        quote_id = data.draw(st.sampled_from(list(self.models)))
        return quote_id, self.models[quote_id]

    # Few, so that much happens to each.
    @precondition(lambda self: len(self.models) < 2)
    @rule(pieces=PIECES, days=st.integers(0, 20))
    def make(self, pieces: list[int], days: int) -> None:
        today = self.sales.today
        until = today + timedelta(days=days)
        self.models[self.sales.made(self.offer(pieces), until)] = Model(pieces, today, until)

    @initialize(pieces=PIECES, percent=st.sampled_from([20, 50, 80]), paid=st.booleans())
    def ask_for_a_deposit(self, pieces: list[int], percent: int, *, paid: bool) -> None:
        """Begin where it takes many steps to come by chance."""
        self.make(pieces, 5)
        [(quote_id, model)] = self.models.items()
        self.sales.accept(quote_id)
        bill = Bill([count * percent for count in pieces])
        model.deposits[self.sales.deposit(quote_id, str(percent)).invoice_id] = bill
        model.answer, model.version = "accepted", 3
        if paid:
            for invoice_id in model.deposits:
                self.sales.shop.issue(invoice_id)
                self.sales.pay(invoice_id)
            bill.state, bill.paid = "issued", True

    @rule(days=st.integers(1, 15))
    def wait(self, days: int) -> None:
        self.sales.wait(days)

    @precondition(lambda self: self.models)
    @rule(data=st.data(), pieces=PIECES, days=st.integers(-3, 20), late=st.booleans())
    def change(self, data: st.DataObject, pieces: list[int], days: int, *, late: bool) -> None:
        quote_id, model = self.pick(data)
        today = self.sales.today
        until = today + timedelta(days=days)
        version = model.version - 1 if late and model.version > 1 else model.version
        expected = "done" if days >= 0 else "quote_date_invalid"
        if model.answer:
            expected = "quote_closed"
        if version != model.version:
            expected = "concurrent_change"
        assert outcome(lambda: self.sales.change(quote_id, version, self.offer(pieces), until)) == expected
        if expected == "done":
            model.pieces, model.begins, model.until = pieces, today, until
            model.version, model.revision = model.version + 1, model.revision + 1

    @precondition(lambda self: self.models)
    @rule(data=st.data(), days=st.integers(-5, 20))
    def extend(self, data: st.DataObject, days: int) -> None:
        quote_id, model = self.pick(data)
        until = self.sales.today + timedelta(days=days)
        expected = "done" if until > model.until and days >= 0 else "quote_date_invalid"
        if model.answer:
            expected = "quote_closed"
        assert outcome(lambda: self.sales.extend(quote_id, until)) == expected
        if expected == "done":
            model.until, model.version = until, model.version + 1

    @precondition(lambda self: self.models)
    @rule(data=st.data(), ago=st.sampled_from([0, 0, 0, 1, 8, -1]))
    def accept(self, data: st.DataObject, ago: int) -> None:
        quote_id, model = self.pick(data)
        day = self.sales.today - timedelta(days=ago)
        expected = "done" if day <= model.until else "quote_expired"
        if ago < 0 or day < model.begins:
            expected = "quote_date_invalid"
        if model.answer:
            expected = "quote_closed"
        assert outcome(lambda: self.sales.accept(quote_id, accepted_on=day)) == expected
        if expected == "done":
            model.answer, model.version = "accepted", model.version + 1

    @precondition(lambda self: self.models)
    @rule(data=st.data(), sure=st.sampled_from([False, False, True]))
    def decline(self, data: st.DataObject, *, sure: bool) -> None:
        quote_id, model = self.pick(data)
        if not sure and not model.answer:
            return
        expected = "quote_closed" if model.answer else "done"
        assert outcome(lambda: self.sales.decline(quote_id)) == expected
        if expected == "done":
            model.answer, model.version = "declined", model.version + 1

    @precondition(lambda self: self.models)
    @rule(data=st.data(), percent=st.sampled_from([1, 20, 33, 50, 80]))
    def deposit(self, data: st.DataObject, percent: int) -> None:
        quote_id, model = self.pick(data)
        bill, expected = Bill([count * percent for count in model.pieces]), model.to_invoice
        asked = [each for each in model.deposits.values() if each.counts]
        if expected == "done" and not model.fits([*asked, bill]):
            expected = "deposit_exceeds_quote"
        drafted: list[str] = []
        assert outcome(lambda: drafted.append(self.sales.deposit(quote_id, str(percent)).invoice_id)) == expected
        for invoice_id in drafted:
            model.deposits[invoice_id] = bill
            model.version += 1

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        quote_id, model = self.pick(data)
        expected = model.to_invoice
        asked = [each for each in model.deposits.values() if each.counts]
        if expected == "done" and not all(each.paid for each in asked):
            expected = "deposit_unsettled"
        drafted: list[str] = []
        assert outcome(lambda: drafted.append(self.sales.final(quote_id).invoice_id)) == expected
        for invoice_id in drafted:
            left = [100 * count - sum(each.cents[at] for each in asked) for at, count in enumerate(model.pieces)]
            model.finals[invoice_id] = Bill(left)
            model.version += 1

    @precondition(lambda self: any(model.deposits for model in self.models.values()))
    @rule(data=st.data(), step=st.sampled_from(["on", "on", "on", "on", "discard", "credit"]))
    def go_on_with_a_deposit(self, data: st.DataObject, step: str) -> None:
        bills = {invoice_id: bill for model in self.models.values() for invoice_id, bill in model.deposits.items()}
        invoice_id = data.draw(st.sampled_from(list(bills)))
        bill, shop = bills[invoice_id], self.sales.shop
        match step, bill.state:
            case "on", "draft":
                shop.issue(invoice_id)
                bill.state = "issued"
            case "on", "issued" if not bill.paid:
                self.sales.pay(invoice_id)
                bill.paid = True
            case "discard", "draft":
                shop.discard(invoice_id)
                bill.state = "discarded"
            case "credit", "issued":
                shop.issue(shop.credit(invoice_id).invoice_id)
                bill.state = "cancelled"

    @precondition(lambda self: any(model.finals for model in self.models.values()))
    @rule(data=st.data())
    def discard_a_final_invoice(self, data: st.DataObject) -> None:
        bills = {invoice_id: bill for model in self.models.values() for invoice_id, bill in model.finals.items()}
        invoice_id = data.draw(st.sampled_from(list(bills)))
        if bills[invoice_id].state == "draft":
            self.sales.shop.discard(invoice_id)
            bills[invoice_id].state = "discarded"

    @invariant()
    def every_quote_is_what_the_model_says(self) -> None:
        today = self.sales.today
        for quote_id, model in self.models.items():
            quote, version = self.sales.found(quote_id)
            assert (quote.state(today), version, quote.valid_until) == (model.state(today), model.version, model.until)
            assert quote.offered.revision == model.revision
            assert [line.quantity for line in quote.content.lines] == [count for count in model.pieces if count]

    @invariant()
    def every_invoice_of_a_quote_is_what_the_model_says(self) -> None:
        for model in self.models.values():
            for invoice_id, bill in (model.deposits | model.finals).items():
                found = self.sales.shop.found(invoice_id)
                taxed = {part.rate: part.taxable_amount for part in found.totals.breakdown}
                cents = [taxed.get(Decimal(rate), Decimal(0)) * 100 for rate in _RATES]
                assert (found.state.value, cents) == (bill.state, [Decimal(each) for each in bill.cents])

    @invariant()
    def no_number_is_given_twice(self) -> None:
        numbers = [self.sales.found(quote_id)[0].offered.number for quote_id in self.models]
        assert numbers == [f"QUO-{place:06}" for place in range(1, len(numbers) + 1)]
