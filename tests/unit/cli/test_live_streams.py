"""What is asked about one invoice of a running system is answered from its stream, or else from the whole log."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.kernel.ids import new_id
from shared.merkle.note import NoteVerifier
from tests.audited import Business
from tests.unit.cli.running import log_in

LAST = "2026-11-22T12:00:00Z"
LIMITS = (
    "each proved to be in the tree of 9 that the checkpoint is of. Not checked: that the service kept no later ones"
)

Change = Callable[[dict[str, Any]], None]


class Running:
    """The running service of a business, which may lie about its streams; it remembers what it was asked."""

    def __init__(self, business: Business, **listed: str) -> None:
        self.business, self.listed = business, listed
        self.asked: list[str] = []
        self.lie: Change = lambda _: None
        self.lying: tuple[str, ...] = ("read_stream",)
        self.may_list = True

    def query(self, service: str, method: str, request: dict[str, object]) -> Any:  # noqa: ANN401 - as the bus answers
        """Answer."""
        assert service == "invoices"
        self.asked.append(method)
        if method == "list_invoices":
            if not self.may_list:
                raise PublicError(ErrorCode.PERMISSION_DENIED, "You may not do this.")
            return {"invoices": [{"invoice_id": key, "number": number} for number, key in self.listed.items()]}
        reply = dict(self.business.query(method, request))
        if method in self.lying:
            self.lie(reply)
        return reply

    def read_everything(self) -> bool:
        return "read_log" in self.asked

    def audit(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["audit", *arguments, "--log-key", str(self.business.verifier)])


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Running:
    """A business with a customer, two issued invoices and a draft; an auditor has logged in."""
    business = Business()
    customer, invoices = business.trade(2)
    business.draft(customer)
    business.record("thing-1", "SomethingNew", {})
    running = Running(business, **{"INV-000001": invoices[0], "INV-000002": invoices[1]})
    log_in(monkeypatch, running)
    return running


@pytest.mark.parametrize("moment", ["4", "8", LAST, "2026-11-22T09:05:00Z"])
@pytest.mark.parametrize("name", ["number", "id"])
def test_an_invoice_is_shown_from_its_stream_as_from_the_whole_log(running: Running, name: str, moment: str) -> None:
    invoice = "INV-000001" if name == "number" else running.listed["INV-000001"]
    quick = running.audit("as-of", invoice, moment, "--json")
    assert quick.exit_code == 0, quick.output
    assert not running.read_everything()
    assert f"3 events were read, and {LIMITS}" in quick.stderr
    whole = running.audit("as-of", invoice, moment, "--json", "--whole-log")
    assert running.read_everything()
    assert json.loads(quick.stdout) == json.loads(whole.stdout)
    assert (whole.exit_code, LIMITS in whole.stderr) == (0, False)
    assert json.loads(quick.stdout)["customer_name"] == "Zoë"


@pytest.mark.parametrize("moments", [("0", "8"), ("1", "3"), ("2026-11-22T09:02:00Z", LAST), ("4", LAST)])
def test_what_changed_is_told_from_the_stream_as_from_the_whole_log(running: Running, moments: tuple[str, str]) -> None:
    quick = running.audit("diff", "INV-000001", *moments)
    assert quick.exit_code == 0, quick.output
    assert not running.read_everything()
    assert LIMITS in quick.stderr
    assert quick.stdout == running.audit("diff", "INV-000001", *moments, "--whole-log").stdout


@pytest.mark.parametrize("options", [[], ["--at", "3"], ["--at", "2026-11-22T09:04:30Z"], ["--json"]])
def test_one_stream_is_told_as_from_the_whole_log(running: Running, options: list[str]) -> None:
    stream = f"invoice-{running.listed['INV-000001']}"
    quick = running.audit("replay", "--stream", stream, *options)
    assert quick.exit_code == 0, quick.output
    assert not running.read_everything()
    assert "2 events were read, and" in quick.stderr
    assert quick.stdout == running.audit("replay", "--stream", stream, *options, "--whole-log").stdout


def tail(reply: dict[str, Any]) -> None:
    reply["events"] = reply["events"][1:]


def renamed(reply: dict[str, Any]) -> None:
    for event in reply["events"]:
        event["stream"] = f"invoice-{new_id()}"


def swapped(reply: dict[str, Any]) -> None:
    reply["events"].reverse()


def changed(field: str, value: object) -> Change:
    def change(reply: dict[str, Any]) -> None:
        for event in reply["events"][:1]:
            event[field] = value

    return change


def damaged(reply: dict[str, Any]) -> None:
    for event in reply["events"]:
        if event["position"] == 4:
            event["at"] = "2026-11-22T09:00:00.000000Z"


@pytest.mark.parametrize(
    "lie",
    [
        tail,
        renamed,
        swapped,
        changed("at", "2026-11-22T09:59:00.000000Z"),
        changed("sealed", "AAAA"),
        changed("sealed", "no base64"),
        changed("position", 0),
        changed("leaf_hash", "00" * 32),
        changed("version", 7),
        changed("tenant", new_id()),
        changed("id", "no canonical entry \\"),
    ],
)
@pytest.mark.parametrize("command", [["as-of", "INV-000001", "8"], ["replay", "--stream", "STREAM"]])
def test_a_stream_that_is_not_what_the_log_holds_is_not_believed(
    running: Running, command: list[str], lie: Change
) -> None:
    typed = [word.replace("STREAM", f"invoice-{running.listed['INV-000001']}") for word in command]
    whole = running.audit(*typed, "--whole-log")
    running.lie = lie
    told = running.audit(*typed)
    assert (told.exit_code, told.stdout) == (whole.exit_code, whole.stdout) == (0, whole.stdout)
    assert LIMITS not in told.stderr


def test_an_event_that_is_changed_in_the_log_itself_is_the_fault_that_it_always_was(running: Running) -> None:
    running.lie, running.lying = damaged, ("read_stream", "read_log")
    told = running.audit("as-of", running.listed["INV-000001"], "8")
    assert told.exit_code == 1
    assert "position 4: leaf_differs" in told.stderr


def test_another_key_is_the_fault_that_it_always_was(running: Running) -> None:
    other = str(NoteVerifier(running.business.origin, SigningKey.generate().public))
    told = CliRunner().invoke(main, ["audit", "as-of", "INV-000001", "8", "--log-key", other])
    assert told.exit_code == 1
    assert "checkpoint_invalid" in told.stderr


def test_a_list_that_names_another_invoice_is_not_believed(running: Running) -> None:
    running.listed["INV-000001"] = running.listed["INV-000002"]
    told = json.loads(running.audit("as-of", "INV-000001", "8", "--json").stdout)
    assert told["number"] == "INV-000001"
    assert running.read_everything()


def test_who_may_read_the_log_and_no_list_gets_the_same_answer(running: Running) -> None:
    running.may_list = False
    told = json.loads(running.audit("as-of", "INV-000001", "8", "--json").stdout)
    assert told["number"] == "INV-000001"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["as-of", "INV-000009", "8"], "there is no invoice INV-000009 in this log"),
        (["as-of", new_id(), "8"], "there is no invoice"),
        (["replay", "--stream", "nope"], "there is no stream nope in this log"),
        (["as-of", "INV-000001", "9"], "there is no position 9 here"),
        (["replay", "--stream", "thing-1", "--at", "2999-01-01T00:00:00Z"], "has not come yet"),
    ],
)
def test_what_is_not_there_is_said_by_the_whole_log(running: Running, command: list[str], sentence: str) -> None:
    told = running.audit(*command)
    assert told.exit_code == 2
    assert sentence in told.stderr


def test_an_invoice_of_somebody_who_was_forgotten_is_explained_by_the_log(running: Running) -> None:
    invoice_id = running.listed["INV-000001"]
    [customer] = {key.subject for key in running.business.keys.deks(running.business.tenant)} - {"tenant", "index"}
    running.business.shred(customer.removeprefix("customer-"))
    told = running.audit("as-of", invoice_id, "8")
    assert told.exit_code == 1
    assert "The log says that it was destroyed" in told.stderr


def test_where_a_clock_was_set_back_positions_decide(running: Running) -> None:
    business = running.business
    customer = business.register("Otto", "K-2")
    invoice = business.draft(customer)
    late = business.clock.moment
    business.clock.moment = late.replace(hour=8)
    business.issue(invoice, customer)
    instant = late.replace(hour=8, minute=30).isoformat()
    told = running.audit("as-of", invoice, instant)
    assert running.read_everything()
    assert "was not there yet" in told.stdout
    assert LIMITS not in told.stderr
