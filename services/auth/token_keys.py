"""`python -m services.auth rotate-token-keys`: a new key signs tokens, and no token is refused on the way.

First the new public key is published beside the old one, and every service has had time to read it; then it signs; and
when the last token of the old one has expired, that one's public key is taken away. What has been done is seen from the
files, so a rotation that was killed is finished by the next one.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from services.auth.adapters.tokens import LIFETIME
from shared.crypto.private_files import KeyFileRefused, changing, replace_private_file
from shared.crypto.signing import SigningKey, VerifyKey
from shared.crypto.tokens import CLOCK_SKEW, KeySet, KeySetInvalid, jwk
from shared.messaging.settings import Environment, read_or_exit

ACTION = "rotate-token-keys"
OVERLAP = 10.0
"""Seconds between publishing a key and signing with it. Services look at the file at every call: this is for copies."""
LAST_TOKEN = LIFETIME.total_seconds() + CLOCK_SKEW
"""Seconds after which no token of the old key is alive."""


@dataclass(frozen=True, slots=True)
class TokenKeyRotation:
    """A rotation of the key in `key_file`, whose public half is in the JWKS `keys_file`."""

    key_file: Path
    keys_file: Path
    pause: Callable[[float], None] = sleep

    def run(self) -> str:
        """Rotate, or finish a rotation that was begun; return the name of the key that signs now.

        One at a time: a second one waits. Raises KeyFileRefused, KeySetInvalid, OSError.
        """
        with changing(self.key_file):
            published = KeySet.load(self.keys_file)
            if len(published) == 1 or self._next.exists():
                self._begin(published)
            signing = _name(SigningKey.load(self.key_file).public, KeySet.load(self.keys_file))
            self.pause(LAST_TOKEN)
            self._publish({signing: KeySet.load(self.keys_file)[signing]})
            return signing

    @property
    def _next(self) -> Path:
        """Where the new key is until it signs."""
        return self.key_file.with_name(f"{self.key_file.name}.next")

    def _begin(self, published: KeySet) -> None:
        if not self._next.exists():
            half = self._next.with_suffix(".half")  # under another name: a kill leaves no half of a key behind
            half.unlink(missing_ok=True)
            SigningKey.generate().save(half)
            half.replace(self._next)
        following = SigningKey.load(self._next)
        name = _name(following.public, published)
        self._publish({**published, name: following.public})
        self.pause(OVERLAP)
        replace_private_file(self.key_file, self._next.read_bytes())
        self._next.unlink()

    def _publish(self, keys: dict[str, VerifyKey]) -> None:
        text = json.dumps({"keys": [jwk(public, name) for name, public in keys.items()]}, indent=1)
        replace_private_file(self.keys_file, text.encode())


def main(arguments: Sequence[str]) -> int:
    """Rotate the keys that the settings name; exit code 1 when a file does not allow it."""
    argparse.ArgumentParser(prog=f"python -m services.auth {ACTION}", description=__doc__).parse_args(arguments)
    key_file, keys_file = read_or_exit(_files)
    try:
        signing = TokenKeyRotation(key_file, keys_file).run()
    except (KeyFileRefused, KeySetInvalid, OSError) as refused:
        sys.stderr.write(f"{refused}. What was done before stays done: run it again.\n")
        return 1
    sys.stdout.write(f"auth: tokens are signed with {signing}, and no other key is published any more.\n")
    return 0


def _files(environment: Environment) -> tuple[Path, Path]:
    return environment.path("TOKEN_SIGNING_KEY_FILE"), environment.path("TOKEN_KEYS_FILE")


def _name(public: VerifyKey, published: KeySet) -> str:
    """Return the name of a key: the one it is published under, else one made of the key itself."""
    known = [name for name, other in published.items() if other == public]
    return known[0] if known else f"token-{hashlib.sha256(public.raw).hexdigest()[:16]}"
