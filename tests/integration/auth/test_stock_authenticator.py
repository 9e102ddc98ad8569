"""A program that others wrote makes the codes: OATH Toolkit's oathtool."""

import shutil
import subprocess
from datetime import datetime

import pytest

from tests.integration.auth.business import Person

pytestmark = pytest.mark.integration
OATHTOOL = shutil.which("oathtool")
if OATHTOOL is None:
    pytest.skip("oathtool is not installed (Debian: oathtool)", allow_module_level=True)


def code_of(secret: str, moment: datetime) -> str:
    """Ask the program; the secret goes through its standard input, not on its command line."""
    command = [str(OATHTOOL), "--totp", "--base32", "--now", f"{moment:%Y-%m-%d %H:%M:%S} UTC", "-"]
    return subprocess.run(command, input=secret, capture_output=True, text=True, check=True).stdout.strip()


def test_a_stock_authenticator_logs_in(ada: Person) -> None:
    code = code_of(ada.totp.secret, ada.auth.clock.now())
    assert ada.complete_login(ada.begin_login(), code)
