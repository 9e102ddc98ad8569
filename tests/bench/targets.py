"""What the figures mean and what they should be. Shares are rates: one divided by the other, more is better."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One figure of log.json, auth.json, documents.json or rpc.json."""

    meaning: str
    at_least: float | None = None
    below: float | None = None

    def met(self, value: float) -> bool:
        """Tell whether the target is reached; True where there is none."""
        return (self.at_least is None or value >= self.at_least) and (self.below is None or value < self.below)

    @property
    def text(self) -> str:
        """The target in words."""
        if self.at_least is not None:
            return f"≥ {self.at_least:,.10g}"
        return "" if self.below is None else f"< {self.below:,.10g}"


LOG_TARGETS: Mapping[str, Target] = {
    "append1_vs_insert": Target("single appends, share of a raw one-row INSERT + COMMIT", at_least=0.9),
    "append1_vs_eventsourcing": Target("single appends, times those of eventsourcing", at_least=2.5),
    "append100_vs_copy": Target("appends of 100 events, share of COPY of 100 rows", at_least=0.35),
    "verify_vs_copyout": Target("verified, opened and folded, share of COPY OUT", at_least=0.5),
    "verify_events_per_s": Target("verified, opened and folded by one process, events a second", at_least=60_000),
    "replay_vs_eventsourcing": Target("opened and folded, times that of eventsourcing", at_least=1),
    "append_1e6_vs_1e3": Target("rate of appends in a log of 10^6, share of that in one of 10^3", at_least=0.9),
    "replay_rss_growth_mb": Target("peak memory of a replay of 10^6 events less one of 10^4, MiB", below=20),
    "writers8_tenants8_events_per_s": Target("eight writers, a tenant each, events a second"),
    "rebuild_events_per_s": Target("all read models of invoices rebuilt, events a second"),
}

AUTH_TARGETS: Mapping[str, Target] = {
    "login_vs_argon2": Target("logins by all cores, share of what bare Argon2id leaves room for", at_least=0.8),
    "verify_token_per_s": Target("tokens verified and read, grants included, by one process, a second"),
    "authorize_us": Target("a decision by a grant with every condition, µs"),
    "revocation_seconds_p50": Target("from the end of a session until no service takes its token, median, s"),
    "revocation_seconds_p99": Target("the same, 99 of 100, s", below=2),
    "revocation_seconds_max": Target("the same, all, s", below=2),
}

DOCUMENT_TARGETS: Mapping[str, Target] = {
    "xml_pairs_per_s_per_core": Target("documents written as CII and UBL, a second of one core", at_least=333),
    "validations_per_s_per_core": Target("documents judged in both forms, a second of one core"),
    "documents_per_s_per_core": Target("documents written in both forms and drawn, a second of one core", at_least=30),
}

RPC_TARGETS: Mapping[str, Target] = {
    "issue_p50_vs_echo": Target("`issue_invoice`, median, times a bare nameko echo", below=2.0),
    "issue_p99_ms": Target("`issue_invoice`, 99 of 100, ms"),
    "get_p50_vs_echo": Target("`get_invoice`, median, times the echo"),
    "list_p50_vs_echo": Target("`list_invoices`, 50 a page, median, times the echo"),
}
