from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.auth.domain.proof import PasskeyAssertion, PasskeyRegistration, RecoveryCode, TotpCode
from services.auth.entrypoints.proofs import take_first_proof, take_proof
from shared.contracts.auth import CompleteEnrolmentRequest, CompleteLoginRequest
from shared.contracts.proof import PROOFS


@pytest.mark.parametrize(
    ("name", "proof"),
    [("code", TotpCode("x")), ("recovery_code", RecoveryCode("x")), ("passkey", PasskeyAssertion("x"))],
)
def test_the_one_proof_of_a_request_is_taken_out_of_it(name: str, proof: object) -> None:
    request = CompleteLoginRequest().load({"challenge": "c", name: "x"})
    assert isinstance(request, dict)
    assert take_proof(request) == proof
    assert request == {"challenge": "c"}


@given(st.dictionaries(st.sampled_from(PROOFS), st.just("x")).filter(lambda shown: len(shown) != 1))
def test_a_request_with_none_or_with_several_proofs_is_refused(shown: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Exactly one"):
        CompleteLoginRequest().load({"challenge": "c", **shown})


@pytest.mark.parametrize(("name", "proof"), [("code", TotpCode("x")), ("passkey", PasskeyRegistration("x"))])
def test_the_first_proof_of_a_factor_is_a_code_or_a_registration(name: str, proof: object) -> None:
    request = CompleteEnrolmentRequest().load({"enrolment": "e", name: "x"})
    assert isinstance(request, dict)
    assert take_first_proof(request) == proof
    assert request == {"enrolment": "e"}


@pytest.mark.parametrize("shown", [{}, {"code": "x", "passkey": "x"}, {"recovery_code": "x"}], ids=str)
def test_nothing_else_is_a_first_proof(shown: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CompleteEnrolmentRequest().load({"enrolment": "e", **shown})


def test_a_proof_shows_nothing_of_itself_in_a_log_line() -> None:
    shown = [TotpCode("secret"), RecoveryCode("secret"), PasskeyAssertion("secret"), PasskeyRegistration("secret")]
    assert "secret" not in repr(shown)
