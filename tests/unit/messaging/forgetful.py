"""A database that takes everything and keeps nothing, for tests of what happens before it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager


class ForgetfulPool:
    """In the place of a pool, for what is only written."""

    @contextmanager
    def connection(self) -> Iterator["ForgetfulPool"]:
        yield self

    def execute(self, statement: str, values: object) -> None:
        """Forget it."""
