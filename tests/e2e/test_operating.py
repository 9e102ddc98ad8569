"""What the documentation tells operators and owners to type works as it stands there, after `make up`."""

import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.demo.people import Operator, Person
from deploy.demo.scenario import SELLER
from deploy.local.secrets import SERVICES
from shared.kernel.ids import new_id
from tests.e2e.conftest import ROOT, System, mail_to, typed

pytestmark = pytest.mark.integration


def blocks(page: str, language: str) -> list[str]:
    """The code in a page of docs/."""
    return re.findall(
        rf"^```{language}\n(.*?)^```$", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


@pytest.mark.parametrize("page", ["keys.md", "read-models.md"])
def test_a_command_with_the_settings_of_a_service_works_as_documented(system: System, page: str) -> None:
    typed = "\n".join(blocks(page, "sh")).replace(".run/main", shlex.quote(str(system.stack.directory)))
    typed = typed.replace(".venv/bin/python", shlex.quote(sys.executable))
    typed = typed.replace(".venv/bin/tallystick", f"{shlex.quote(sys.executable)} -m cli")
    done = subprocess.run(
        ["sh", "-euc", typed], cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_settings_are_readable_for_their_owner_only(system: System) -> None:
    for name in ("client", "operator", *SERVICES):
        assert stat.S_IMODE((system.stack.directory / f"{name}.env").stat().st_mode) == 0o600


def test_a_customer_is_forgotten_by_two_owners_as_documented(system: System, tmp_path: Path) -> None:
    forgetting, approving = blocks("forgetting.md", "sh")
    name = f"Zoë {new_id()}"
    customer = {"name": name, "email": "zoe@kunde.example", "address": SELLER["address"]}
    customer_id = str(system.owner.command("invoices", "register_customer", customer)["customer_id"])
    another = system.owner.invite("sales", "Otto", f"{new_id()}@probe.example")
    Operator(system.client, system.stack.operator_key).make_owner(system.owner, another.user_id)
    another.log_in()
    _, find, forget = documented(forgetting, customer_id, name)
    shown, approve = documented(approving, customer_id, name)

    assert types(system, system.owner, tmp_path, find) == f"{customer_id}  {name} <zoe@kunde.example>\n"
    asking = [*forget, "--override", "court_order"]
    assert types(system, system.owner, tmp_path, asking, "y\n") == f"awaiting_approval {customer_id}\n"
    assert "tallystick approvals list" in mail_to(system, another.email, "An owner asked to forget a customer for good")
    assert f"asks to forget customer {customer_id}" in types(system, another, tmp_path, shown)
    assert types(system, another, tmp_path, approve, "y\n") == f"shredded {customer_id}\n"
    assert "is forgotten" in types(system, system.owner, tmp_path, shown)


def documented(block: str, customer_id: str, name: str) -> list[list[str]]:
    """The arguments of each `tallystick` command in a piece of the documentation, about this customer."""
    typed = block.replace("CUSTOMER_ID", customer_id).replace("Zoë Kunde", name)
    lines = [line.strip(" ()") for line in typed.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith(".venv/bin/tallystick")]


def types(system: System, person: Person, folder: Path, arguments: list[str], answer: str = "") -> str:
    """Run a command as somebody who has logged in, who answers what it asks; return what it says."""
    done = typed(system, person, folder, arguments, answer)
    assert done.returncode == 0, done.stderr
    return done.stdout
