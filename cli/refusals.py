"""What a service refused, in words for whoever asked."""

import json

from cli.audit.sentences import printable
from shared.contracts.errors import PublicError


def described(error: PublicError) -> str:
    """Return an error's sentence, with the fields of the request that were wrong, and why, where it names them."""
    fields = error.details.get("fields")
    if not fields:
        return error.message
    return printable(f"{error.message} {json.dumps(fields, ensure_ascii=False)}")
