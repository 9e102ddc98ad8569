"""The page of figures is made of what was measured."""

import pytest

from tests.bench.report import between_markers, rendered
from tests.bench.targets import AUTH_TARGETS, LOG_TARGETS

PAGE = (
    "# Title\n\n<!-- log figures: begin -->\nold\n<!-- log figures: end -->\n\n"
    "<!-- auth figures: begin -->\nkept\n<!-- auth figures: end -->\n\nThe end.\n"
)
LOG = {
    "at": "2026-11-22T09:00:00+00:00",
    "scale": "small",
    "machine": {"processor": "Abacus", "cores": 1, "memory_gib": 1, "system": "Linux", "python": "3.11", "flush_us": 9},
    "settings": {"fsync": "on", "server_version": "15"},
    "eventsourcing": None,
    "append1_vs_insert": 0.95,
    "append100_vs_copy": 0.349,
    "replay_rss_growth_mb": 20,
    "writers8_tenants8_events_per_s": 1234.5,
    "append1_vs_eventsourcing": None,
    "raw": {"append1": {"events_per_s": {"insert_same_keys": {"median": 1500.4, "lowest": 9.25, "highest": 2000}}}},
}


def test_tables_go_between_the_markers_and_nothing_else_changes() -> None:
    assert between_markers(PAGE, "log", r"new \1") == PAGE.replace("old", r"new \1")


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="markers"):
        between_markers("# Title\n", "log", "new")


@pytest.mark.parametrize(
    "row",
    [
        "append1_vs_insert`: single appends, share of a raw one-row INSERT + COMMIT | 0.95 | ≥ 0.9 | yes |",
        "append100_vs_copy`: appends of 100 events, share of COPY of 100 rows | 0.349 | ≥ 0.35 | no |",
        "replay_rss_growth_mb`: peak memory of a replay of 10^6 events less one of 10^4, MiB | 20 | < 20 | no |",
        "writers8_tenants8_events_per_s`: eight writers, a tenant each, events a second | 1,234 |  |  |",
        "append1_vs_eventsourcing`: single appends, times those of eventsourcing |  | ≥ 2.5 |  |",
    ],
)
def test_a_target_that_is_missed_says_so_and_what_was_not_measured_stays_open(row: str) -> None:
    assert row in rendered("log", LOG)


def test_the_machine_and_every_figure_are_named() -> None:
    text = rendered("log", LOG)
    assert "Abacus" in text
    assert "`fsync = on`" in text
    assert [name for name in LOG_TARGETS if f"`{name}`" not in text] == []
    assert "| append1: insert same keys, events/s | 1,500 | 9.25 | 2,000 |" in text


def test_what_has_no_peer_names_none() -> None:
    measured = {name: value for name, value in LOG.items() if name != "eventsourcing"}
    text = rendered("auth", {**measured, "login_vs_argon2": 0.79})
    assert "eventsourcing" not in text
    assert "share of what bare Argon2id leaves room for | 0.79 | ≥ 0.8 | no |" in text
    assert [name for name in AUTH_TARGETS if f"`{name}`" not in text] == []
