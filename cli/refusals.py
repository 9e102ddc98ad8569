"""What a service refused, in words for whoever asked."""

import json

from cli.audit.sentences import printable
from shared.contracts.errors import PublicError


def described(error: PublicError) -> str:
    """Return an error's sentence, and where it has them the reasons, the field, or all that were wrong."""
    parts = [error.message]
    if isinstance(reasons := error.details.get("reasons"), list):
        parts += [str(reason["text"]) for reason in reasons if isinstance(reason, dict) and "text" in reason]
    if isinstance(field := error.details.get("field"), str):
        line = error.details.get("line")
        parts.append(f"({field if line is None else f'lines.{line}.{field}'})")
    if fields := error.details.get("fields"):
        parts.append(json.dumps(fields, ensure_ascii=False))
    return printable(" ".join(parts))
