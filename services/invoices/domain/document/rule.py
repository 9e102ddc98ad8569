"""A rule of EN 16931, or of what stands on it, that a document does not keep."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """What is wrong with a document, in words that quote nothing of it."""

    id: str
    """As its authors call it, e.g. `BR-CO-25`, `BR-DE-15`, `PEPPOL-EN16931-R003`."""
    words: str
    line: int | None = None
    """Of the document, from 0; None when it is about the whole."""
    terms: tuple[str, ...] = ()
    """Business terms and groups that the rule names, e.g. `BT-9`."""
