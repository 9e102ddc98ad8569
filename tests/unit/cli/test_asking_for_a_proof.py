import click
import pytest
from click.testing import CliRunner

from cli.stepping_up import ask_for_proof


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
