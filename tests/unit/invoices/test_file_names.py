"""What attached files may be called."""

import pytest

from services.invoices.domain.document.content import Attachment
from services.invoices.domain.document.file_names import file_name_faults
from shared.contracts.content import AttachmentSchema
from tests.unit.invoices.files import CSV_TYPE, JPEG_TYPE, PDF_TYPE


def faults(*names: str, media_type: str = PDF_TYPE) -> list[str]:
    attachments = [Attachment("A", name, media_type, "0" * 64) for name in names]
    return [field for field, _ in file_name_faults(attachments)]


@pytest.mark.parametrize("name", ["hours.pdf", "Stunden März 26.PDF", "時間.pdf", "a..b.pdf", "5% (1) & so.pdf"])
def test_an_ordinary_name_is_fine(name: str) -> None:
    assert faults(name) == []


@pytest.mark.parametrize(
    "name",
    [
        *("../hours.pdf", "/etc/hours.pdf", "a/b.pdf", "..\\hours.pdf", "C:hours.pdf", "C:\\hours.pdf"),
        *(".hours.pdf", "-rf.pdf", " hours.pdf", "hours\x00.pdf", "hours\n.pdf", "a|b.pdf", "a*.pdf", "a?.pdf"),
        *("<img src=x>.pdf", 'a".pdf', "CON.pdf", "nul.pdf", "lpt1.tar.pdf", ".pdf"),
    ],
)
def test_a_name_that_is_more_than_a_name_is_refused(name: str) -> None:
    assert "attachments.0.file_name" in faults(name)


@pytest.mark.parametrize("name", ["CON.pdf", "nul.pdf", "lpt1.tar.pdf"])
def test_the_name_of_a_device_is_refused_as_one(name: str) -> None:
    ((_, said),) = file_name_faults([Attachment("A", name, PDF_TYPE, "0" * 64)])
    assert said.startswith(f"{name.split('.', maxsplit=1)[0]} is a device on Windows")


@pytest.mark.parametrize("name", ["hours.pdf.exe", "hours.html", "hours", "hours.pdf ", "hours.pdf."])
def test_a_file_is_called_what_it_is(name: str) -> None:
    assert faults(name) == ["attachments.0.file_name"]


def test_each_kind_has_its_own_endings() -> None:
    assert faults("a.jpg", "b.JPEG", media_type=JPEG_TYPE) == []
    assert faults("a.csv", media_type=CSV_TYPE) == []
    assert faults("a.csv", media_type=JPEG_TYPE) == ["attachments.0.file_name"]


def test_two_files_of_a_document_have_two_names() -> None:
    assert faults("Hours.pdf", "hours.PDF") == ["attachments.1.file_name"]


@pytest.mark.parametrize("name", ["fdp\u202e.exe.pdf", "a\u200b.pdf", "a\x07.pdf", "x" * 197 + ".pdf", "  "])
def test_the_contract_takes_no_name_that_reads_other_than_it_is(name: str) -> None:
    said = {"reference": "A", "file_name": name, "media_type": PDF_TYPE, "digest": "0" * 64}
    assert "file_name" in AttachmentSchema().validate(said)
