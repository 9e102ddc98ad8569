"""Take a copy of a log home: page by page through RPC into a bundle."""

import base64
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from cli.audit.bundle import Bundle, event_line

_PAGE = 200


class LogReader(Protocol):
    """A service's log endpoints, called with an auditor's token."""

    def __call__(self, method: str, request: Mapping[str, object]) -> Mapping[str, object]:
        """Call `checkpoint`, `read_log` or `export_keys`; raises PublicError."""
        ...


class ExportIncomplete(Exception):
    """The service gave fewer events than its checkpoint signs."""


def export(read: LogReader, recipient: str, folder: Path, progress: Callable[[int, int], None]) -> Bundle:
    """Write the log as of now into `folder`, which must not exist yet; its keys are encrypted to `recipient`.

    The checkpoint is taken first and the events up to its size follow: what is appended meanwhile is left for the
    next copy. `progress` is called with how many events are written and how many there are. The folder appears under
    its name only when it is whole.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists already; name a new folder")
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    bundle = Bundle(part)
    checkpoint = read("checkpoint", {})
    bundle.checkpoint_path.write_text(str(checkpoint["note"]), "utf-8")
    _write_events(read, bundle, int(str(checkpoint["size"])), progress)
    keys = read("export_keys", {"recipient": recipient})
    bundle.keys_path.write_bytes(base64.b64decode(str(keys["keys_base64"])))
    part.rename(folder)
    return Bundle(folder)


def _write_events(read: LogReader, bundle: Bundle, size: int, progress: Callable[[int, int], None]) -> None:
    written = 0
    progress(written, size)
    with bundle.events_path.open("w", encoding="utf-8") as lines:
        while written < size:
            page = read("read_log", {"after": written - 1, "limit": min(_PAGE, size - written)})
            events = page["events"]
            if not isinstance(events, list) or not events:
                raise ExportIncomplete(f"the service signs {size} events but gave only {written}")
            lines.writelines(event_line(event) for event in events)
            written += len(events)
            progress(written, size)
