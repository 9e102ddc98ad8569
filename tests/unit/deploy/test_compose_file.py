"""docker-compose.yml keeps what it promises: no secret in it, nothing open, nothing that a container does not need."""

import copy
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.local.environment import Places, service_environment
from deploy.local.secrets import SERVICES

ROOT = Path(__file__).resolve().parents[3]
Compose = dict[str, Any]

_SENSITIVE = re.compile(r"PASS|SECRET|KEY|TOKEN|PEPPER|KEK")
_OUTSIDE = re.compile(r"/(run/secrets|tmp)(/|$)")
_PLACE = re.compile(r"/run/secrets/([\w.-]+)")
_BELONGS_TO_ONE = re.compile(r"(kek|assertion-key|(log|token|backup)-signing-key|witness-key|pepper|call-key)(-|$)")
_BETWEEN_TWO = re.compile(r"event-keys-")


@pytest.fixture(scope="module")
def compose() -> Compose:
    loaded: Compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return loaded


def faults(compose: Compose) -> list[str]:
    """Return a sentence for everything that the file must not say, or must say and does not."""
    services = compose["services"].items()
    found = [f"{name} {fault}" for name, service in services for fault in _service_faults(service)]
    found += [f"network {name} leads outside" for name, net in compose["networks"].items() if not net.get("internal")]
    for secret in filter(_BETWEEN_TWO.match, compose["secrets"]):
        holders = [name for name, service in services if secret in service.get("secrets", [])]
        if set(holders) != set(secret.split("-")[2:]):
            found.append(f"secret {secret} is mounted by {holders}")
    for secret in filter(_BELONGS_TO_ONE.match, compose["secrets"]):
        holders = [name for name, service in services if secret in service.get("secrets", [])]
        if len(holders) != 1:
            found.append(f"secret {secret} is mounted by {holders}")
    return found


def _service_faults(service: Compose) -> Iterator[str]:
    yield from _environment_faults(service)
    yield from _confinement_faults(service)
    if "healthcheck" not in service and service["restart"] != "no":
        yield "has no health check"
    if any(not str(port).startswith("127.0.0.1:") for port in service.get("ports", [])):
        yield "publishes a port beyond loopback"


def _environment_faults(service: Compose) -> Iterator[str]:
    environment = service.get("environment", {})
    for name, value in environment.items():
        if _SENSITIVE.search(name) and not _OUTSIDE.match(str(value)):
            yield f"has a secret in {name}"
        if urlsplit(str(value)).password is not None:
            yield f"has a password in {name}"
    if re.search(r"\$\{\w+(:?-|\})", str(service)):
        yield "does without a setting"
    mounted, named = set(service.get("secrets", [])), set(_PLACE.findall(str(environment)))
    if not named <= mounted:
        yield f"names secrets that it does not get: {sorted(named - mounted)}"


def _confinement_faults(service: Compose) -> Iterator[str]:
    if any("docker.sock" in str(volume) for volume in service.get("volumes", [])) or service.get("privileged"):
        yield "owns the host"
    if (service.get("read_only"), service.get("cap_drop")) != (True, ["ALL"]):
        yield "can write to its root or has capabilities"
    if service.get("security_opt") != ["no-new-privileges:true"]:
        yield "can gain privileges"
    if not str(service.get("user")).startswith("${TALLYSTICK_USER:?"):
        yield "does not run as the owner of its secrets"


def test_the_file_has_no_fault(compose: Compose) -> None:
    assert faults(compose) == []


def _auth(**change: object) -> Callable[[Compose], None]:
    return lambda compose: compose["services"]["auth"].update(change)


def _auth_environment(**change: object) -> Callable[[Compose], None]:
    return lambda compose: compose["services"]["auth"]["environment"].update(change)


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_auth_environment(TALLYSTICK_PEPPER="c2FsdA=="), "auth has a secret in TALLYSTICK_PEPPER"),
        (
            _auth_environment(TALLYSTICK_AMQP_URL="amqp://auth:auth@rabbitmq/"),
            "auth has a password in TALLYSTICK_AMQP_URL",
        ),
        (_auth_environment(TALLYSTICK_LOG_DOMAIN="${TALLYSTICK_LOG_DOMAIN:-x}"), "auth does without a setting"),
        (_auth_environment(TALLYSTICK_LOG_DOMAIN="${TALLYSTICK_LOG_DOMAIN}"), "auth does without a setting"),
        (
            _auth_environment(TALLYSTICK_KEK_FILE="/run/secrets/kek-invoices"),
            "auth names secrets that it does not get: ['kek-invoices']",
        ),
        (_auth(ports=["5672:5672"]), "auth publishes a port beyond loopback"),
        (_auth(volumes=["/var/run/docker.sock:/var/run/docker.sock"]), "auth owns the host"),
        (_auth(privileged=True), "auth owns the host"),
        (_auth(read_only=False), "auth can write to its root or has capabilities"),
        (_auth(cap_drop=["NET_RAW"]), "auth can write to its root or has capabilities"),
        (_auth(security_opt=[]), "auth can gain privileges"),
        (_auth(user="0:0"), "auth does not run as the owner of its secrets"),
        (lambda compose: compose["services"]["auth"].pop("healthcheck"), "auth has no health check"),
        (
            lambda compose: compose["services"]["notifier"]["secrets"].append("pepper"),
            "secret pepper is mounted by ['auth', 'notifier']",
        ),
        (
            lambda compose: compose["services"]["notifier"]["secrets"].append("call-key-auth"),
            "secret call-key-auth is mounted by ['auth', 'notifier']",
        ),
        (
            lambda compose: compose["services"]["backup"]["secrets"].append("event-keys-auth-notifier"),
            "secret event-keys-auth-notifier is mounted by ['auth', 'notifier', 'backup']",
        ),
        (lambda compose: compose["networks"].update(broker={}), "network broker leads outside"),
    ],
)
def test_a_planted_fault_is_found(compose: Compose, plant: Callable[[Compose], None], fault: str) -> None:
    planted = copy.deepcopy(compose)
    plant(planted)
    assert faults(planted) == [fault]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_gets_no_secret_that_it_does_not_use(compose: Compose, service: str) -> None:
    configured = compose["services"][service]
    assert set(configured["secrets"]) == set(_PLACE.findall(str(configured["environment"])))


@pytest.mark.parametrize("service", SERVICES)
def test_containers_and_local_stack_configure_a_service_alike(compose: Compose, service: str) -> None:
    local = service_environment(service, Places(1, 2, 3, 4, secrets=Path("/run/secrets"), offsite=Path("/offsite")))
    here = compose["services"][service]["environment"]
    own = {name: value for name, value in here.items() if not name.startswith("TALLYSTICK_HEALTH_")}
    assert own.keys() <= local.keys()
    for name, value in own.items():
        if name.endswith("_FILE"):
            assert value == local[name]
        elif urlsplit(value).hostname:
            there = urlsplit(local[name])
            assert (urlsplit(value).username, urlsplit(value).path) == (there.username, there.path)


def test_whoever_only_calls_gets_no_key_of_the_bus_that_is_secret(compose: Compose) -> None:
    assert set(compose["services"]["operator"]["secrets"]) == {
        "rabbitmq-client",
        "call-keys.json",
        "assertion-key-operator",
    }


@pytest.mark.parametrize("kept_out", ["deploy/secrets", ".env", ".git", ".run"])
def test_no_secret_and_no_data_enters_the_image_build(kept_out: str) -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    let_in = [Path(line.removeprefix("!")) for line in lines if line.startswith("!")]
    assert [path for path in let_in if Path(kept_out).is_relative_to(path) or path.is_relative_to(kept_out)] == []


def test_the_image_says_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"\nARG VERSION={version}\n" in (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
