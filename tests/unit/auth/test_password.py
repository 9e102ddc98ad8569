import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.adapters.password_list import ShippedPasswordList
from services.auth.domain.password import PASSWORD_MAXIMUM, PASSWORD_MINIMUM, context_words, require_suitable
from shared.contracts.errors import ErrorCode, PublicError

KNOWN = context_words("Ada Lovelace", "ada.lovelace@analytical.example", "Analytical Engines")


def refused_with(reason: str) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(
        PublicError, check=lambda error: error.code is ErrorCode.PASSWORD_UNSUITABLE and reason in error.message
    )


@pytest.mark.parametrize("length", [0, 11, 129])
def test_a_password_of_unsuitable_length_is_refused(length: int) -> None:
    with refused_with("12 to 128"):
        require_suitable("p" * length, known=(), common=False)


@pytest.mark.parametrize("length", [12, 128])
def test_a_password_of_suitable_length_is_taken(length: int) -> None:
    require_suitable("ü" * length, known=(), common=False)


def test_a_common_password_is_refused() -> None:
    with refused_with("common and breached"):
        require_suitable("correct horse battery", known=(), common=True)


@pytest.mark.parametrize(
    "password", ["ada-lovelace-1", "LOVELACE2026!", "AnalyticalEngines", "tallystick-2026", "invoice-password"]
)
def test_a_password_made_of_what_everybody_knows_is_refused(password: str) -> None:
    with refused_with("everybody knows"):
        require_suitable(password, known=KNOWN, common=False)


@pytest.mark.parametrize("password", ["lovelace and seven bricks", "engines hum by the canal"])
def test_a_known_word_in_a_long_password_does_no_harm(password: str) -> None:
    require_suitable(password, known=KNOWN, common=False)


def test_short_words_about_a_person_do_not_count() -> None:
    assert {"lovelace", "analytical", "engines"} <= KNOWN
    assert "ada" not in KNOWN


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=PASSWORD_MINIMUM, max_size=PASSWORD_MAXIMUM))
def test_no_rule_asks_for_digits_capitals_or_signs(password: str) -> None:
    try:
        require_suitable(password, known=(), common=False)
    except PublicError as refusal:
        # The normal form of some characters is shorter; and words of the product may be taken out.
        assert "12 to 128" in refusal.message or "everybody knows" in refusal.message  # noqa: PT017 - or it is taken


@pytest.mark.parametrize("password", ["123456789012", "qwertyuiop123", "Password1234", "QWERTYUIOP123", "1q2w3e4r5t6y"])
def test_the_list_that_is_shipped_knows_what_guessers_try_first(password: str) -> None:
    assert ShippedPasswordList().common(password)


@pytest.mark.parametrize("password", ["the marmot counts blue stairs", "ünüblich lange wörter", "x" * 128, ""])
def test_the_list_that_is_shipped_answers_about_anything(password: str) -> None:
    assert ShippedPasswordList().common(password) is (password == "")
