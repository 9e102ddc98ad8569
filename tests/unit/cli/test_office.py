"""The daily commands: each asks what its method takes, and says what became of it."""

import json
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cli.main import main
from cli.office import customers, drafts, items, plans, quotes, reminders
from tests.unit.cli.office import Invoices
from tests.unit.cli.running import log_in, tallystick

CUSTOMER, QUOTE, INVOICE, PAYMENT = (f"019aa0e5-0000-7000-8000-00000000000{digit}" for digit in "cef1")
OFFICE = ("customers", "documents", "items", "payments", "plans", "quotes", "reminders", "reports")
TEMPLATES = {
    "customers add": customers.TEMPLATE,
    "documents draft": drafts.TEMPLATE,
    "items add": items.TEMPLATE,
    "plans make": plans.TEMPLATE,
    "quotes make": quotes.TEMPLATE,
    "reminders configure": reminders.TEMPLATE,
}
ELSEWHERE = {"find", "forget", "forgetting", "approve-forgetting"}
ROW = {"invoice_id": INVOICE, "number": "INV-7", "issue_date": "2026-11-22", "document_type": "invoice"}
ROW |= {"state": "issued", "payable": "1.00", "currency": "EUR", "customer_name": "Zoë"}
NUMBERED = {"invoices": [ROW]}


def group(name: str) -> click.Group:
    found = main.commands[name]
    assert isinstance(found, click.Group)
    return found


def examples() -> list[str]:
    """Every example in the help of these commands."""
    told = [
        (verb, command.epilog or "")
        for name in OFFICE
        for verb, command in group(name).commands.items()
        if verb not in ELSEWHERE
    ]
    return [line.strip() for _, epilog in told for line in epilog.splitlines() if line.startswith("  tallystick ")]


def test_every_command_has_an_example_but_those_that_take_nothing() -> None:
    shown = {tuple(line.split()[1:3]) for line in examples()}
    all_of_them = {(name, verb) for name in OFFICE for verb in group(name).commands if verb not in ELSEWHERE}
    assert all_of_them - shown == {(name.split()[0], "template") for name in TEMPLATES} | {("reminders", "policy")}


@pytest.mark.parametrize("line", examples())
def test_every_example_is_what_its_method_takes(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    service = Invoices(list_invoices=NUMBERED, number_register={"faults": []})
    log_in(monkeypatch, service)
    _, noun, verb, *rest = shlex.split(line.partition(" > ")[0])
    if rest and rest[-1].endswith(".yaml"):
        (tmp_path / rest[-1]).write_text(file_for(noun, verb), "utf-8")
    done = tallystick(noun, verb, *rest)
    assert done.exit_code == 0, (done.output, done.exception)
    assert done.output
    assert service.asked or service.done


def file_for(noun: str, verb: str) -> str:
    """A file that the command takes: a sample, or what `show` printed."""
    if (sample := TEMPLATES.get(f"{noun} {verb}")) is not None:
        return sample
    shown = yaml.safe_load(tallystick(noun, "show", CUSTOMER).stdout)
    sample = next(text for name, text in TEMPLATES.items() if name.startswith(noun))
    whole = yaml.load(sample, yaml.BaseLoader)  # noqa: S506 - makes plain values only
    part = {"customers": "particulars", "items": "particulars", "documents": "content"}.get(noun)
    return str(
        yaml.safe_dump({**shown, "version": 1, **(whole if part is None else {part: whole})}, allow_unicode=True)
    )


@pytest.mark.parametrize("command", TEMPLATES)
def test_a_sample_is_printed_as_it_is_taken(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noun, verb = command.split()
    printed = tallystick(noun, "template").stdout
    assert printed == TEMPLATES[command]
    (tmp_path / "file").write_text(printed, "utf-8")
    service = Invoices()
    log_in(monkeypatch, service)
    assert tallystick(noun, verb, str(tmp_path / "file")).exit_code == 0
    assert f"tallystick {command} FILE" in printed.splitlines()[0]


def test_the_page_names_every_command() -> None:
    page = Path("docs/command-line.md").read_text("utf-8")
    rows = {
        name: row for row in page.splitlines() for name in OFFICE if row.startswith((f"| `{name}`", f"| [`{name}`]"))
    }
    verbs = {name: set(group(name).commands) - ELSEWHERE for name in OFFICE}
    assert {name: {verb for verb in said if f"`{verb}`" not in rows[name]} for name, said in verbs.items()} == {
        name: set() for name in OFFICE
    }
    assert [name for name in main.commands if f"`{name}`" not in page] == []


def run(monkeypatch: pytest.MonkeyPatch, service: Invoices, *arguments: str) -> str:
    log_in(monkeypatch, service)
    done = tallystick(*arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.stdout


def test_what_was_done_is_said_with_what_comes_next(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Invoices()
    log_in(monkeypatch, service)
    done = tallystick("quotes", "accept", QUOTE, "--by", "Zoë Muster")
    assert done.stdout == f"accepted {QUOTE}\n".replace(
        QUOTE, service.answer("invoices", *service.calls[0])["quote_id"]
    )
    assert "tallystick quotes invoice" in done.stderr
    assert service.calls == [("accept_quote", {"quote_id": QUOTE, "accepted_by": "Zoë Muster"})]


RECEIPT = {"payment_id": PAYMENT, "version": 1, "position": 1}


@pytest.mark.parametrize(("shares", "asks"), [((), True), (("7.00",), True), (("7.00", "12.00"), False)])
def test_only_of_a_payment_with_something_free_it_is_said_how_to_find_what_it_is_for(
    monkeypatch: pytest.MonkeyPatch, shares: tuple[str, ...], *, asks: bool
) -> None:
    log_in(monkeypatch, Invoices(record_payment=RECEIPT))
    given = [each for amount in shares for each in ("--for", f"{INVOICE}={amount}")]
    done = tallystick("payments", "record", CUSTOMER, "19.00", "EUR", "--on", "2026-11-20", *given)
    assert done.stdout == f"recorded {PAYMENT}\n"
    assert ("payments suggest" in done.stderr) is asks


def test_a_reversed_payment_says_what_is_owed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    owed = [{"invoice_id": INVOICE, "amount": "7.00"}, {"invoice_id": QUOTE, "amount": "5.00"}]
    log_in(monkeypatch, Invoices(reverse_payment={"owed_again": owed, "refund_claim": CUSTOMER}))
    done = tallystick("payments", "reverse", PAYMENT, "--on", "2026-11-21", "--reason", "closed")
    assert done.stderr == (
        f"Owed again: 7.00 on {INVOICE}, 5.00 on {QUOTE}. What was refunded of it is owed as {CUSTOMER}."
        f" See how each stands: tallystick documents owed {INVOICE}\n"
    )


def test_a_reversed_payment_that_paid_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Invoices()
    monkeypatch.setattr(service, "answer", lambda *_: {**RECEIPT, "owed_again": []})
    log_in(monkeypatch, service)
    done = tallystick("payments", "reverse", PAYMENT, "--on", "2026-11-21", "--reason", "closed")
    assert done.stderr == "It had paid nothing: nothing is owed again.\n"


@pytest.mark.parametrize(
    ("base", "said"), [({}, ""), ({"base_quantity": "1.0"}, ""), ({"base_quantity": "100"}, " per 100")]
)
def test_a_price_is_listed_with_how_many_it_is_for(
    base: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    particulars = {"name": "Bell", "unit_price": "975.00", "currency": "EUR", **base}
    page = {"items": [{"item_id": QUOTE, "retired": False, "particulars": particulars}]}
    assert run(monkeypatch, Invoices(list_items=page), "items", "list") == f"{QUOTE}  Bell  975.00 EUR{said}\n"


def test_for_machines_the_whole_answer_is_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(monkeypatch, Invoices(), "quotes", "decline", QUOTE, "--reason", "too late", "--json")
    assert {"quote_id", "version", "position", "receipt"} <= json.loads(said).keys()


def test_a_list_goes_on_until_its_last_page(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"payment_id": PAYMENT, "value_date": "2026-11-20", "method": method, "amount": "5.00", "currency": "EUR"}
        | {"free": "0.00", "reversed": method == "cash", "customer_id": CUSTOMER}
        for method in ("transfer", "cash")
    ]
    pages: list[Any] = [{"payments": rows[:1], "next_page": "further"}, {"payments": rows[1:]}]
    service = Invoices(list_payments=[*pages])
    lines = run(monkeypatch, service, "payments", "list").splitlines()
    assert [request for _, request in service.calls] == [{}, {"page_after": "further"}]
    assert lines[0] == f"{PAYMENT}  2026-11-20  transfer  5.00 EUR, free 0.00"
    assert lines[1].endswith("(taken back by the bank)")
    told = run(monkeypatch, Invoices(list_payments=[*pages]), "payments", "list", "--json").splitlines()
    assert [json.loads(line) for line in told] == rows


def test_a_list_without_rows_says_so_beside_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(monkeypatch, Invoices(list_items={"items": []}))
    done = tallystick("items", "list")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "tallystick items add FILE" in done.stderr


def test_what_a_customer_is_called_moves_no_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "Ada\x1b[2J\u202e"
    row = {"quote_id": QUOTE, "number": "Q", "revision": 1, "state": "open", "valid_until": "2027-01-01"}
    page = {"quotes": [{**row, "payable": "1.00", "currency": "EUR", "customer_name": evil}]}
    said = run(monkeypatch, Invoices(list_quotes=page), "quotes", "list")
    assert said.rstrip("\n").isprintable()
    particulars = {"name": evil, "email": "a@b.example"}
    shown = run(monkeypatch, Invoices(get_customer={"particulars": particulars}), "customers", "show", CUSTOMER)
    assert shown.replace("\n", "").isprintable()
    assert yaml.safe_load(shown)["particulars"]["name"] == evil


def test_what_show_prints_can_be_changed_and_sent_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    particulars = {"name": "Zoë", "email": "z@b.example", "payment_days": 14}
    particulars |= {"address": {"line": "Weg 1", "city": "Ort", "post_code": "01067", "country_code": "NO"}}
    service = Invoices(get_customer={"customer_id": CUSTOMER, "version": 3, "particulars": particulars})
    shown = run(monkeypatch, service, "customers", "show", CUSTOMER)
    (tmp_path / "zoe.yaml").write_text(shown.replace("Zoë", "Zoë Kunde"), "utf-8")
    run(monkeypatch, service, "customers", "change", str(tmp_path / "zoe.yaml"))
    asked = {"customer_id": CUSTOMER, "expected_version": 3, "particulars": {**particulars, "name": "Zoë Kunde"}}
    assert service.calls[-1] == ("change_customer", asked)


def test_a_change_without_a_version_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("particulars: {}\n", "utf-8")
    service = Invoices()
    log_in(monkeypatch, service)
    done = tallystick("items", "change", str(tmp_path / "a.yaml"))
    assert done.exit_code == 2
    assert "says no version: save what `show` prints" in done.stderr
    assert not service.calls


def test_documents_are_named_by_their_numbers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Invoices(list_invoices=NUMBERED)
    run(monkeypatch, service, "payments", "match", PAYMENT, "--for", "R=7=100.00", "--for", f"{INVOICE}=19.00")
    shares = [{"invoice_id": INVOICE, "amount": amount} for amount in ("100.00", "19.00")]
    assert service.calls == [("allocate_payment", {"payment_id": PAYMENT, "allocations": shares})]
    assert service.asked == [("invoices", "list_invoices", {"number": "R=7", "limit": 2})]


@pytest.mark.parametrize(
    ("found", "said"), [([], "No document that you may see has"), ([1, 2], "Several documents have")]
)
def test_a_number_that_names_no_document_does_nothing(
    found: list[int], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Invoices(list_invoices={"invoices": found})
    log_in(monkeypatch, service)
    done = tallystick("reminders", "hold", "INV-7", "--reason", "disputed")
    assert done.exit_code == 1
    assert said in done.stderr
    assert not service.done


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("quotes", "extend", "QUO-1", "2027-01-01"), "find it with: tallystick quotes list"),
        (("quotes", "extend", QUOTE, "1.1.2027"), "a day is written like 2026-11-22"),
        (("payments", "match", PAYMENT, "--for", "INV-1"), "one is written like INV-000012=119.00"),
        (("payments", "match", PAYMENT), "Missing option '--for'"),
        (("plans", "pause", QUOTE), "Missing option '--reason'"),
        (("documents", "list", "--standing", "late"), "is not one of"),
        (("documents", "show", " "), "find it with: tallystick documents list"),
        (("documents", "fetch", ""), "find it with: tallystick documents list"),
    ],
)
def test_what_is_typed_otherwise_is_refused_before_anything_is_asked(
    arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Invoices()
    log_in(monkeypatch, service)
    done = tallystick(*arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert not service.asked + service.done
