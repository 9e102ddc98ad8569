import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.adapters.message import write_message
from services.notifier.domain.mail import (
    Attachment,
    Mail,
    MailRefused,
    check_digest,
    message_id,
    one_line,
    plain_file_name,
    wire_address,
)

SENDER = Address("Tallystick", addr_spec="invoices@seller.example")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOCUMENT = Attachment("2026-0001.pdf", "application/pdf", b"%PDF-1.7 not really")
PROOF = Attachment("2026-0001.tlog-proof", "application/octet-stream", "a proof \u2014 or not\n".encode())
EVENT = "01932d9f-0000-7000-8000-000000000001"


def mail(**changes: object) -> Mail:
    fields: dict[str, object] = {
        "message_id": message_id(EVENT, "seller.example"),
        "recipient": "zoe@buyer.example",
        "recipient_name": "Zoë",
        "subject": "Invoice 2026-0001",
        "text": "Dear Zoë,\nyour invoice is attached.\n",
        "attachments": (DOCUMENT, PROOF),
    }
    return Mail(**fields | changes)  # type: ignore[arg-type]  # wrong types are part of no test


def written(**changes: object) -> EmailMessage:
    content = write_message(mail(**changes), SENDER, NOON).content
    parsed = message_from_bytes(content, policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_mail_carries_a_text_the_document_and_its_proof() -> None:
    message = written()
    body = message.get_body()
    assert body is not None
    assert body.get_content().splitlines() == ["Dear Zoë,", "your invoice is attached."]
    for attachment, expected in zip(message.iter_attachments(), (DOCUMENT, PROOF), strict=True):
        assert attachment.get_content() == expected.content
        assert attachment.get_filename() == expected.file_name
        assert attachment.get_content_type() == expected.media_type


def test_a_mail_says_who_when_and_that_no_person_wrote_it() -> None:
    message = written()
    assert message["From"].addresses == (SENDER,)
    assert message["To"].addresses == (Address("Zoë", addr_spec="zoe@buyer.example"),)
    assert message["Date"].datetime == NOON
    assert message["Auto-Submitted"] == "auto-generated"


def test_every_attempt_at_an_event_has_the_same_message_id() -> None:
    assert written()["Message-ID"] == f"<{EVENT}@seller.example>" == message_id(EVENT, "seller.example")


def test_two_events_have_different_message_ids() -> None:
    assert message_id(EVENT, "seller.example") != message_id(EVENT[:-1] + "2", "seller.example")


def test_lines_end_in_crlf_and_are_short_enough() -> None:
    content = write_message(mail(text="wörd " * 500), SENDER, NOON).content
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", content) is None
    assert max(map(len, content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("name", ["subject", "recipient_name", "attachments"])
@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x00"])
def test_a_line_break_does_not_become_a_header(name: str, break_: str) -> None:
    text = f"harmless{break_}Bcc: everybody@example.org"
    message = written(**{name: (Attachment(text, "text/plain", b""),) if name == "attachments" else text})
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["zoe@buyer.example"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_name_or_subject_changes_who_gets_the_mail(name: str, subject: str) -> None:
    message = written(recipient_name=name, subject=subject)
    assert [address.addr_spec for address in message["To"].addresses] == ["zoe@buyer.example"]
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"),
    }


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=60))
def test_names_in_any_script_arrive_as_they_are(name: str) -> None:
    value = message_from_bytes(write_message(mail(recipient_name=name), SENDER, NOON).content)["To"]
    assert str(make_header(decode_header(value))) == f"{name} <zoe@buyer.example>"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c",
        "a b@example.org",
        "a@example.org, b@example.org",
        "a@example.org\r\nRCPT TO:<b@example.org>",
        "<a@example.org>",
        "a\x00@example.org",
        "a\u202e@example.org",
        '"a"@example.org',
        "zoë@example.org",
        "a@example..org",
        "a@-example.org",
        "a" * 65 + "@example.org",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(MailRefused) as refusal:
        wire_address(address)
    assert refusal.value.code == "address_invalid"
    with pytest.raises(MailRefused):
        mail(recipient=address)


def test_a_domain_in_another_script_is_written_in_ascii() -> None:
    assert wire_address("zoe@bücher.example") == "zoe@xn--bcher-kva.example"


def test_a_long_name_full_of_commas_stays_one_name() -> None:
    name = "everybody@example.org, " * 40
    assert written(recipient_name=name)["To"].addresses[0].addr_spec == "zoe@buyer.example"
    assert len(written(recipient_name=name)["To"].addresses) == 1


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=80))
def test_file_names_in_any_script_arrive_as_they_are(name: str) -> None:
    (attachment,) = written(attachments=(Attachment(name, "application/pdf", b""),)).iter_attachments()
    assert attachment.get_filename() == plain_file_name(name)


def test_a_document_that_is_not_the_one_in_the_log_is_refused() -> None:
    check_digest(DOCUMENT.content, mail().digest)
    with pytest.raises(MailRefused, match="digest_mismatch"):
        check_digest(b"another", mail().digest)


def test_a_mail_does_not_show_the_customer_when_it_is_printed() -> None:
    shown = repr(mail()) + repr(write_message(mail(), SENDER, NOON))
    assert not any(secret in shown for secret in ("zoe", "Zoë", "2026-0001", "attached", "%PDF"))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("..", "document"),
        ("", "document"),
        (".bashrc", "bashrc"),
        ("a\\b", "a-b"),
    ],
)
def test_a_file_name_leads_nowhere(name: str, plain: str) -> None:
    assert plain_file_name(name) == plain


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert line == " ".join(line.split())
    assert len(line.splitlines()) <= 1
