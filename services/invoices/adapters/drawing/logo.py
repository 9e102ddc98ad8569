"""The seller's logo: a PNG or JPEG, drawn from our own encoding of its pixels.

No SVG: it is a program for a large interpreter, can name files and holds text that no typeface of ours covers. What
goes into a document are pixels alone: no metadata, colour profile or byte of the uploaded file.
"""

import base64
from functools import lru_cache
from io import BytesIO

from PIL import Image, UnidentifiedImageError

MAX_BYTES = 1024 * 1024
MAX_PIXELS = 16_000_000
_WIDTH, _HEIGHT = 1200, 480
"""Enough for 300 dots per inch where it is drawn."""


class LogoRefused(ValueError):
    """Not a PNG or JPEG, or too large."""


@lru_cache(maxsize=64)
def logo_svg(content: bytes) -> str:
    """Return the logo as an SVG that holds nothing but its pixels; LogoRefused."""
    picture = _decoded(content)
    picture.thumbnail((_WIDTH, _HEIGHT))
    encoded = BytesIO()
    picture.save(encoded, "PNG")
    size = f'width="{picture.width}" height="{picture.height}"'
    pixels = base64.b64encode(encoded.getvalue()).decode()
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="data:image/png;base64,{pixels}"/></svg>'


def _decoded(content: bytes) -> Image.Image:
    if len(content) > MAX_BYTES:
        raise LogoRefused(f"more than {MAX_BYTES} bytes")
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
            # The header says how large it is; nothing has been unpacked yet.
            if picture.width * picture.height > MAX_PIXELS:
                raise LogoRefused(f"more than {MAX_PIXELS} pixels")
            return picture.convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise LogoRefused(f"more than {MAX_PIXELS} pixels") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, LogoRefused):
            raise
        raise LogoRefused("no PNG or JPEG") from error
