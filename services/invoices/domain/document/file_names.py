"""What attached files may be called: whoever receives a document saves them under these names, on any system."""

import re
from collections.abc import Iterator, Mapping, Sequence

from services.invoices.domain.document.content import Attachment

_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "text/csv": (".csv",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
}
"""What the name of a file of each kind ends with: systems open a file by its name, not by its media type."""
# No folder, no drive, nothing that a shell or Windows reads as more than a name; no hidden file and no option.
_PLAIN = re.compile(r"[^\s./\\:*?\"<>|\x00-\x1f-][^/\\:*?\"<>|\x00-\x1f]*")
_DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\.|\Z)", re.IGNORECASE)


def file_name_faults(attachments: Sequence[Attachment]) -> Iterator[tuple[str, str]]:
    """Yield the fields with names that no file should have, each with why."""
    seen = set[str]()
    for index, attachment in enumerate(attachments):
        path, name = f"attachments.{index}.file_name", attachment.file_name
        suffixes = _SUFFIXES.get(attachment.media_type, ())
        if _DEVICES.match(name) is not None:
            yield (
                path,
                f"{name.partition('.')[0]} is a device on Windows, where no file can have that name.",
            )
        elif _PLAIN.fullmatch(name) is None:
            yield path, 'A file name has no folder and none of / \\ : * ? " < > |, and begins with no dot or dash.'
        if not name.casefold().endswith(suffixes):
            yield path, f"The name of a file of this kind ends with {' or '.join(suffixes)}."
        if name.casefold() in seen:
            yield path, "Attached files have names of their own (BR-DE-22)."
        seen.add(name.casefold())
