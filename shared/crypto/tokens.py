"""Signed tokens: JWTs (RFC 7519) with the one algorithm `Ed25519` (RFC 9864), and the JWKS (RFC 7517) to check them.

PyJWT parses and checks the signature. The claims are checked here, because time is a port in this project and
PyJWT reads the machine's clock.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm
from jwt.exceptions import InvalidKeyError, PyJWTError

from shared.crypto.signing import SigningKey, VerifyKey

ALGORITHM = "Ed25519"
CLOCK_SKEW = 5
"""Seconds by which the issuer's clock may run ahead of ours. Expiry gets no such grace."""

Claims = Mapping[str, Any]
_HEADER = {"alg", "kid", "typ"}
_T = TypeVar("_T")


class TokenInvalid(Exception):
    """The token is not one that the issuer made for this audience; says which check failed, never the token."""


class TokenExpired(Exception):
    """The token was good and its time is over."""


class KeySetInvalid(Exception):
    """A JWKS document that is malformed or holds something other than public Ed25519 keys."""


class _Ed25519(OKPAlgorithm):
    """PyJWT's octet key pairs, narrowed to Ed25519 key objects: no Ed448, and no string taken for a key."""

    _crypto_key_types = (Ed25519PrivateKey, Ed25519PublicKey)

    def prepare_key(self, key: Any) -> Any:  # noqa: ANN401  the signature is PyJWT's
        if not isinstance(key, self._crypto_key_types):
            raise InvalidKeyError("not an Ed25519 key")
        return key


# Knows one algorithm: `none`, the HMAC family and the ambiguous `EdDSA` do not exist here, whatever a header asks for.
_JWS = jwt.PyJWS(algorithms=[])
_JWS.register_algorithm(ALGORITHM, _Ed25519())


@dataclass(frozen=True, slots=True)
class KeySet(Mapping[str, VerifyKey]):
    """Public keys by `kid`."""

    keys_by_id: Mapping[str, VerifyKey]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a JWKS file; raises KeySetInvalid, or OSError when it cannot be read."""
        try:
            return cls.parse(path.read_text(encoding="utf-8"))
        except (KeySetInvalid, UnicodeDecodeError) as error:
            raise KeySetInvalid(f"{path}: {error}") from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a JWKS document: at least one key, each OKP/Ed25519 with a `kid` of its own, none private."""
        try:
            entries = json.loads(text)["keys"]
            keys = {_key_id(entry): _public_key(entry) for entry in entries}
        except (ValueError, KeyError, TypeError, InvalidKeyError):
            raise KeySetInvalid("not a set of Ed25519 public keys (RFC 7517, RFC 8037)") from None
        if not keys or len(keys) != len(entries):
            raise KeySetInvalid("needs at least one key and a different kid for each")
        return cls(keys)

    def __getitem__(self, kid: str) -> VerifyKey:
        return self.keys_by_id[kid]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys_by_id)

    def __len__(self) -> int:
        return len(self.keys_by_id)


def jwk(public: VerifyKey, kid: str) -> dict[str, str]:
    """Return the public key as a JWK (RFC 8037); `{"keys": [jwk, ...]}` is what `KeySet.load` reads."""
    return {**OKPAlgorithm.to_jwk(public.loaded(), as_dict=True), "alg": ALGORITHM, "kid": kid, "use": "sig"}


def issue_token(claims: Claims, key: SigningKey, kid: str) -> str:
    """Sign the claims as they are. Times are NumericDate: whole seconds since 1970, UTC."""
    payload = json.dumps(claims, separators=(",", ":"), sort_keys=True).encode()
    return _JWS.encode(payload, key.private, algorithm=ALGORITHM, headers={"kid": kid})


def verify_token(
    token: str, keys: Mapping[str, VerifyKey], *, audience: str, issuer: str, now: datetime
) -> dict[str, Any]:
    """Return the claims of a token that `issuer` signed for `audience` with one of `keys` and that is alive `now`.

    `iss`, `aud`, `sub`, `iat` and `exp` must be there; `aud` is one string. Raises TokenExpired, TokenInvalid.
    """
    claims = _signed_claims(token, keys)
    _check_parties(claims, audience, issuer)
    _check_times(claims, now.timestamp())
    return claims


def bearer_claims(token: str) -> dict[str, Any]:
    """Return what a token says, unchecked: for its bearer, who got it from the issuer and has to know who he is in it.

    Nobody else may believe this. Raises TokenInvalid when it cannot be read.
    """
    try:
        return _of_type(json.loads(_JWS.decode_complete(token, options={"verify_signature": False})["payload"]), dict)
    except (PyJWTError, ValueError, RecursionError):
        raise TokenInvalid("malformed") from None


def _signed_claims(token: str, keys: Mapping[str, VerifyKey]) -> dict[str, Any]:
    # PyJWT tolerates padding, RFC 7515 has none: one token has one spelling.
    if "=" in _of_type(token, str):
        raise TokenInvalid("malformed")
    try:
        header = _JWS.get_unverified_header(token)
        # Not a subset: a header that asks for more (`crit`, `b64`, `jwk`, `jku`) asks for what we do not do.
        if header.keys() != _HEADER or header["typ"] != "JWT":
            raise TokenInvalid("the header is not one that we write")
        key = keys.get(header["kid"])
        if key is None:
            raise TokenInvalid("signed with an unknown key")
        claims = json.loads(_JWS.decode(token, key.loaded(), algorithms=[ALGORITHM]))
    except (PyJWTError, ValueError, RecursionError):
        raise TokenInvalid("malformed or not signed by this key") from None
    return _of_type(claims, dict)


def _check_parties(claims: Claims, audience: str, issuer: str) -> None:
    if claims.get("iss") != issuer:
        raise TokenInvalid("from another issuer")
    if claims.get("aud") != audience:
        raise TokenInvalid("for another audience")
    if not _of_type(claims.get("sub"), str):
        raise TokenInvalid("about nobody")


def _check_times(claims: Claims, now: float) -> None:
    issued, expires = _of_type(claims.get("iat"), int), _of_type(claims.get("exp"), int)
    begins = _of_type(claims.get("nbf", issued), int)
    if max(issued, begins) > now + CLOCK_SKEW:
        raise TokenInvalid("from the future")
    if expires <= now:
        raise TokenExpired("the token has expired")


def _of_type(value: object, wanted: type[_T]) -> _T:
    if type(value) is not wanted:  # exactly: a bool is no number of seconds
        raise TokenInvalid(f"expected {wanted.__name__}, got {type(value).__name__}")
    return value


def _key_id(entry: dict[str, object]) -> str:
    kid = entry["kid"]
    if not isinstance(kid, str):
        raise TypeError("a kid is a string")
    return kid


def _public_key(entry: dict[str, object]) -> VerifyKey:
    public = OKPAlgorithm.from_jwk(entry)
    # Private keys come back as another class: they have no place in a set of public keys.
    if not isinstance(public, Ed25519PublicKey):
        raise InvalidKeyError("not a public Ed25519 key")
    return VerifyKey(public.public_bytes_raw())
