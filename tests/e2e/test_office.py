"""A day at the desk, typed: customers, items, a quote that becomes an invoice, money, reminders, plans."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from cli.office import customers, drafts, items, plans, quotes, reminders
from deploy.demo import readback
from deploy.demo.people import Person
from shared.kernel.ids import new_id
from shared.merkle.tlog_proof import TlogProof
from tests.e2e.conftest import System, typed
from tests.integration.messaging.processes import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


class Desk:
    """Somebody who types commands in a folder of their own."""

    def __init__(self, system: System, person: Person, folder: Path) -> None:
        self.system, self.person, self.folder = system, person, folder

    def __call__(self, *arguments: str) -> str:
        done = typed(self.system, self.person, self.folder, list(arguments))
        assert done.returncode == 0, (arguments, done.stdout + done.stderr)
        return done.stdout

    def told(self, *arguments: str) -> list[str]:
        """The words of the line that a command says."""
        return self(*arguments).split()

    def refused(self, *arguments: str) -> str:
        done = typed(self.system, self.person, self.folder, list(arguments))
        assert done.returncode == 1, (arguments, done.stdout + done.stderr)
        return done.stderr

    def file(self, name: str, sample: str, **changes: object) -> str:
        """Write a sample, with changes, as somebody does who edits it."""
        said = yaml.load(sample, yaml.BaseLoader)  # noqa: S506 - makes plain values only
        content = said.get("content", said)
        content.update({each: value for each, value in changes.items() if each not in said})
        said.update({each: value for each, value in changes.items() if each in said})
        (self.folder / name).write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
        return name

    def wait_for(self, event: str, count: int) -> None:
        """Wait until the log holds so many."""

        def there() -> bool:
            return readback.count_events(self.system.stack.dsn("invoices"), self.person.tenant)[event] == count

        wait_until(there, f"{count} {event}")


@pytest.fixture
def desk(another: System, tmp_path: Path) -> Desk:
    desk = Desk(another, another.owner, tmp_path)
    (tmp_path / "seller.yaml").write_text(desk("seller", "template"), "utf-8")
    desk("seller", "configure", "seller.yaml")
    return desk


def today(days: int = 0) -> str:
    day: date = datetime.now(UTC).date() + timedelta(days=days)
    return day.isoformat()


def registered(desk: Desk) -> str:
    return desk.told("customers", "add", desk.file("customer.yaml", customers.TEMPLATE, delivery="none"))[1]


def issued(desk: Desk, customer_id: str, **changes: object) -> str:
    """The number of a new invoice."""
    file = desk.file("draft.yaml", drafts.TEMPLATE, customer_id=customer_id, **{"issue_date": today(), **changes})
    return desk.told("documents", "issue", desk.told("documents", "draft", file)[1])[1].rstrip(":")


def proves(document: Path) -> bool:
    """Tell whether the proof beside a document names its digest."""
    proof = TlogProof.from_text(document.with_name(f"{document.name}.tlog-proof").read_text("utf-8"))
    return hashlib.sha256(document.read_bytes()).hexdigest() in proof.entry.decode()


def test_customers_and_items_are_made_known_shown_and_changed(desk: Desk) -> None:
    customer_id = registered(desk)
    assert customer_id in desk("customers", "find", "--name", "Stadt Musterhausen")
    (desk.folder / "there.yaml").write_text(
        desk("customers", "show", customer_id).replace("name: Zoë Muster", "name: Zoë Neu"), "utf-8"
    )
    assert desk.told("customers", "change", "there.yaml") == ["changed", customer_id]
    assert "concurrent_change" in desk.refused("customers", "change", "there.yaml")
    assert json.loads(desk("customers", "show", customer_id, "--json"))["particulars"]["contact"]["name"] == "Zoë Neu"

    item_id = desk.told("items", "add", desk.file("item.yaml", items.TEMPLATE))[1]
    (desk.folder / "bell.yaml").write_text(desk("items", "show", item_id).replace("'975'", "'980'"), "utf-8")
    desk("items", "change", "bell.yaml")
    line = f"{item_id}  B-17  Brass bell, two-tone  980 EUR per 100\n"
    assert desk("items", "list", "--number", "B-17") == line
    desk("items", "retire", item_id)
    assert desk("items", "list") == ""
    assert desk("items", "list", "--retired") == line.replace("\n", "  (retired)\n")


def test_a_quote_becomes_an_invoice_that_is_paid_and_taken_home(desk: Desk) -> None:
    customer_id = registered(desk)
    offer = {"customer_id": customer_id, "issue_date": today(), "valid_until": today(30)}
    said = desk.told("quotes", "make", desk.file("quote.yaml", quotes.TEMPLATE, **offer))
    assert said[:4] == ["offered", "QUO-000001", "over", "2900.63:"]
    quote_id = said[4]
    (desk.folder / "better.yaml").write_text(desk("quotes", "show", quote_id).replace("9.75", "9.00"), "utf-8")
    assert desk.told("quotes", "change", "better.yaml")[:2] == ["offered", "revision"]
    desk("quotes", "extend", quote_id, today(60))
    desk("quotes", "accept", quote_id, "--by", "Zoë Muster", "--order", "PO-4711")
    assert f"{quote_id}  QUO-000001  revision 2  accepted  until {today(60)}  2677.50 EUR" in desk("quotes", "list")
    assert "quote_closed" in desk.refused("quotes", "decline", quote_id, "--reason", "no")
    invoice_id = desk.told("quotes", "invoice", quote_id)[1]
    number = desk.told("documents", "issue", invoice_id)[1].rstrip(":")
    assert (number, desk("documents", "check", number)) == ("INV-000001", "rules: []\n")

    desk.wait_for("DocumentArchived", 1)
    desk.wait_for("QuoteArchived", 2)
    fetched = desk("documents", "fetch", number, "--as", "pdf", "--as", "ubl", "--to", "HOME").split()
    assert fetched[::2] == ["HOME/INV-000001.pdf", "HOME/INV-000001.xml"]
    assert proves(desk.folder / "HOME" / "INV-000001.pdf")
    assert (desk.folder / "HOME").stat().st_mode & 0o777 == 0o700
    assert "is there already" in desk.refused("documents", "fetch", number, "--to", "HOME")
    (drawn, _) = desk("quotes", "fetch", quote_id, "--revision", "2").split()
    assert proves(desk.folder / drawn)

    arrived = ["payments", "record", customer_id, "2700.00", "EUR", "--on", today(), "--line", "S47/12"]
    arrived += ["--remittance", f"Thanks for {number}"]
    payment_id = desk.told(*arrived)[1]
    assert desk.told(*arrived)[1] == payment_id
    assert invoice_id in desk("payments", "suggest", payment_id)
    desk("payments", "match", payment_id, "--for", f"{number}=2677.50")
    assert "state: paid" in desk("documents", "owed", number)
    desk("payments", "refund", payment_id, "22.50", "--on", today(), "--reason", "paid too much")
    assert "2700.00 EUR, free 0.00" in desk("payments", "list", "--customer", customer_id)
    desk("payments", "undo", payment_id, number, "--reason", "meant another")
    assert "free: '2677.50'" in desk("payments", "show", payment_id)
    desk("payments", "reverse", payment_id, "--on", today(), "--reason", "the bank took it back")
    assert "(taken back by the bank)" in desk("payments", "list")
    assert number in desk("documents", "list", "--standing", "open", "--state", "issued")
    assert f"payment reversed  {payment_id}" in desk("reports", "statement", customer_id, "--from", today())
    assert number in desk("reports", "open-items", "--customer", customer_id)
    assert json.loads(desk("reports", "aging", "--json"))["customers"][0]["customer_id"] == customer_id
    year = ("--from", today(-300), "--to", today(), "--per", "whole")
    for report in ("vat", "revenue"):
        assert len(desk("reports", report, *year).splitlines()) == 2
    assert desk("reports", "numbers", "INV").splitlines()[1].startswith(number)


def test_credit_that_names_no_invoice_is_refunded(desk: Desk) -> None:
    customer_id = registered(desk)
    note = issued(desk, customer_id, document_type="credit_note")
    desk("documents", "refund", note, "1.00", "--on", today(), "--reason", "annual bonus")
    assert "amount: '1.00'" in desk("documents", "show", note)
    refused = desk.refused("documents", "refund", note, "9000.00", "--on", today(), "--reason", "annual bonus")
    assert "credit_note_spent" in refused


def test_who_is_late_is_reminded_held_back_and_forgiven(desk: Desk) -> None:
    customer_id = registered(desk)
    late = issued(desk, customer_id, issue_date=today(-60), delivery={"day": today(-60)})
    disputed = issued(desk, customer_id, issue_date=today(-60), delivery={"day": today(-60)})
    levels = [{"days": "7", "term_days": "10", "fee": "5.00"}]
    desk("reminders", "configure", desk.file("policy.yaml", reminders.TEMPLATE, levels=levels))
    desk("reminders", "base-rate", "2026-07-01", "1.27", "--source", "Bundesbank")
    assert "source: Bundesbank" in desk("reminders", "policy")
    assert [line.split()[1] for line in desk("reminders", "list").splitlines()] == [late, disputed]
    desk("reminders", "hold", disputed, "--reason", "is disputed")
    said = desk.told("reminders", "send", late)
    assert said[-3:-1] == ["level", "1:"]
    assert "No reminder is due." in typed(desk.system, desk.person, desk.folder, ["reminders", "list"]).stderr
    desk.wait_for("ReminderArchived", 1)
    (letter, _) = desk("reminders", "fetch", said[-1]).split()
    assert proves(desk.folder / letter)
    desk("reminders", "waive", said[-1], "--reason", "a good customer")
    assert "state: waived" in desk("documents", "owed", said[-1])
    desk("reminders", "resume", disputed)
    assert desk.told("reminders", "send-all", customer_id) == ["reminded", customer_id]
    desk("documents", "write-off", disputed, "--reason", "is bankrupt")
    desk("documents", "expect-again", disputed, "--reason", "paid after all")
    assert "interest:" in desk("reminders", "interest", disputed)


def test_a_plan_is_made_paused_resumed_and_ended(desk: Desk) -> None:
    customer_id = registered(desk)
    schedule = {"first": today(30), "interval": "month"}
    file = desk.file("plan.yaml", plans.TEMPLATE, customer_id=customer_id, schedule=schedule)
    plan_id = desk.told("plans", "make", file)[1]
    assert "state: running" in desk("plans", "show", plan_id)
    desk("plans", "pause", plan_id, "--reason", "moves house")
    assert f"{plan_id}  paused  every 1 month, next {today(30)}" in desk("plans", "list", "--state", "paused")
    desk("plans", "resume", plan_id, today(90))
    desk("plans", "end", plan_id, "--reason", "gave notice")
    assert "state: ended" in desk("plans", "show", plan_id)


def test_drafts_are_changed_discarded_and_credited(desk: Desk) -> None:
    customer_id = registered(desk)
    number = issued(desk, customer_id)
    credit_id = desk.told("documents", "credit", number)[1]
    key = new_id()
    said = desk("documents", "issue", credit_id, "--again", key)
    assert desk("documents", "issue", credit_id, "--again", key) == said
    again = desk.told("documents", "duplicate", number)[1]
    (desk.folder / "again.yaml").write_text(desk("documents", "show", again).replace("9.75", "9.50"), "utf-8")
    assert desk.told("documents", "change", "again.yaml")[-1] == "2826.25"
    desk("documents", "discard", again)
    states = {line.split()[1]: line for line in desk("documents", "list", "--customer", customer_id).splitlines()}
    assert list(states) == [number, "CN-000001", "-"]
    assert ["cancelled" in states[number], "discarded" in states["-"]] == [True, True]
    assert "payable" in desk("customers", "totals", customer_id)
