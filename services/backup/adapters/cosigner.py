"""Cosignatures under the witness's own key, timestamped by the clock."""

from dataclasses import dataclass

from shared.crypto.signing import SigningKey
from shared.kernel.clock import Clock
from shared.merkle.cosignature import CosignatureVerifier, cosign
from shared.merkle.note import NoteSignature


@dataclass(frozen=True)
class TimedCosigner:
    """Cosigns under the name `<log domain>/tallystick/witness`, with a key that signs nothing else."""

    log_domain: str
    key: SigningKey
    clock: Clock

    @property
    def name(self) -> str:
        """The key's name in the notes it cosigns."""
        return f"{self.log_domain}/tallystick/witness"

    @property
    def verifier_key(self) -> str:
        """What a reader needs to check the cosignatures: `name+key id+public key`, signature type 04."""
        return str(CosignatureVerifier(self.name, self.key.public))

    def cosign(self, text: str) -> NoteSignature:
        """Return the cosignature of a checkpoint's text, as of now."""
        return cosign(text, self.name, self.key, int(self.clock.now().timestamp()))
