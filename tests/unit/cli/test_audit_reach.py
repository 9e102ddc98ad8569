"""What a log, or a copy of a part of one, cannot answer is refused with a sentence, not answered by half."""

import json
from pathlib import Path

import pytest

from cli.audit.moments import Moment
from tests.audited import Business
from tests.unit.cli.conftest import Desk, desk_of

PART = "this copy holds positions 2 to 5 of a log of 9 events"


@pytest.fixture(scope="module")
def part(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Positions 2 to 5: the draft of the second invoice, and the issuing of the first one."""
    folder = tmp_path_factory.mktemp("part") / "bundle"
    copy = desk.business.bundle(folder, Moment(position=2), Moment(position=5))
    return desk_of(desk.business, copy, desk.invoices, desk.draft)


@pytest.mark.parametrize("command", [["as-of", "INV-000001", "9"], ["diff", "INV-000001", "2", "9"]])
def test_a_position_that_the_log_does_not_have_is_refused(desk: Desk, command: list[str]) -> None:
    done = desk.on_bundle(*command)
    assert done.exit_code == 2
    assert "there is no position 9 here: the log has positions 0 to 8" in done.stderr
    assert "there is no position 9 here" in desk.on_bundle("replay", "--at", "9").stderr


def test_an_instant_that_has_not_come_is_refused(desk: Desk) -> None:
    for command in (["as-of", "INV-000001", "2999-01-01T00:00:00Z"], ["replay", "--at", "2999-01-01T00:00:00Z"]):
        done = desk.on_bundle(*command)
        assert done.exit_code == 2
        assert "2999-01-01T00:00:00.000000Z has not come yet" in done.stderr


def test_that_a_copy_ends_before_the_instant_is_said(desk: Desk) -> None:
    done = desk.on_bundle("as-of", "INV-000001", "2026-11-22T09:30:00Z", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["state"] == "issued"
    assert "What happened after position 8 is not in this copy" in done.stderr
    assert "is not in this copy" not in desk.on_bundle("as-of", "INV-000001", "2026-11-22T09:08:00Z").stderr


@pytest.mark.parametrize(
    "moments",
    [
        ["6", "2"],
        ["2026-11-22T09:08:00Z", "2026-11-22T09:02:00Z"],
        ["2026-11-22T09:02:50Z", "2026-11-22T09:02:40Z"],
        ["6", "2026-11-22T09:02:00Z"],
        ["2026-11-22T09:08:00Z", "2"],
    ],
)
def test_two_moments_the_wrong_way_round_are_refused(desk: Desk, moments: list[str]) -> None:
    done = desk.on_bundle("diff", "INV-000001", *moments)
    assert done.exit_code == 2
    assert "name the earlier moment first" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("moment", ["1", "6"])
def test_a_position_beside_the_part_of_a_copy_is_refused(part: Desk, moment: str) -> None:
    for command in (["as-of", part.invoices[1], moment], ["replay", "--at", moment]):
        done = part.on_bundle(*command)
        assert done.exit_code == 2
        assert f"there is no position {moment} here: {PART}" in done.stderr
        assert done.stdout == ""


def test_an_instant_before_the_part_of_a_copy_is_refused(part: Desk) -> None:
    for command in (["as-of", part.invoices[1], "2026-11-22T09:02:30Z"], ["replay", "--at", "2026-11-22T09:02:30Z"]):
        done = part.on_bundle(*command)
        assert done.exit_code == 2
        assert f"lies before the first event that is here: {PART}" in done.stderr


def test_an_instant_behind_the_part_of_a_copy_is_refused_and_history_says_where_it_ends(part: Desk) -> None:
    done = part.on_bundle("as-of", part.invoices[1], "2026-11-22T09:09:00Z")
    assert done.exit_code == 2
    assert f"lies behind the last event that is here: {PART}" in done.stderr
    told = part.on_bundle("replay", "--at", "2026-11-22T09:09:00Z")
    assert len(told.stdout.splitlines()) == 4
    assert "What happened after position 5 is not in this copy" in told.stderr


def test_half_an_invoice_is_not_shown_as_a_whole_one(part: Desk) -> None:
    for command in (["as-of", "INV-000001", "5"], ["diff", part.invoices[0], "3", "5"]):
        done = part.on_bundle(*command)
        assert done.exit_code == 2
        assert f"begins before position 4, and {PART}" in done.stderr
        assert done.stdout == ""


def test_an_invoice_that_is_wholly_in_the_part_is_shown_and_a_missing_name_is_said(part: Desk) -> None:
    done = part.on_bundle("as-of", part.invoices[1], "5")
    assert done.exit_code == 0, done.output
    assert "  state: draft\n" in done.stdout
    assert "What the customer is called is not in this copy" in done.stderr


def test_an_invoice_beside_the_part_is_not_said_to_be_none(part: Desk) -> None:
    for name in ("INV-000002", part.draft):
        done = part.on_bundle("as-of", name, "5")
        assert done.exit_code == 2
        assert f"there is no invoice {name} in what is here: {PART}" in done.stderr


def test_a_stream_beside_the_part_is_not_said_to_be_none(part: Desk) -> None:
    done = part.on_bundle("replay", "--stream", "thing-1")
    assert done.exit_code == 2
    assert f"there is no stream thing-1 in what is here: {PART}" in done.stderr


def test_a_number_that_may_have_been_forgotten_is_not_said_to_be_none(tmp_path: Path) -> None:
    business = Business()
    gone, [invoice] = business.trade(1)
    business.trade(1)
    business.shred(gone)
    desk = desk_of(business, business.bundle(tmp_path / "bundle"), [invoice], "")
    done = desk.on_bundle("as-of", "INV-000001", "8")
    assert done.exit_code == 2
    assert (
        "the numbers of 1 issued document cannot be read, their keys are gone: ask for those by their ids"
        in done.stderr
    )


def test_an_invoice_that_was_forgotten_is_said_to_be_and_not_called_a_fault(tmp_path: Path) -> None:
    business = Business()
    gone, [invoice] = business.trade(1)
    business.shred(gone)
    desk = desk_of(business, business.bundle(tmp_path / "bundle"), [invoice], "")
    done = desk.on_bundle("as-of", invoice, "4")
    assert done.exit_code == 1
    assert "its key is gone: what this invoice said cannot be read any more" in done.stderr
    assert "The log says that it was destroyed" in done.stderr
    assert "FAULT" not in done.stderr
