"""Where the web pages of this installation are: the only place that passkeys answer to."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import urlsplit


class WebOriginInvalid(Exception):
    """Not an origin that a browser makes passkeys for."""


@dataclass(frozen=True, slots=True)
class WebOrigin:
    """An origin and the relying party id that follows from it (WebAuthn level 3, 5.1.2: its effective domain)."""

    origin: str
    rp_id: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `https://host[:port]`, or `http://localhost[:port]`; WebOriginInvalid for anything else.

        Browsers make passkeys in secure contexts only, and for no address: a name is what binds them to a site.
        """
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise WebOriginInvalid("it is no URL") from None
        plain = f"{parts.scheme}://{host}" if port is None else f"{parts.scheme}://{host}:{port}"
        if not host or text != plain:
            raise WebOriginInvalid("it must be scheme, host and port, in lower case, and nothing else")
        local = host == "localhost" or host.endswith(".localhost")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise WebOriginInvalid("it must begin with https://, or be http://localhost")
        if _is_address(host):
            raise WebOriginInvalid("it must name a host, not an address")
        return cls(text, host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
