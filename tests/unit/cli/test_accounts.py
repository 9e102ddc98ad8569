from click.testing import CliRunner

from cli.accounts.commands import factors


def test_who_wants_a_passkey_is_told_that_it_takes_a_web_page() -> None:
    result = CliRunner().invoke(factors, ["add", "blue key", "--passkey"])
    assert result.exit_code == 1
    assert "web page" in result.output
