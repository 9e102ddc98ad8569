"""docs/cryptography.md has every module that does something cryptographic: looked for, not remembered."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LIBRARIES = {
    "argon2", "cryptography", "hashlib", "hmac", "jwt", "pkcs11", "pyotp", "pyrage", "secrets", "ssl", "webauthn",
}  # fmt: skip
_LISTED = re.compile(r"^\| `([\w./]+\.py)` \|", re.MULTILINE)


def uses_cryptography(path: Path) -> bool:
    """Tell whether a module imports a library of LIBRARIES or asks the system for random bytes."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names) if any(name.name.partition(".")[0] in LIBRARIES for name in names):
                return True
            case ast.ImportFrom(module=str(module), level=0) if module.partition(".")[0] in LIBRARIES:
                return True
            case ast.Attribute(value=ast.Name(id="os"), attr="urandom" | "getrandom"):
                return True
    return False


def test_every_module_that_uses_cryptography_is_in_the_inventory() -> None:
    modules = (path for part in ("cli", "deploy", "services", "shared") for path in (ROOT / part).rglob("*.py"))
    found = sorted(path.relative_to(ROOT).as_posix() for path in modules if uses_cryptography(path))
    listed = _LISTED.findall((ROOT / "docs" / "cryptography.md").read_text("utf-8"))
    assert len(found) > 30
    assert listed == found
