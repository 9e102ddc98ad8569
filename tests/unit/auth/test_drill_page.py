"""The page behind a drill's link: what it says, what it must not do."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.auth.adapters.drill_page import DrillPage
from services.auth.adapters.drill_templates import DIRECTORY, FileDrillTemplates, TemplateMalformed
from services.auth.adapters.modules import FileModules
from services.auth.domain.module import Module
from services.auth.domain.ticket import TicketKind, ticket_refused
from shared.messaging.web_page import Address

PHISHING = FileModules.load().modules["phishing", "en"]
TEMPLATES = FileDrillTemplates.load()


@dataclass
class Clicks:
    """Knows one link, and counts who follows it."""

    module: Module = PHISHING
    followed: list[str] = field(default_factory=list)

    def __call__(self, link: str) -> Module:
        if link != "known":
            raise ticket_refused(TicketKind.DRILL)
        self.followed.append(link)
        return self.module


def ask(clicks: Clicks, method: str, path: str) -> tuple[str, dict[str, str], str]:
    said: list[tuple[str, list[tuple[str, str]]]] = []
    page = DrillPage(clicks)({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda *start: said.append(start))
    body = b"".join(page).decode()
    ((status, headers),) = said
    return status, dict(headers), body


def test_a_click_is_counted_and_leads_to_the_module() -> None:
    clicks = Clicks()
    status, _, body = ask(clicks, "GET", "/known")
    assert status == "200 OK"
    assert "This was a drill" in body
    assert "tallystick training take phishing" in body
    assert clicks.followed == ["known"]


def test_a_program_that_only_looks_whether_the_link_is_there_is_no_click() -> None:
    clicks = Clicks()
    assert ask(clicks, "HEAD", "/known")[0] == "200 OK"
    assert clicks.followed == []


@pytest.mark.parametrize("path", ["/canary", "/", "", "/known/more", "/" + "x" * 10_000])
def test_an_unknown_link_says_nothing(path: str) -> None:
    status, _, body = ask(Clicks(), "GET", path)
    assert status == "404 Not Found"
    assert path.strip("/") == "" or path.strip("/") not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_sent_to_the_page(method: str) -> None:
    clicks = Clicks()
    assert ask(clicks, method, "/known")[0] == "405 Method Not Allowed"
    assert clicks.followed == []


def test_the_page_runs_nothing_and_asks_for_nothing() -> None:
    _, headers, body = ask(Clicks(), "GET", "/known")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in headers
    assert not any(tag in body for tag in ("<script", "<form", "<input", "<a ", "<img"))


def test_what_a_module_says_cannot_become_a_tag() -> None:
    module = Module("odd", "en", "v", "<script>t</script>", 1, "<b>l</b> {name}", ())
    _, _, body = ask(Clicks(module), "GET", "/known")
    assert "<script>" not in body
    assert "&lt;b&gt;l&lt;/b&gt; {name}" in body


def test_every_template_leads_to_a_module_that_exists_and_carries_the_link_once() -> None:
    modules = FileModules.load().names()
    assert len(TEMPLATES.all("en")) >= 3
    for template in TEMPLATES.all("en"):
        assert template.module in modules
        letter = template.letter("Ada {link}", "https://drills.example/x")
        assert letter.text.count("https://drills.example/x") == 1
        assert "Ada {link}" in letter.text


def test_a_file_that_is_no_drill_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "odd"
    directory.mkdir()
    (directory / "en.yaml").write_text("subject: x\ntext: no link\n", "utf-8")
    with pytest.raises(TemplateMalformed, match=r"en\.yaml"):
        FileDrillTemplates.load(directory.parent)
    assert FileDrillTemplates.load(DIRECTORY) == TEMPLATES


@pytest.mark.parametrize("text", ["", "8080", "host:", ":80", "host:0", "host:65536", "host:8o"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        Address.parse(text)


def test_addresses_are_read_with_brackets_too() -> None:
    assert Address.parse("[::1]:80") == Address("::1", 80)
