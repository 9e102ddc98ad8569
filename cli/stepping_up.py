"""A fresh proof of a factor for one command, asked for at a prompt: it never stands on a command line."""

import re
from collections.abc import Mapping

import click

_CODE = re.compile(r"[0-9]{6}")


_NOT_A_PASSKEY = (
    "Your passkey works on a web page only, not here. Type a code from an authenticator app; if you have none, a"
    " recovery code, and then add an app with: tallystick factors add NAME"
)


def prove_at_prompt(deed: str, *, has_passkey: bool = False) -> Mapping[str, str]:
    """Ask for a code of the authenticator app, or for a recovery code; the prompt goes to stderr, beside any output."""
    click.echo(f"{deed} needs a fresh proof that it is you.", err=True)
    return ask_for_proof(has_passkey=has_passkey)


def ask_for_proof(*, has_passkey: bool = False) -> Mapping[str, str]:
    """Ask for a code or a recovery code, told apart by their form; return it as requests carry it."""
    if has_passkey:
        click.echo(_NOT_A_PASSKEY, err=True)
    shown = str(click.prompt("Code from your authenticator app, or a recovery code", hide_input=True, err=True))
    typed = "".join(shown.split())
    return {"code": typed} if _CODE.fullmatch(typed) else {"recovery_code": typed}
