"""What the running invoices service answers, compared with what its log says, document by document."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from cli.audit.folded import Folded, fingerprint
from cli.audit.ledger import Ledger, Sums
from cli.audit.live import LiveLog, Query
from cli.audit.progress import progress
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.faults import FaultKind, Faults

_PAGE = 200
_EVENTS = 256
_SUMMARY = ("invoice_id", "customer_name", "state", "number")
_SUMMARY_OF_CONTENT = ("customer_id", "document_type", "issue_date", "currency")


class ReadModelComparison:
    """One comparison of a ledger with the service whose log it was folded from, as of the log's checkpoint.

    People go on working meanwhile: documents whose streams grew after the checkpoint, and their customers' totals, are
    left out. `skipped` says how many documents these were.
    """

    def __init__(self, query: Query, log: LiveLog, ledger: Ledger, found: Faults) -> None:
        self._query, self._log, self._ledger, self._found = query, log, ledger, found
        self._differing: list[tuple[str, str, int | None, str]] = []
        self._customer_of: dict[str, str] = {}
        self.documents = self.customers = self.receivables = self.skipped = 0

    def run(self) -> None:
        """Compare everything; each difference is a fault. Raises PublicError."""
        total = len(self._ledger.invoices) + len(self._ledger.customers)
        with progress("Comparing read models", total) as advance:
            self._compare_documents(advance)
            self._compare_totals(advance)
        self._compare_receivables()
        aged = self._log.last < 0 or self._aged_as_folded()
        changed = self._changed_since()
        changed_customers = {self._customer_of[document] for document in changed if document in self._customer_of}
        self.skipped = len(changed)
        # Who is forgotten after the checkpoint is in no answer any more, about whatever time.
        if not aged and not any(stream.startswith("shredding-") for stream in changed):
            self._found.add(FaultKind.READ_MODEL_DIFFERS, None, "aging says otherwise what is owed in all")
        for document, customer, position, reason in self._differing:
            if document not in changed and customer not in changed_customers:
                self._found.add(FaultKind.READ_MODEL_DIFFERS, position, reason)

    def _compare_documents(self, advance: Callable[[int], None]) -> None:
        missing = dict(self._ledger.invoices)
        for summary in self._summaries():
            invoice_id = str(summary["invoice_id"])
            self._customer_of[invoice_id] = str(summary["customer_id"])
            folded = missing.pop(invoice_id, None)
            if folded is None:
                self._note(
                    invoice_id, None, f"the read model lists {invoice_id}, which the log does not have (or twice)"
                )
                continue
            self.documents += 1
            self._compare_document(folded, summary)
            advance(self.documents)
        for invoice_id, folded in missing.items():
            self._customer_of[invoice_id] = folded.customer_id
            self._note(invoice_id, folded.position, f"the read model does not list {invoice_id}")

    def _summaries(self) -> Iterator[Mapping[str, Any]]:
        request: dict[str, object] = (
            {"after": self._log.last, "limit": _PAGE} if self._log.last >= 0 else {"limit": _PAGE}
        )
        while True:
            page = self._query("list_invoices", request)
            yield from page["invoices"]
            if "next_page" not in page:
                return
            request["page_after"] = page["next_page"]

    def _compare_document(self, folded: Folded, summary: Mapping[str, Any]) -> None:
        invoice_id = str(summary["invoice_id"])
        try:
            shown = self._query("get_invoice", {"invoice_id": invoice_id})
        except PublicError as error:
            if error.code != ErrorCode.INVOICE_UNKNOWN:
                raise
            self._note(invoice_id, folded.position, f"{invoice_id} is listed, but get_invoice does not know it")
            return
        wrong = [name for name, value in folded.issuing.items() if shown.get(name) != value]
        wrong += [name for name, value in folded.totals.items() if shown["totals"].get(name) != value]
        if not wrong and fingerprint(dict(shown)) != folded.fingerprint:
            wrong = ["its content"]
        if wrong:
            self._note(invoice_id, folded.position, f"get_invoice of {invoice_id} differs in {', '.join(wrong)}")
        expected = _summary(shown)
        if {name: summary.get(name) for name in expected} != expected:
            self._note(invoice_id, folded.position, f"list_invoices shows {invoice_id} otherwise than get_invoice")

    def _compare_totals(self, advance: Callable[[int], None]) -> None:
        for customer_id in self._ledger.customers:
            try:
                reply = self._query("customer_totals", {"customer_id": customer_id})
            except PublicError as error:
                if error.code != ErrorCode.CUSTOMER_UNKNOWN:
                    raise
                self._differing.append(("", customer_id, None, f"the read model does not know customer {customer_id}"))
                continue
            self.customers += 1
            expected = [_totals(currency, sums) for currency, sums in sorted(self._sums(customer_id).items())]
            if [dict(total) for total in reply["totals"]] != expected:
                self._differing.append(
                    ("", customer_id, None, f"customer_totals of {customer_id} differs from the log")
                )
            advance(self.documents + self.customers)

    def _compare_receivables(self) -> None:
        """Compare what is owed with the fold, of everything that anything was paid, credited or written off of."""
        for bill_id, bill in self._ledger.receivables.bills.items():
            if bill.as_issued:
                continue
            self._customer_of[bill_id] = bill.customer_id
            try:
                shown = self._query("get_receivable", {"invoice_id": bill_id})
            except PublicError as error:
                if error.code not in {ErrorCode.INVOICE_UNKNOWN, ErrorCode.KEY_SHREDDED}:
                    raise
                self._note(bill_id, None, f"get_receivable does not know {bill_id}")
                continue
            self.receivables += 1
            wrong = [name for name, amount in bill.shown.items() if shown.get(name) != amount]
            if wrong:
                self._note(bill_id, None, f"get_receivable of {bill_id} differs in {', '.join(wrong)}")

    def _aged_as_folded(self) -> bool:
        """Tell whether all invoices and claims are owed what they are in the log, in sum, as of its checkpoint."""
        owed: dict[str, Decimal] = defaultdict(Decimal)
        for bill in self._ledger.receivables.bills.values():
            if bill.owed > 0:
                owed[bill.currency] += bill.owed
        told = self._query("aging", {"as_of": self._log.last, "limit": 1})["totals"]
        return {row["currency"]: Decimal(row["owed"]) for row in told} == owed

    def _sums(self, customer_id: str) -> Mapping[str, Sums]:
        return self._ledger.totals.get(customer_id, {})

    def _note(self, invoice_id: str, position: int | None, reason: str) -> None:
        self._differing.append((invoice_id, self._customer_of.get(invoice_id, ""), position, reason))

    def _changed_since(self) -> set[str]:
        """Return the ids of the invoices that have events after the checkpoint."""
        changed: set[str] = set()
        after = self._log.last
        while True:
            events = self._query("read_log", {"after": after, "limit": _EVENTS})["events"]
            if not events:
                return changed
            changed |= {_about(str(event["stream"])) for event in events}
            after = events[-1]["position"]


def _about(stream: str) -> str:
    """Return the id of the document that a stream is about, or of what is owed."""
    return stream.removeprefix("invoice-").removeprefix("receivable-")


def _summary(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list has to say of a document that `get_invoice` shows so."""
    content = shown["content"]
    return {
        **{name: shown[name] for name in _SUMMARY if name in shown},
        **{name: content[name] for name in _SUMMARY_OF_CONTENT if name in content},
        "payable": shown["totals"].get("payable"),
    }


def _totals(currency: str, sums: Sums) -> dict[str, object]:
    return {
        "currency": currency,
        "invoices": sums.invoices,
        "credit_notes": sums.credit_notes,
        "net_total": str(sums.net_total),
        "vat_total": str(sums.vat_total),
        "payable": str(sums.payable),
    }
