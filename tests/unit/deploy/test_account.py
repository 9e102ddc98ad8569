import os
from pathlib import Path

import pytest

from deploy.local import account
from deploy.local.account import Account, private_directory, private_file, setpriv_options, unprivileged
from deploy.local.profile import StackError

STRANGER = Account("stranger", uid=54321, gid=54321)


def test_a_program_of_our_own_account_keeps_its_privileges(tmp_path: Path) -> None:
    assert setpriv_options(None, [tmp_path]) == []


def test_an_account_that_reaches_its_files_gets_no_capability(tmp_path: Path) -> None:
    assert not any("cap" in option for option in setpriv_options(STRANGER, [Path("/usr/bin/env")]))


def test_an_account_below_a_closed_directory_may_read_and_nothing_else(tmp_path: Path) -> None:
    closed = private_directory(tmp_path / "closed", None)

    options = setpriv_options(STRANGER, [closed / "data"])

    assert "--ambient-caps=+dac_read_search" in options or "--ambient-caps=+dac_override" in options
    assert "--no-new-privs" in options


def test_without_a_capability_to_give_the_checkout_has_to_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = private_directory(tmp_path / "closed", None)
    monkeypatch.setattr(account, "_CAPABILITY_BITS", {"dac_read_search": 62, "dac_override": 63})

    with pytest.raises(StackError, match="move it"):
        setpriv_options(STRANGER, [closed / "data"])


def test_nobody_but_root_changes_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert unprivileged("nobody") is None


def test_root_takes_the_first_account_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    found = unprivileged("no such account", "nobody")

    assert found is not None
    assert found.name == "nobody"
    with pytest.raises(StackError, match="no such account"):
        unprivileged("no such account")


def test_a_private_file_is_closed_to_others_even_when_it_replaces_an_open_one(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)

    private_file(path, "new", None)

    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
