"""Logins by as many processes as there are cores, beside the bare Argon2id that each of them has to pay."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.pool import Pool

from argon2 import PasswordHasher, extract_parameters

from tests.bench.part import Bench, Ratios, Raw
from tests.bench.processes import PATIENCE, meet, processes
from tests.bench.rounds import interleaved, seconds_of
from tests.integration.auth.business import PASSWORD, STEP, Auth, Person
from tests.stack import Database

PEOPLE_OF_A_BUSINESS = 8
CORES = os.cpu_count() or 1


def login(bench: Bench) -> tuple[Ratios, Raw]:
    """Log everybody in once a round, all processes at the same time; then as many bare hashes by the same processes.

    A round takes as long as its slowest process. Each process has a database of its own on the one server.
    """
    databases = [bench.server.service_database("auth") for _ in range(CORES)]
    with processes(CORES) as pool:
        bench.said(f"{bench.scale.people} people enrol in each of {CORES} processes")
        _all(pool, _open, [(database, bench.scale.people) for database in databases])
        bench.server.settle()
        contenders = {
            "argon2id": lambda: max(_all(pool, _hash, [()] * CORES)),
            "login": lambda: max(_all(pool, _log_in, [()] * CORES)),
        }
        took = interleaved(bench.scale.rounds, contenders, bench.said)
        _all(pool, _close, [()] * CORES)
    for database in databases:
        bench.server.databases.drop(database)
    rates = took.rates(bench.scale.people * CORES)
    return {"login_vs_argon2": took.ratio("argon2id", "login")}, {"processes": CORES, "per_s": rates}


@dataclass(frozen=True)
class _Desk:
    """Where one process logs its people in."""

    auth: Auth
    people: Sequence[Person]
    bare: PasswordHasher
    """Argon2id with the parameters of the service and nothing around it."""
    stored: str


_desk: _Desk


def _all(pool: Pool, task: Callable[..., float], arguments: Sequence[tuple[object, ...]]) -> list[float]:
    """Run a task once in each process: every one meets the others first, so none takes two."""
    return pool.starmap_async(task, arguments, chunksize=1).get(PATIENCE)


def _open(database: Database, people: int) -> float:
    global _desk  # noqa: PLW0603 - what a process of a pool keeps from one task to the next
    meet()
    auth = Auth.over(database)
    stored = auth.ports.passwords.hash(PASSWORD)
    parameters = extract_parameters(stored)
    bare = PasswordHasher(parameters.time_cost, parameters.memory_cost, parameters.parallelism, type=parameters.type)
    _desk = _Desk(auth, _enrolled(auth, people), bare, bare.hash(PASSWORD))
    return 0.0


def _enrolled(auth: Auth, count: int) -> list[Person]:
    """Take in businesses, each an owner with a team."""
    people: list[Person] = []
    for number in range(count):
        email = f"person-{number}@example.org"
        new = number % PEOPLE_OF_A_BUSINESS == 0
        invited = auth.found(f"Business {number}", email) if new else auth.invite(people[-1].tenant, email)
        people.append(auth.enrol(invited, email))
    return people


def _log_in() -> float:
    meet()
    took = seconds_of(lambda: [person.log_in() for person in _desk.people])
    _desk.auth.clock.moment += STEP  # nobody's code is used twice
    return took


def _hash() -> float:
    meet()
    return seconds_of(lambda: [_desk.bare.verify(_desk.stored, PASSWORD) for _ in _desk.people])


def _close() -> float:
    meet()
    _desk.auth.close()
    return 0.0
