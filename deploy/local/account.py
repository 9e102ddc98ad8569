"""Dropping from root to an unprivileged account, and nothing more than that."""

import os
import pwd
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.profile import StackError

_CAPABILITY_BITS = {"dac_override": 1, "dac_read_search": 2}


@dataclass(frozen=True)
class Account:
    """A line of the password database."""

    name: str
    uid: int
    gid: int


def unprivileged(*names: str) -> Account | None:
    """Return the first account of these that exists; None when we are not root and cannot change anyway."""
    if os.geteuid() != 0:
        return None
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise StackError(f"Servers do not run as root and none of the accounts {', '.join(names)} exists: create one.")


def private_directory(path: Path, account: Account | None) -> Path:
    """Create a directory that only `account` (None: ourselves) can enter; its parent must exist."""
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)
    give(path, account)
    return path


def private_file(path: Path, content: str, account: Account | None) -> Path:
    """Write a file that only `account` (None: ourselves) can read; readers see the old or the new one."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        give(new, account)
        file.write(content)
    return new.replace(path)


def give(path: Path, account: Account | None) -> None:
    """Make `account` the owner."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def setpriv_options(account: Account | None, must_reach: Sequence[Path]) -> list[str]:
    """Return the options of setpriv(1) that run a program as `account`, able to reach the given paths.

    A checkout may lie below a directory that only root can pass (`mktemp -d` as root, or /root). Opening
    that directory is not ours to do, and putting the data elsewhere would scatter it. So in that case
    alone the program keeps one capability, CAP_DAC_READ_SEARCH: read and pass, never write. Where the
    machine does not have it to give (containers), CAP_DAC_OVERRIDE takes its place. It is "ambient", which
    survives exec by an ordinary user; `no_setuid_fixup` makes access(2), which Erlang asks, see it too.
    All other capabilities go with the change of user, and no_new_privs shuts the way back.
    """
    if account is None:
        return []
    options = [f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups", "--no-new-privs"]
    if all(_can_reach(account, path) for path in must_reach):
        return options
    capability = _available_capability()
    return [
        *options,
        f"--inh-caps=+{capability}",
        f"--ambient-caps=+{capability}",
        "--securebits=+no_setuid_fixup",
    ]


def _can_reach(account: Account, path: Path) -> bool:
    """Tell from owners and modes whether `account` may pass every directory above `path`."""
    return all(_can_pass(account, parent) for parent in path.resolve().parents)


def _can_pass(account: Account, directory: Path) -> bool:
    status = directory.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def _available_capability() -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    bounding = next(int(line.split()[1], 16) for line in lines if line.startswith("CapBnd:"))
    for name in ("dac_read_search", "dac_override"):
        if bounding >> _CAPABILITY_BITS[name] & 1:
            return name
    raise StackError(
        "This checkout lies below a directory that only root can pass, and the servers do not run as root: "
        "move it to a place that other users can reach."
    )
