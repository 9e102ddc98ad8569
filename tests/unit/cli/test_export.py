"""Taking a copy home: what is in the way stays as it is, and what lay about is not believed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.audit.export import ExportRefused, begin, export, part_of
from cli.audit.moments import Moment
from shared.crypto.age import new_identity
from tests.audited import Business


@pytest.fixture(scope="module")
def trading() -> Business:
    business = Business()
    business.trade(90)
    return business


def interrupt(business: Business, folder: Path, last: Moment | None = None) -> Path:
    """Begin an export that is interrupted before it asks for the keys; return where it was."""

    def query(method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        if method == "export_keys":
            raise ConnectionError
        return business.query(method, request)

    log = begin(query, folder, business.note(), None, last)
    with pytest.raises(ConnectionError):
        export(log, new_identity()[1], folder, lambda _: None)
    return part_of(folder)


@pytest.mark.parametrize("held", [["mine.txt"], ["checkpoint"], ["bundle.json"], ["sub/mine.txt"]])
def test_a_folder_in_the_way_is_left_as_it_is(trading: Business, tmp_path: Path, held: list[str]) -> None:
    part = part_of(tmp_path / "Q4")
    for name in held:
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        (part / name).write_text("mine", "utf-8")
    with pytest.raises(ExportRefused, match="in the way"):
        trading.bundle(tmp_path / "Q4")
    assert [(part / name).read_text("utf-8") for name in held] == ["mine"]


def test_a_file_in_the_way_is_left_as_it_is(trading: Business, tmp_path: Path) -> None:
    part_of(tmp_path / "Q4").write_text("mine", "utf-8")
    with pytest.raises(ExportRefused, match="not a folder"):
        trading.bundle(tmp_path / "Q4")
    assert part_of(tmp_path / "Q4").read_text("utf-8") == "mine"


def test_an_empty_folder_is_not_in_the_way(trading: Business, tmp_path: Path) -> None:
    part_of(tmp_path / "Q4").mkdir()
    assert trading.bundle(tmp_path / "Q4").bundle.last == trading.size - 1


def test_another_range_than_the_one_that_was_begun_is_refused(trading: Business, tmp_path: Path) -> None:
    interrupt(trading, tmp_path / "Q4", last=Moment(position=99))
    for other in (None, Moment(position=98)):
        with pytest.raises(ExportRefused, match="begun for positions 0 to 99"):
            trading.bundle(tmp_path / "Q4", last=other)
    assert trading.bundle(tmp_path / "Q4", last=Moment(position=99)).bundle.last == 99


@pytest.mark.parametrize("path", ["tile/0/000", "sealed/001.p/15", "tile/1/000.p/1"])
def test_what_was_spoilt_while_an_export_lay_about_is_not_given_out_as_a_copy(
    trading: Business, tmp_path: Path, path: str
) -> None:
    part = interrupt(trading, tmp_path / "Q4")
    content = bytearray((part / path).read_bytes())
    content[-1] ^= 1
    (part / path).write_bytes(content)
    with pytest.raises(ExportRefused, match="does not verify"):
        trading.bundle(tmp_path / "Q4")
    assert not (tmp_path / "Q4").exists()
