"""The page behind the link of a drill's mail: plain HTML, no scripts, no forms, no cookies; nothing can be typed there.

GET records the click. HEAD does not: programs that look whether a link is there are no people. Those that fetch whole
pages ahead of people count as clicks; they cannot be told apart.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from services.auth.domain.module import Module
from shared.contracts.errors import ErrorCode, PublicError

Follow = Callable[[str], Module]
"""Records a click on a link and returns the module; PublicError `drill_link_invalid`."""
_LONGEST = 200
_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
]
_PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:1.1em/1.5 sans-serif;max-width:42em;margin:2em auto;padding:0 1em}}
pre{{white-space:pre-wrap;font:inherit}}</style>
{body}
</html>
"""
_DRILL = """<h1>This was a drill</h1>
<p>Nothing has happened. The mail was sent by Tallystick because an owner of your business ordered a drill. Your click
was counted, and nobody punishes you for it. With a real attack this page would now ask for your password.</p>
<p>What to look for is in this lesson. Take it with: <code>tallystick training take {module}</code></p>
<h2>{title}</h2><pre>{lesson}</pre>"""
_UNKNOWN = "<h1>There is nothing here</h1><p>This link is unknown.</p>"


@dataclass(frozen=True)
class DrillPage:
    """A WSGI application (PEP 3333)."""

    follow: Follow

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """Answer one request."""
        status, content = self._answer(environ["REQUEST_METHOD"], str(environ.get("PATH_INFO", "")))
        start_response(status, [*_HEADERS, ("Content-Length", str(len(content)))])
        return [content] if environ["REQUEST_METHOD"] == "GET" else []

    def _answer(self, method: str, path: str) -> tuple[str, bytes]:
        if method == "HEAD":
            return "200 OK", b""
        if method != "GET":
            return "405 Method Not Allowed", b""
        try:
            module = self.follow(path.removeprefix("/")[:_LONGEST])
        except PublicError as refusal:
            if refusal.code is not ErrorCode.DRILL_LINK_INVALID:
                raise
            return "404 Not Found", _PAGE.format(language="en", title="Tallystick", body=_UNKNOWN).encode()
        body = _DRILL.format(module=escape(module.name), title=escape(module.title), lesson=escape(module.lesson))
        return "200 OK", _PAGE.format(language=module.language, title="This was a drill", body=body).encode()
