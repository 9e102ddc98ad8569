"""The seller's colour, made dark enough to be read."""

import re

DEFAULT = "#114b5f"
LEAST_CONTRAST = 4.5
"""Between text and its background (WCAG 2.2, 1.4.3)."""


def readable(colour: str | None) -> str:
    """Return `colour`, darkened until white on it, and it on white, can be read; `DEFAULT` for what is no colour."""
    if colour is None or not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return DEFAULT
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    while contrast_with_white(red, green, blue) < LEAST_CONTRAST:
        red, green, blue = (channel * 19 // 20 for channel in (red, green, blue))
    return f"#{red:02x}{green:02x}{blue:02x}"


def contrast_with_white(red: int, green: int, blue: int) -> float:
    """Return the contrast ratio from 1 to 21, by relative luminance (WCAG 2.2)."""
    luminance = sum(
        weight * _linear(channel / 255) for weight, channel in ((0.2126, red), (0.7152, green), (0.0722, blue))
    )
    return 1.05 / (luminance + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 -- sRGB's own
