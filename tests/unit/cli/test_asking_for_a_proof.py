import click
import pytest
from click.testing import CliRunner

from cli.stepping_up import ask_for_proof, prove_at_prompt


@pytest.mark.parametrize(
    ("typed", "proof"),
    [
        ("123456", {"code": "123456"}),
        ("123 456", {"code": "123456"}),
        ("abcd-efgh", {"recovery_code": "abcd-efgh"}),
        ("12345", {"recovery_code": "12345"}),
        ("１２３４５６", {"recovery_code": "１２３４５６"}),  # noqa: RUF001 - digits of another script are no code
    ],
)
def test_a_code_and_a_recovery_code_are_told_apart(typed: str, proof: dict[str, str]) -> None:
    @click.command()
    def ask() -> None:
        assert ask_for_proof() == proof

    assert CliRunner().invoke(ask, input=f"{typed}\n").exit_code == 0


@pytest.mark.parametrize("has_passkey", [True, False])
def test_who_has_a_passkey_is_told_what_to_type_instead(has_passkey: bool) -> None:  # noqa: FBT001 - a parameter
    @click.command()
    def ask() -> None:
        prove_at_prompt("Voiding", has_passkey=has_passkey)

    told = CliRunner().invoke(ask, input="abcd-efgh\n").stderr
    assert ("a recovery code, and then add an app with: tallystick factors add NAME" in told) is has_passkey
