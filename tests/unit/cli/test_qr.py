from pathlib import Path

import click
import pytest

from cli.accounts.qr import show_codes, show_secret

URI = "otpauth://totp/Tallystick:ada%40example.org?secret=CANARYCANARYCANARYCANARYCANARYCA&issuer=Tallystick"


def test_a_picture_of_a_secret_is_for_its_owner_only_and_nothing_else_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "factor.png"
    show_secret(URI, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_mode & 0o777 == 0o600
    assert "CANARY" not in capsys.readouterr().out


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    picture = tmp_path / "factor.png"
    picture.write_bytes(b"mine")
    with pytest.raises(click.ClickException, match="File exists"):
        show_secret(URI, picture)
    assert picture.read_bytes() == b"mine"


def test_on_the_terminal_the_code_is_drawn_and_spelled_out(capsys: pytest.CaptureFixture[str]) -> None:
    show_secret(URI, None)
    shown = capsys.readouterr().out
    assert URI in shown
    assert len([line for line in shown.splitlines() if "█" in line or "▄" in line or "▀" in line]) > 10


def test_recovery_codes_are_shown_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    show_codes(["aaaa-bbbb", "cccc-dddd"])
    assert [line.strip() for line in capsys.readouterr().out.splitlines()][-2:] == ["aaaa-bbbb", "cccc-dddd"]
