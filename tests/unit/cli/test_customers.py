"""A customer is forgotten by whoever has seen what will be lost and has agreed to it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import digest_of
from shared.kernel.ids import new_id
from tests.unit.cli.running import log_in

# Not new ones: they are in the names of tests, which every worker of a run must call the same.
CUSTOMER, REQUEST, OWNER = (f"019aa0e5-0000-7000-8000-0000000000c{number}" for number in range(3))
AWAITING = {
    "state": "awaiting_approval",
    "request_id": REQUEST,
    "reason": "erasure_request",
    "override": "court_order",
    "requested_by": OWNER,
}
WAITING = {
    **{name: value for name, value in AWAITING.items() if name != "state"},
    "kind": "shredding",
    "customer_id": CUSTOMER,
    "expires_at": "2026-11-29T09:00:00.000000Z",
}
TOTALS = {"currency": "EUR", "invoices": 2, "credit_notes": 1, "payable": "23.21"}


class Running:
    """The invoices service, which knows one customer and remembers what it was told to do."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {"state": "none"}
        self.done: list[tuple[str, dict[str, Any]]] = []

    def query(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Answer."""
        assert service == "invoices"
        match method:
            case "get_shredding":
                return self.asked
            case "customer_totals" if request["customer_id"] == CUSTOMER:
                return {"customer_id": CUSTOMER, "totals": [TOTALS]}
            case "find_customers" if request == {"name": "Zoë"}:
                found = {"customer_id": CUSTOMER, "name": "Zoë", "email": "z@x.example\x1b[31m"}
                return {"customers": [found]}
        raise PublicError(ErrorCode.CUSTOMER_UNKNOWN, "There is no such customer.")

    def command(self, service: str, method: str, request: Mapping[str, object], idempotency_key: str) -> dict[str, str]:
        """Note what is to be done."""
        assert service == "invoices"
        assert idempotency_key
        self.done.append((method, dict(request)))
        return {"state": "awaiting_approval" if "override" in request else "shredded"}


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Running:
    """An owner has logged in."""
    running = Running()
    log_in(monkeypatch, running)
    return running


def customers(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["customers", *arguments], input=typed)


def test_a_customer_is_forgotten_by_who_agrees_to_what_will_be_lost(running: Running) -> None:
    done = customers("forget", CUSTOMER, "--reason", "erasure_request", typed="y\n")
    assert (done.exit_code, done.stdout) == (0, f"shredded {CUSTOMER}\n")
    assert running.done == [("request_shredding", {"customer_id": CUSTOMER, "reason": "erasure_request"})]
    assert f"Customer {CUSTOMER}: issued were 2 invoices and 1 credit note over 23.21 EUR." in done.stderr
    assert "Gone for good" in done.stderr
    assert "Nobody can undo this." in done.stderr


@pytest.mark.parametrize("typed", ["n\n", "\n", ""], ids=["no", "silence", "no keyboard"])
@pytest.mark.parametrize(
    "command", [["forget", CUSTOMER, "--reason", "erasure_request"], ["approve-forgetting", CUSTOMER]]
)
def test_who_does_not_agree_destroys_nothing(running: Running, command: list[str], typed: str) -> None:
    running.asked = {**AWAITING, "waiting": WAITING}
    done = customers(*command, typed=typed)
    assert done.exit_code == 1
    assert "Aborted!" in done.stderr
    assert running.done == []


def test_an_override_asks_for_another_owner_and_says_so(running: Running) -> None:
    options = ["--reason", "erasure_request", "--override", "court_order"]
    done = customers("forget", CUSTOMER, *options, typed="y\n")
    assert done.stdout == f"awaiting_approval {CUSTOMER}\n"
    assert "Ask that another owner agree to forget this customer?" in done.stderr
    [(_, request)] = running.done
    assert request["override"] == "court_order"


def test_a_program_that_has_shown_the_loss_is_not_asked(running: Running) -> None:
    assert customers("forget", CUSTOMER, "--reason", "erasure_request", "--yes").exit_code == 0
    assert len(running.done) == 1


def test_another_owner_approves_the_very_request_that_is_shown(running: Running) -> None:
    running.asked = {**AWAITING, "waiting": WAITING}
    done = customers("approve-forgetting", CUSTOMER, typed="y\n")
    assert (done.exit_code, done.stdout) == (0, f"shredded {CUSTOMER}\n")
    agreed = {"customer_id": CUSTOMER, "request_id": REQUEST, "digest": digest_of(WAITING)}
    assert running.done == [("approve_shredding", agreed)]
    why = f"User {OWNER} asks to forget customer {CUSTOMER} (erasure_request, in spite of retention: court_order)"
    assert done.stderr.startswith(why)
    assert "Nobody can undo this." in done.stderr


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"state": "none"}, f"Nobody has asked to forget customer {CUSTOMER}."),
        ({**AWAITING, "state": "shredded"}, f"Customer {CUSTOMER} is forgotten (erasure_request, in spite of"),
    ],
)
def test_there_is_nothing_to_approve_where_nothing_waits(
    running: Running, asked: dict[str, str], sentence: str
) -> None:
    running.asked = asked
    done = customers("approve-forgetting", CUSTOMER, "--yes")
    assert done.exit_code == 1
    assert sentence in done.stderr
    assert running.done == []
    shown = customers("forgetting", CUSTOMER)
    assert shown.exit_code == 0
    assert shown.stdout.startswith(sentence)
    assert json.loads(customers("forgetting", CUSTOMER, "--json").stdout) == asked


def test_a_customer_who_is_not_known_is_not_asked_about(running: Running) -> None:
    done = customers("forget", new_id(), "--reason", "erasure_request", "--yes")
    assert isinstance(done.exception, PublicError)
    assert running.done == []


@pytest.mark.parametrize("name", ["Zoë", "INV-000001", CUSTOMER.upper(), ""])
def test_who_is_forgotten_is_named_by_id_alone(running: Running, name: str) -> None:
    done = customers("forget", name, "--reason", "erasure_request", "--yes")
    assert done.exit_code == 2
    assert "tallystick customers find" in done.stderr
    assert running.done == []


def test_a_customer_is_found_by_name(running: Running) -> None:
    done = customers("find", "--name", "Zoë")
    assert done.stdout.startswith(f"{CUSTOMER}  Zoë <z@x.example")
    assert "\x1b" not in done.stdout
    assert customers("find").exit_code == 2
