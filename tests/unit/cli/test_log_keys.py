"""A running system shows its verifier keys: only such as sign what it answers."""

from collections.abc import Mapping
from typing import Any

import pytest

from cli.audit.key_commands import KeyUnproven, log_key, witness_key
from shared.crypto.signing import SigningKey
from shared.merkle.cosignature import CosignatureVerifier
from shared.merkle.note import NoteVerifier
from tests.audited import WITNESS, Business


class Shown:
    """What the services answer: a business's log and the witness of its checkpoints, each naming a key."""

    def __init__(self, business: Business, log: str | None = None, witness: str | None = None) -> None:
        self._log = {"verifier_key": log or str(business.verifier), "note": business.note()}
        self._witness = {"witness_key": witness or str(WITNESS), "note": business.note()}

    def __call__(self, service: str, method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        """Answer."""
        answers = {("invoices", "checkpoint"): self._log, ("backup", "cosign"): self._witness}
        assert (request == {}) == (method == "checkpoint")
        return answers[service, method]


def test_the_keys_that_sign_are_shown() -> None:
    business = Business()
    shown = Shown(business)
    assert log_key(shown, "invoices") == business.verifier
    assert witness_key(shown) == WITNESS


@pytest.mark.parametrize("key", ["nonsense", "other"])
def test_a_key_that_did_not_sign_is_not_shown(key: str) -> None:
    business = Business()
    public = SigningKey.generate().public
    log = str(NoteVerifier(business.origin, public)) if key == "other" else key
    witness = str(CosignatureVerifier(WITNESS.name, public)) if key == "other" else key
    shown = Shown(business, log, witness)
    with pytest.raises(KeyUnproven, match="did not sign its checkpoint"):
        log_key(shown, "invoices")
    with pytest.raises(KeyUnproven, match="did not cosign"):
        witness_key(shown)
