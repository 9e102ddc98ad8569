"""The invoices service as its contracts have it: takes what its schemas take, answers with the least they allow."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.reference.examples import reply_example
from tests.reference.offered import Offered, offered
from tests.reference.shapes import Shapes
from tests.unit.cli.running import Running


@cache
def methods() -> Mapping[str, Offered]:
    """Every method of the invoices service, by its name."""
    return {each.method: each for each in offered() if each.service == "invoices"}


@cache
def _shapes() -> Mapping[str, Any]:
    return Shapes([each.endpoint.reply for each in methods().values()]).all


class Invoices(Running):
    """Refuses, with marshmallow's ValidationError, what the service would; `replies` are a test's own."""

    def __init__(self, **replies: Mapping[str, Any] | list[Mapping[str, Any]]) -> None:
        super().__init__()
        self._replies = replies

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        assert service == "invoices"
        endpoint = methods()[method].endpoint
        endpoint.request.load(request)
        told = self._replies.get(method, {})
        if isinstance(told, list):
            told = told.pop(0)
        drawn = (
            {"content_base64": "JVBERg==", "file_name": f"{len(self.asked)}.pdf"}
            if "content_base64" in endpoint.reply.fields
            else {}
        )
        return {**reply_example(endpoint.reply, _shapes()), **drawn, **told}

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """What was asked and done, without looking documents up by their numbers."""
        return [(method, request) for _, method, request in self.asked + self.done if method != "list_invoices"]
