"""Roles at the command line: shown, made from a file, given, explained."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from cli.roles.role_file import RoleFileInvalid, load_role_file
from shared.contracts.grants import to_claims
from tests.unit.cli.running import Running, log_in, tallystick

JUNIOR, ZOE = (f"019aa0e5-0000-7000-8000-0000000000d{number}" for number in range(2))
OWN_GRANTS = [["invoice:read", {"own_customers": True}]]
FILE = """
name: Junior sales
grants:
  - customer:write
  - invoice:issue:
      own_customers: true
      amount_up_to: {amount: 1000.00, currency: EUR}
      hours: {days: [1, 5], from: 08:00, to: 18:00, zone: Europe/Berlin}
"""


class Auth(Running):
    """auth, which knows Zoë and two roles."""

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:  # noqa: ARG002 - whatever is asked
        """Answer; roles and people are auth's alone."""
        assert service == "auth"
        match method:
            case "list_roles":
                sales = {"role_id": "sales", "name": "sales", "built_in": True, "grants": [["invoice:read"]]}
                own = {"role_id": JUNIOR, "name": "Junior sales", "built_in": False, "grants": OWN_GRANTS}
                return {"roles": [sales, own]}
            case "list_users":
                zoe = {"user_id": ZOE, "name": "Zoë\x1b[31m", "email": "zoe@x.example", "role": "sales"}
                return {"users": [{**zoe, "factors": ["totp"], "role_name": "sales", "state": "active"}]}
            case "explain_access" | "explain_own_access":
                text = "The permission is limited to customers whom you registered."
                reason = {"code": "not_own_customer", "text": text}
                return {"allowed": False, "role": "Junior sales", "reasons": [reason], "grants": OWN_GRANTS}
        return {"role_id": JUNIOR, "user_id": ZOE, "invitation": "i1.secret"}


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Auth:
    """An owner has logged in."""
    log_in(monkeypatch, auth := Auth())
    return auth


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "junior.yaml"
    path.write_text(FILE, "utf-8")
    return path


def test_roles_are_listed_in_words(running: Auth) -> None:
    assert tallystick("roles", "list").stdout == (
        f"sales (built in): invoice:read\nJunior sales ({JUNIOR}): invoice:read (own customers only)\n"
    )
    assert running.asked == [("auth", "list_roles", {})]


def test_a_role_of_that_name_is_changed_by_who_has_seen_what_changes(running: Auth, file: Path) -> None:
    done = tallystick("roles", "define", str(file), typed="y\n")
    assert (done.exit_code, done.stdout) == (0, f"defined {JUNIOR}\n")
    ((_, method, request),) = running.done
    assert (method, request["role_id"], request["name"]) == ("define_role", JUNIOR, "Junior sales")
    assert "gives now: invoice:read (own customers only)" in done.stderr
    assert (
        "will give: customer:write, invoice:issue (own customers only, up to 1000.00 EUR, "
        "Mon/Fri 08:00-18:00 Europe/Berlin)"
    ) in done.stderr


def test_who_does_not_agree_changes_no_role(running: Auth, file: Path) -> None:
    assert tallystick("roles", "define", str(file), typed="n\n").exit_code == 1
    assert tallystick("roles", "retire", "Junior sales", typed="n\n").exit_code == 1
    assert running.done == []


def test_amounts_times_and_days_are_read_as_they_are_written(file: Path) -> None:
    hours = {"days": [1, 5], "from": "08:00", "to": "18:00", "zone": "Europe/Berlin"}
    limit = {"amount": "1000.00", "currency": "EUR"}
    assert to_claims(load_role_file(file).grants) == [
        ["customer:write"],
        ["invoice:issue", {"own_customers": True, "amount_up_to": limit, "hours": hours}],
    ]


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "name: x", "name: x\ngrants: y", "name: []\ngrants: []", "name: x\ngrants: []\nmore: 1",
        "name: x\ngrants: [[a, b]]", "name: x\ngrants: [{a: 1, b: 2}]", "name: x\ngrants: [{a: 1}]",
        "name: x\ngrants: [{'invoice:read': {own_customers: maybe}}]",
        "name: x\ngrants: [{'invoice:read': {new: true}}]",
        "name: x\ngrants: [{'invoice:read': {hours: {days: [eight], from: 08:00, to: 09:00, zone: UTC}}}]",
        "name: !!python/object/apply:os.system [true]\ngrants: []",
    ],
)  # fmt: skip
def test_a_file_that_is_no_role_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "role.yaml"
    path.write_text(content, "latin-1")
    with pytest.raises(RoleFileInvalid):
        load_role_file(path)


def test_a_role_is_given_by_name_and_address(running: Auth) -> None:
    given = tallystick("users", "role", "ZOE@x.example", "junior sales")
    assert running.done == [("auth", "assign_role", {"user_id": ZOE, "role": JUNIOR})]
    assert given.stdout == "Zoë\\u001b[31m has the role Junior sales now; before it was sales\n"
    assert tallystick("users", "role", "nobody@x.example", "sales").exit_code == 1
    assert tallystick("users", "role", "zoe@x.example", "no such role").exit_code == 1
    assert len(running.done) == 1


def test_an_invitation_is_all_that_is_printed_for_programs(running: Auth) -> None:
    invited = tallystick("users", "invite", "yan@x.example", "--name", "Yan", "--role", "Junior sales")
    assert invited.stdout == "i1.secret\n"
    assert running.done == [("auth", "invite_user", {"email": "yan@x.example", "name": "Yan", "role": JUNIOR})]


def test_people_are_listed_without_control_characters(running: Auth) -> None:
    assert tallystick("users", "list").stdout == f"{ZOE}  active     sales         Zoë\\u001b[31m <zoe@x.example>\n"
    assert running.asked == [("auth", "list_users", {})]


def test_an_explanation_says_why(running: Auth) -> None:
    told = tallystick("explain", "invoice:issue", "--other-customer", "--amount", "12.50", "--currency", "EUR")
    assert told.stdout == (
        "invoice:issue is refused to the role Junior sales\n"
        "  The permission is limited to customers whom you registered. (not_own_customer)\n"
        "  the role gives invoice:read (own customers only)\n"
    )
    facts = {"own_customer": False, "amount": "12.50", "currency": "EUR"}
    assert running.asked == [("auth", "explain_own_access", {"permission": "invoice:issue", "facts": facts})]


def test_an_owner_asks_about_somebody_else(running: Auth) -> None:
    tallystick("explain", "invoice:issue", "--user", "zoe@x.example", "--state", "draft")
    request = {"permission": "invoice:issue", "facts": {"state": "draft"}, "user_id": ZOE}
    assert running.asked[-1] == ("auth", "explain_access", request)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("invoices:issue", "did you mean invoice:issue"),
        ("INVOICE_READ", "did you mean invoice:read"),
        ("xyz", "log:read"),
    ],
)
def test_what_is_no_permission_is_refused_with_those_that_are(running: Auth, asked: str, told: str) -> None:
    refused = tallystick("explain", asked)
    assert refused.exit_code == 2
    assert f"{asked!r} is no permission" in refused.stderr
    assert told in refused.stderr
    assert running.asked == []


def test_the_example_that_help_shows_is_a_role(running: Auth, file: Path) -> None:
    lines = tallystick("roles", "define", "--help").stdout.split("for example:\n")[1].split("\n\n")[0]
    file.write_text(dedent(lines), "utf-8")
    assert tallystick("roles", "define", str(file), "--yes").exit_code == 0
    assert running.done[0][2]["name"] == "Junior sales"
