"""An authenticator app's secret as a QR code: on the terminal, or in a file that only this user can read."""

import io
from pathlib import Path

import click
import segno

from shared.crypto.private_files import write_private_file

_PIXELS = 6
"""Of one module of the code in a picture."""


def show_secret(provisioning_uri: str, png: Path | None) -> None:
    """Show the code on the terminal, or write it to a new file with mode 0600, to be deleted after scanning."""
    code = segno.make(provisioning_uri, micro=False)
    if png is None:
        drawn = io.StringIO()
        code.terminal(drawn, compact=True)
        click.echo(drawn.getvalue())
        click.echo(f"Scan this with your authenticator app, or type it in: {provisioning_uri}")
        return
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=_PIXELS)
    try:
        write_private_file(png, picture.getvalue())
    except OSError as error:
        raise click.ClickException(f"{png} cannot be written: {error.strerror}") from None
    click.echo(f"Scan {png} with your authenticator app, then delete it: whoever has it has your factor.")


def show_codes(codes: list[str]) -> None:
    """Show recovery codes, which nobody can ask for again."""
    click.echo("\nYour recovery codes, each good once. Keep them away from your phone; they are not shown again:\n")
    for code in codes:
        click.echo(f"  {code}")
