"""What is remembered about changes to an account that is active, or was."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProofRefused:
    """Somebody with a session of the user's could not prove what a change of the account asks for."""

    purpose: str
    """A `PurposeKind`."""
    reason: str
    """A `ProofOutcome`, or `wrong_password`."""


@dataclass(frozen=True, slots=True)
class FactorOffered:
    """The user was given another factor, which counts only when it is proved; an earlier offer is void."""

    factor_id: str
    kind: str
    """A `FactorKind`."""
    name: str
    material: str
    """What the first proof is checked against; secrets in it are sealed."""
    ticket_hash: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class OfferProofRefused:
    """The offered factor was not proved; `reason` is a `ProofOutcome`."""

    reason: str


@dataclass(frozen=True, slots=True)
class FactorAdded:
    """The offered factor was proved and counts from now on."""

    factor_id: str
    kind: str
    name: str
    material: str
    """What later proofs are checked against; secrets in it are sealed."""
    added_at: str
    step: int
    """The TOTP time step of the accepted code; -1 for a factor of another kind."""


@dataclass(frozen=True, slots=True)
class FactorRemoved:
    """A factor proves nothing any more."""

    factor_id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class PasskeyUsed:
    """A passkey has signed for a change of the account; the challenge that it signed is worth nothing any more."""

    factor_id: str
    purpose: str
    """A `PurposeKind`."""


@dataclass(frozen=True, slots=True)
class FactorCloned:
    """A passkey's sign counter went backwards: two authenticators hold its key. What was signed was refused."""

    factor_id: str
    kind: str
    name: str
    purpose: str
    """A `PurposeKind`."""


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """The user chose another password."""

    password_hash: str
    """PHC string of the peppered password."""


@dataclass(frozen=True, slots=True)
class PasswordRehashed:
    """The same password, hashed with the parameters of today: it was shown at a login."""

    password_hash: str


AccountEvent = (
    ProofRefused
    | FactorOffered
    | OfferProofRefused
    | FactorAdded
    | FactorRemoved
    | PasskeyUsed
    | FactorCloned
    | PasswordChanged
    | PasswordRehashed
)
