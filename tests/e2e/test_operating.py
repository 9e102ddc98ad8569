"""What the documentation tells operators and owners to type works as it stands there, after `make up`."""

import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.demo.people import Person
from deploy.demo.scenario import SELLER
from deploy.local.secrets import SERVICES
from shared.kernel.ids import new_id
from tests.e2e.conftest import ROOT, System

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
    ask, approve = blocks("forgetting.md", "python")
    name = f"Zoë {new_id()}"
    customer = {"name": name, "email": "zoe@kunde.example", "address": SELLER["address"]}
    customer_id = str(system.owner.command("invoices", "register_customer", customer)["customer_id"])
    another = system.owner.invite("owner", "Otto", f"{new_id()}@probe.example")
    another.log_in()

    asked = types(system, system.owner, tmp_path, ask, name, "erasure_request", "court_order")
    assert asked == ["awaiting_approval", customer_id]
    assert types(system, another, tmp_path, approve, customer_id) == ["shredded", customer_id]
    state = system.owner.call("invoices", "get_shredding", {"customer_id": customer_id})["state"]
    assert state == "shredded"


def types(system: System, person: Person, folder: Path, program: str, *arguments: str) -> list[str]:
    """Run a program as somebody who has logged in; return the words that it says."""
    person.call("auth", "checkpoint", {})  # logs in again when the token has expired
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(str(person._token), "utf-8")
    settings = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TALLYSTICK_TOKEN_FILE": str(token)}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env={**settings, **system.stack.description["client"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
