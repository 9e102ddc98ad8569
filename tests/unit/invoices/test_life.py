"""The life of documents: whatever people do with them in whatever order, a simple model says what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from services.invoices.domain import changing, refusals
from services.invoices.domain import invoice as domain
from services.invoices.domain.crediting import CreditedLine
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.document.credit import Left, left_of
from services.invoices.domain.document.issued import Document
from services.invoices.domain.invoice import Invoice, document_of
from services.invoices.handlers import crediting, drafts
from services.invoices.handlers.receivables import load_receivable
from shared.contracts.errors import PublicError
from tests.unit.invoices.contents import sold
from tests.unit.invoices.shop import Shop

_TAXES = (("S", "19"), ("S", "7"), ("Z", "0"))


@dataclass
class Model:
    """What a document must be, by the rules of the trade alone. Each line is so many pieces at 1.00."""

    pieces: list[int]
    """By tax, in their order."""
    kind: str = "invoice"
    of: str | None = None
    """The invoice that a credit note names."""
    version: int = 1
    state: str = "draft"
    credited: list[int] = field(default_factory=lambda: [0, 0, 0])
    number: str | None = None

    @property
    def left(self) -> list[int]:
        return [sold - back for sold, back in zip(self.pieces, self.credited, strict=True)]


def outcome(act: Callable[[], object]) -> str:
    """The code of a refusal, or `done`."""
    try:
        act()
    except PublicError as refused:
        return refused.code.value
    return "done"


PIECES = st.lists(st.integers(0, 40), min_size=3, max_size=3).filter(any)


class Life(RuleBasedStateMachine):
    """Does the same to a business and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()
        self.models: dict[str, Model] = {}
        self.documents: dict[str, Document] = {}
        self.numbers: list[str] = []

    def content(self, pieces: list[int]) -> Content:
        lines = tuple(
            sold(str(count), "1", rate, category)
            for count, (category, rate) in zip(pieces, _TAXES, strict=True)
            if count
        )
        return Content(DocumentType.INVOICE, self.shop.customer, date(2026, 11, 1), "EUR", lines)

    def pick(self, data: st.DataObject) -> tuple[str, Model]:
        invoice_id = data.draw(st.sampled_from(list(self.models)))
        return invoice_id, self.models[invoice_id]

    def of_draft(self, model: Model, version: int) -> str:
        if model.state == "draft":
            return "done" if version == model.version else "concurrent_change"
        return "invoice_discarded" if model.state == "discarded" else "invoice_already_issued"

    @rule(pieces=PIECES)
    def draft(self, pieces: list[int]) -> None:
        drafted = self.shop.draft(self.content(pieces))
        self.models[drafted.invoice_id] = Model(pieces)

    @precondition(lambda self: self.models)
    @rule(data=st.data(), wanted=st.none() | PIECES, late=st.booleans())
    def change(self, data: st.DataObject, wanted: list[int] | None, *, late: bool) -> None:
        invoice_id, model = self.pick(data)
        # Often as much as before, under other rates: of a credit note more than the invoice has under one of them.
        pieces = [*model.pieces[1:], model.pieces[0]] if wanted is None else wanted
        version = model.version - 1 if late and model.version > 1 else model.version
        content = self.shop.found(invoice_id).content
        said = replace(self.content(pieces), document_type=content.document_type, preceding=content.preceding)
        expected = self.of_draft(model, version)
        assert outcome(lambda: self.shop.change(invoice_id, version, said)) == expected
        if expected == "done":
            model.pieces, model.version = pieces, model.version + 1

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        invoice_id, model = self.pick(data)
        expected = self.of_draft(model, model.version)
        assert outcome(lambda: self.shop.discard(invoice_id, model.version)) == expected
        if expected == "done":
            model.state, model.version = "discarded", model.version + 1

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        invoice_id, model = self.pick(data)
        copy = self.shop.duplicate(invoice_id).invoice_id
        self.models[copy] = Model(list(model.pieces), model.kind)
        assert self.shop.found(copy).content.preceding == ()

    @precondition(lambda self: self.models)
    @rule(data=st.data(), pieces=st.none() | PIECES)
    def credit(self, data: st.DataObject, pieces: list[int] | None) -> None:
        invoice_id, model = self.pick(data)
        wanted = (
            # Of all: of what is left, if something was credited before.
            list(model.left if any(model.left) else model.pieces)
            if pieces is None
            else [min(*both) for both in zip(pieces, model.pieces, strict=True)]
        )
        if not any(wanted):
            return
        lines = [place for place, count in enumerate(model.pieces) if count]
        asked = [CreditedLine(lines.index(place), Decimal(count)) for place, count in enumerate(wanted) if count]
        expected = self.to_credit(model, wanted)
        drafted: list[str] = []

        def act() -> None:
            drafted.append(self.shop.credit(invoice_id, *([] if pieces is None else asked)).invoice_id)

        assert outcome(act) == expected
        for note in drafted:
            self.models[note] = Model(wanted, "credit_note", invoice_id)

    @staticmethod
    def to_credit(model: Model, wanted: list[int]) -> str:
        if model.kind == "credit_note" or model.state in {"draft", "discarded"}:
            return "not_creditable"
        fits = all(back <= left for back, left in zip(wanted, model.left, strict=True))
        return "done" if fits else "credit_exceeds_invoice"

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def replace_it(self, data: st.DataObject) -> None:
        invoice_id, model = self.pick(data)
        expected = self.to_credit(model, model.pieces)
        size = len(self.shop.log())
        written: list[tuple[str, str]] = []

        def act() -> None:
            both = self.shop.replace(invoice_id)
            written.append((both.credit_note.invoice_id, both.invoice.invoice_id))

        assert outcome(act) == expected
        assert len(self.shop.log()) == size + 2 * len(written)
        for note, other in written:
            self.models[note] = Model(list(model.pieces), "credit_note", invoice_id)
            self.models[other] = Model(list(model.pieces))

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def issue(self, data: st.DataObject) -> None:
        invoice_id, model = self.pick(data)
        original = self.models[model.of] if model.of else None
        expected = self.of_draft(model, model.version)
        if expected == "done" and original is not None:
            expected = self.to_credit(original, model.pieces)
        assert outcome(lambda: self.shop.issue(invoice_id, model.version)) == expected
        if expected != "done":
            return
        model.state, model.version = "issued", model.version + 1
        found = self.shop.found(invoice_id)
        assert found.issued is not None
        self.documents[invoice_id] = document_of(found.draft, found.issued)
        self.numbers.append(str(found.issued.number))
        if original is not None:
            original.credited = [sum(both) for both in zip(original.credited, model.pieces, strict=True)]
            original.state = "partly_credited" if any(original.left) else "cancelled"
            original.version += 1

    @invariant()
    def every_document_is_what_the_model_says(self) -> None:
        for invoice_id, model in self.models.items():
            found = self.shop.found(invoice_id)
            assert (found.state, self.shop.version(invoice_id)) == (model.state, model.version)
            # Each piece costs 1. What is left is written by VAT category and rate, in an order of its own.
            assert sorted(line.net for line in found.totals.lines) == sorted(count for count in model.pieces if count)

    @invariant()
    def what_is_issued_says_what_it_said(self) -> None:
        for invoice_id, document in self.documents.items():
            found = self.shop.found(invoice_id)
            assert found.issued is not None
            assert document_of(found.draft, found.issued) == document

    @invariant()
    def no_number_is_given_twice(self) -> None:
        assert len(self.numbers) == len(set(self.numbers))

    @invariant()
    def no_more_is_credited_than_was_invoiced(self) -> None:
        for invoice_id in self.models:
            found = self.shop.found(invoice_id)
            assert 0 <= sum(event.credit.gross for event in found.credited) <= found.totals.gross


def run(examples: int, phases: tuple[Phase, ...]) -> None:
    # The same run each time: whether a fault is found is no matter of chance.
    chosen = settings(
        max_examples=examples, stateful_step_count=30, deadline=None, phases=phases, derandomize=True, database=None
    )
    run_state_machine_as_test(Life, settings=chosen)


def test_documents_live_as_the_model_says() -> None:
    run(25, (Phase.generate, Phase.shrink))


def test_what_is_credited_is_no_longer_owed() -> None:
    shop = Shop()
    content = Content(DocumentType.INVOICE, shop.customer, date(2026, 11, 1), "EUR", (sold("3", "0.13"),))
    invoice_id = shop.draft(content).invoice_id
    shop.issue(invoice_id)
    owed = []
    for _ in range(3):
        shop.issue(shop.credit(invoice_id, CreditedLine(0, Decimal(1))).invoice_id)
        owed.append(str(load_receivable(shop.ports, shop.tenant, invoice_id)[0].owed))
    # Each part took 0.02 of the 0.07 of VAT: when nothing is left to credit, nobody is asked for the last cent.
    assert owed == ["0.31", "0.16", "0.00"]


def whatever_it_is(document: Invoice | None) -> Invoice | None:
    return document


def unless_issued(document: Invoice | None) -> Invoice | None:
    if document is not None and document.issued is not None:
        raise refusals.already_issued()
    return document


def all_of_it(self: Invoice, *_: object) -> Left | None:
    return left_of(self.totals, ())


FAULTS: dict[str, tuple[object, str, object]] = {
    "issued documents are changed": (changing, "require_draft", whatever_it_is),
    "discarded drafts are issued": (domain, "require_draft", unless_issued),
    "nobody asks for the version that was read": (changing, "require_version", lambda *_: None),
    "more is credited than was invoiced": (Invoice, "left", all_of_it),
    "issuing a credit note takes nothing back": (crediting, "credited_invoice", lambda _: None),
    "a copy keeps its references": (drafts, "copy_of", lambda content, today: replace(content, issue_date=today)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*FAULTS[fault])
    # Not made smaller: that it is found is all that is asked.
    with pytest.raises((AssertionError, ValueError)):
        run(200, (Phase.generate,))
