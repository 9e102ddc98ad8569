"""Documents of a file that name one another: each goes behind those that it names, wherever it stands."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from cli.importer.prepared import Prepared


def named_in(content: object) -> list[str]:
    """Return the keys of the earlier documents (BG-3) that a document names, as far as it is well formed."""
    earlier = content.get("preceding") if isinstance(content, Mapping) else None
    keys = [each.get("key") for each in earlier if isinstance(each, Mapping)] if isinstance(earlier, list) else []
    return [key for key in keys if isinstance(key, str)]


def named_first(documents: Iterable[Prepared], awaited: Collection[str]) -> Iterator[Prepared]:
    """Yield every document, those that name one of `awaited` behind it.

    `awaited` are the numbers of the file that others name: what is named elsewhere is not waited for. What waits is
    held in memory; documents that name one another in a circle come last, for the service to refuse.
    """
    gone: set[str] = set()
    waiting: dict[str, list[Prepared]] = {}
    for document in documents:
        free = deque([document])
        while free:
            each = free.popleft()
            missing = next((key for key in named_in(each.content) if key in awaited and key not in gone), None)
            if missing is not None:
                waiting.setdefault(missing, []).append(each)
                continue
            yield each
            gone.add(each.number)
            free.extend(waiting.pop(each.number, ()))
    yield from (each for held in waiting.values() for each in held)


def renamed(content: Mapping[str, Any], name: Callable[[str], str | None]) -> Mapping[str, Any]:
    """Return the same with other keys for earlier documents; without those for which `name` has none."""
    if not named_in(content):
        return content
    earlier = []
    for each in content["preceding"]:
        if not (isinstance(each, Mapping) and isinstance(each.get("key"), str)):
            earlier.append(each)
        elif (key := name(each["key"])) is not None:
            earlier.append({**each, "key": key})
    return {**content, "preceding": earlier}
