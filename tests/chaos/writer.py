"""A process that appends to a log and notes what was acknowledged. It is there to be killed at any moment."""

import json
import os
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg

from shared.eventstore.log import TenantLog
from shared.eventstore.model import CommandId, NewEvent
from shared.eventstore.pool import open_pool
from shared.eventstore.store import VersionConflict
from tests.gates import TYPE, log_over

SERIES = "series-1"
"""The stream that all writers of a tenant append to, so that they get into each other's way."""
_PAUSE = 0.02
"""Seconds before the next try when the server is away."""
_REST = 0.002
"""Seconds between two commands: writers share a few cores with the server and with who kills them."""
_NOTE_BYTES = 64
"""Length of a note: pages hold a whole number of them, so that none lies on two."""


@dataclass(frozen=True)
class Order:
    """What one life of a writer is told."""

    conninfo: str
    tenant: str
    name: str
    notes: Path
    """Where it notes every answer, a line each: `[number of the command, first position, last position]`."""
    first: int
    """Number of the first command."""
    last: int | None = None
    """Number of the last one; without it the writer goes on until it is killed."""


def write(order: Order) -> None:
    """Send command after command, each again and again until it is answered."""
    notes = os.open(order.notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    number = order.first
    while order.last is None or number <= order.last:
        try:
            psycopg.connect(order.conninfo).close()  # a pool would wait longer each time that the server is away
            pool = open_pool(order.conninfo)
            try:
                log = log_over(pool)
                while order.last is None or number <= order.last:
                    place = carry_out(log, order.tenant, f"{order.name}-{number}")
                    # One write within one page: whoever reads meanwhile sees all of it or nothing, and the kernel has
                    # it or has it not, however this process ends.
                    os.write(notes, json.dumps([number, *place]).encode().ljust(_NOTE_BYTES - 1) + b"\n")
                    number += 1
                    time.sleep(_REST)
            finally:
                pool.close(timeout=0)  # it may be waiting for a server that is away
        except psycopg.OperationalError:
            time.sleep(_PAUSE)


def carry_out(log: TenantLog, tenant: str, command: str) -> tuple[int, int]:
    """Append a command's events, deciding again when another writer was faster; return the first and last position."""
    events = events_of(command)
    while True:
        versions = {stream: log.version(tenant, stream) for stream in {event.stream for event in events}}
        try:
            recorded = log.append(tenant, events, versions, command_id(command))
        except VersionConflict:
            continue
        return recorded[0].position, recorded[-1].position


def events_of(command: str) -> list[NewEvent]:
    """Return what a command decides on: every second one a single event of its writer's stream, else a batch."""
    writer, _, number = command.rpartition("-")
    own = f"account-{writer}"
    streams = [own, SERIES, own] if int(number) % 2 else [own]
    return [
        NewEvent(stream, TYPE, 1, {"command": command, "part": part}, "tenant") for part, stream in enumerate(streams)
    ]


def command_id(command: str) -> CommandId:
    """Return what makes a command the same command when it is sent again."""
    return CommandId(command, sha256(command.encode()).digest())
