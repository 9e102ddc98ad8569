"""Passkeys (W3C WebAuthn level 3) by py_webauthn: the ceremonies of a relying party, without anything stored.

The library checks type, challenge, origin, relying party, presence, verification and signature. Here stands what it
leaves to the relying party: which user, which credential, which attestations, no frames of other sites, backup state.
"""

import base64
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import webauthn
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_authenticator_data,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.auth.adapters.web_origin import WebOrigin
from services.auth.domain.passkey import Registered, Shown
from shared.crypto.envelope import derive_key, open_sealed, seal

_RP_NAME = "Tallystick"
_LONGEST_ID = 1023
"""Bytes of a credential id (WebAuthn level 3, 7.1 step 25)."""
_TIMEOUT_MS = 300_000  # as long as the challenge of a login lives
_Verified = TypeVar("_Verified")


class _Refused(Exception):
    """An answer that does not hold; nobody is told why."""


@dataclass(frozen=True, slots=True)
class _Credential:
    """What is kept of a passkey."""

    id: bytes
    public_key: bytes = field(repr=False)
    """COSE_Key."""
    backup_eligible: bool
    """Whether it may be copied to the holder's other devices: fixed for its life (WebAuthn level 3, 6.1.3)."""


class WebauthnPasskeys:
    """A relying party at one origin; credentials are kept sealed under a key of its own, as TOTP secrets are."""

    def __init__(self, passkey_key: bytes, web: WebOrigin) -> None:
        self._web = web
        self._sealing_key = derive_key(passkey_key, b"tallystick/v1/auth/passkey/sealing")
        self._challenge_key = derive_key(passkey_key, b"tallystick/v1/auth/passkey/challenge")
        self._handle_key = derive_key(passkey_key, b"tallystick/v1/auth/passkey/user-handle")

    def registration_options(self, tenant: str, user_id: str, ceremony: str, account: str, known: Iterable[str]) -> str:
        """Return the JSON of PublicKeyCredentialCreationOptions; authenticators that hold one of `known` are left out.

        The user's verification is required: whoever finds an authenticator and knows the password has two factors, and
        lacks the PIN or finger. No attestation is asked for: it would tell the make of everybody's devices.
        """
        options = webauthn.generate_registration_options(
            rp_id=self._web.rp_id,
            rp_name=_RP_NAME,
            user_name=account,
            user_id=self._user_handle(tenant, user_id),
            challenge=self._challenge(tenant, user_id, ceremony),
            timeout=_TIMEOUT_MS,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=self._descriptors(tenant, user_id, known),
        )
        return webauthn.options_to_json(options)

    def register(
        self, tenant: str, user_id: str, ceremony: str, response: str, known: Iterable[str]
    ) -> Registered | None:
        """Judge the answer to `registration_options`; None when it does not hold. SealBroken for foreign material."""
        challenge = self._challenge(tenant, user_id, ceremony)
        registered = _verified(partial(self._register, response, challenge))
        if registered is None:
            return None
        credential, sign_count = registered
        if credential.id in {self._open(tenant, user_id, sealed).id for sealed in known}:
            return None
        return Registered(self._seal(tenant, user_id, credential), sign_count, challenge)

    def options(self, tenant: str, user_id: str, ceremony: str, passkeys: Iterable[str]) -> str:
        """Return the JSON of PublicKeyCredentialRequestOptions for these passkeys."""
        options = webauthn.generate_authentication_options(
            rp_id=self._web.rp_id,
            challenge=self._challenge(tenant, user_id, ceremony),
            timeout=_TIMEOUT_MS,
            allow_credentials=self._descriptors(tenant, user_id, passkeys),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return webauthn.options_to_json(options)

    def judge(
        self, tenant: str, user_id: str, ceremonies: Sequence[str], passkeys: Mapping[str, str], response: str
    ) -> Shown | None:
        """Judge the answer to `options` of one of the ceremonies; None when it does not hold.

        `passkeys` are the user's, by factor id: a credential of anybody else is not among them. SealBroken for foreign
        material. The counter is for the caller to judge, by then for a signature that holds.
        """
        credentials = {factor_id: self._open(tenant, user_id, sealed) for factor_id, sealed in passkeys.items()}
        handle = self._user_handle(tenant, user_id)
        for ceremony in ceremonies:
            challenge = self._challenge(tenant, user_id, ceremony)
            shown = _verified(partial(self._authenticate, response, challenge, handle, credentials))
            if shown is not None:
                return shown
        return None

    def _register(self, response: str, challenge: bytes) -> tuple[_Credential, int]:
        answer = parse_registration_credential_json(response)
        _require_top_frame(answer.response.client_data_json)
        _require_plain_attestation(answer.response.attestation_object)
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=self._web.rp_id,
            expected_origin=self._web.origin,
            require_user_verification=True,
        )
        if verified.credential_id != answer.raw_id or len(verified.credential_id) > _LONGEST_ID:
            raise _Refused
        # A key that cannot be used is refused now, not at the first login.
        decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
        copied = verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE
        return _Credential(verified.credential_id, verified.credential_public_key, copied), verified.sign_count

    def _authenticate(
        self, response: str, challenge: bytes, handle: bytes, credentials: Mapping[str, _Credential]
    ) -> Shown:
        answer = parse_authentication_credential_json(response)
        _require_top_frame(answer.response.client_data_json)
        factor_id, credential = next(
            (each for each in credentials.items() if hmac.compare_digest(each[1].id, answer.raw_id)), ("", None)
        )
        if credential is None or answer.response.user_handle not in {None, b"", handle}:
            raise _Refused
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=self._web.rp_id,
            expected_origin=self._web.origin,
            credential_public_key=credential.public_key,
            credential_current_sign_count=0,  # compared in the database, where all processes meet
            require_user_verification=True,
        )
        if parse_authenticator_data(answer.response.authenticator_data).flags.be != credential.backup_eligible:
            raise _Refused
        return Shown(factor_id, verified.new_sign_count, challenge)

    def _descriptors(self, tenant: str, user_id: str, passkeys: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
        return [PublicKeyCredentialDescriptor(id=self._open(tenant, user_id, sealed).id) for sealed in passkeys]

    def _challenge(self, tenant: str, user_id: str, ceremony: str) -> bytes:
        """Return 32 bytes that nobody can foresee, and that the same ceremony always has."""
        return hmac.digest(self._challenge_key, f"{tenant}/{user_id}/{ceremony}".encode(), "sha256")

    def _user_handle(self, tenant: str, user_id: str) -> bytes:
        """Return 32 bytes by which authenticators keep accounts apart; says nothing about anybody (14.6.1)."""
        return hmac.digest(self._handle_key, f"{tenant}/{user_id}".encode(), "sha256")

    def _seal(self, tenant: str, user_id: str, credential: _Credential) -> str:
        kept = {
            "id": base64.b64encode(credential.id).decode(),
            "public_key": base64.b64encode(credential.public_key).decode(),
            "backup_eligible": credential.backup_eligible,
        }
        return base64.b64encode(seal(self._sealing_key, json.dumps(kept).encode(), _place(tenant, user_id))).decode()

    def _open(self, tenant: str, user_id: str, sealed: str) -> _Credential:
        kept = json.loads(open_sealed(self._sealing_key, base64.b64decode(sealed), _place(tenant, user_id)))
        return _Credential(
            base64.b64decode(kept["id"]), base64.b64decode(kept["public_key"]), bool(kept["backup_eligible"])
        )


def _place(tenant: str, user_id: str) -> bytes:
    return f"tallystick/v1/auth/passkey/{tenant}/{user_id}".encode()


def _verified(verify: Callable[[], _Verified]) -> _Verified | None:
    """Return what holds, None for what does not.

    The answer is whatever a stranger sent. Its parsers raise more than the library's own errors (KeyError for a key
    without an algorithm, RecursionError for brackets in brackets), and each of them means that nothing was shown.
    """
    try:
        return verify()
    except Exception:  # noqa: BLE001 - see above; what is sealed or ours is opened outside
        return None


def _require_top_frame(client_data: bytes) -> None:
    """Refuse an answer that was given inside another site's page (WebAuthn level 3, 7.2 step 13)."""
    if parse_client_data_json(client_data).cross_origin:
        raise _Refused


def _require_plain_attestation(attestation_object: bytes) -> None:
    """Refuse certificates: none was asked for, and parsing a stranger's certificates is a risk without a use.

    `packed` without them is the authenticator's signature over its own answer, which clients may pass on.
    """
    attestation = parse_attestation_object(attestation_object)
    if attestation.fmt == AttestationFormat.PACKED and attestation.att_stmt.x5c is None:
        return
    if attestation.fmt != AttestationFormat.NONE:
        raise _Refused
