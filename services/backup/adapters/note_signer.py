"""Manifests signed as C2SP signed notes: a text that a person can read, under an Ed25519 signature."""

from dataclasses import dataclass

from shared.crypto.signing import SigningKey
from shared.merkle.note import NoteVerifier, sign_note


@dataclass(frozen=True)
class NoteSigner:
    """Signs under the name `<log domain>/tallystick/backup`, with a key that signs nothing but manifests."""

    log_domain: str
    key: SigningKey

    @property
    def name(self) -> str:
        """The key's name in the notes it signs."""
        return f"{self.log_domain}/tallystick/backup"

    @property
    def verifier_key(self) -> str:
        """What a reader needs to check the manifests: `name+key id+public key`."""
        return str(NoteVerifier(self.name, self.key.public))

    def sign(self, text: str) -> str:
        """Return the signed note over `text`."""
        return sign_note(text, self.name, self.key)
