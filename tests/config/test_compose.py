"""docker-compose.yml against the compose specification, and against the code it starts."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft201909Validator

from config import probe
from outbox.health import SILENT_AFTER
from tests.config.containers import COMPOSE, OURS, ROOT, Machine, dockerfile

SCHEMA = json.loads((ROOT / "tests/config/compose-spec.json").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def faults(compose: dict[str, Any]) -> list[str]:
    return [error.message for error in Draft201909Validator(SCHEMA).iter_errors(compose)]


def names_read() -> set[str]:
    """Every variable that config/ asks the environment for."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "config").glob("*.py")]
    return {name for text in sources for name in re.findall(r'\b(?:read|flag|number)\(\s*"([A-Z_]+)"', text)}


def names_listed() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))


def test_it_is_what_the_compose_specification_allows() -> None:
    assert faults(COMPOSE) == []


def test_the_schema_sees_a_mistake() -> None:
    web = {**SERVICES["web"], "depends_on": {"redis": {"condition": "service_is_fine"}}}
    assert len(faults({**COMPOSE, "services": {"web": web}})) == 1
    assert len(faults({**COMPOSE, "services": {"web": {**SERVICES["web"], "comand": "x"}}})) == 1


def test_the_parts_are_these() -> None:
    assert list(SERVICES) == ["web", "worker", "mailer", "beat", "migrate", "postgres", "redis"]
    assert OURS == ["web", "worker", "mailer", "beat", "migrate"]


@pytest.mark.parametrize("service", OURS)
def test_every_variable_a_container_is_told_is_read(service: str) -> None:
    told = {name.removesuffix("_FILE") for name in SERVICES[service]["environment"]}
    assert told - names_read() == set()


def test_every_variable_that_is_read_stands_in_the_example() -> None:
    assert names_read() - names_listed() == set()


def test_every_variable_of_the_example_is_read() -> None:
    assert names_listed() - names_read() == set()


def test_what_compose_asks_the_operator_for_stands_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    assert asked - names_listed() == set()


def test_every_secret_is_a_file_and_lies_where_it_is_looked_for() -> None:
    assert {name: secret["file"] for name, secret in COMPOSE["secrets"].items()} == {
        name: f"./secrets/{name}" for name in COMPOSE["secrets"]
    }
    for name, service in SERVICES.items():
        told = {value for key, value in service.get("environment", {}).items() if key.endswith("_FILE")}
        assert (name, told) == (name, {f"/run/secrets/{secret}" for secret in service.get("secrets", [])})


def test_no_secret_stands_in_the_open() -> None:
    secret = re.compile("SECRET|PASSWORD|KEY|DATABASE_URL|EMAIL_URL")
    for service in SERVICES.values():
        assert [name for name in service.get("environment", {}) if secret.search(name) and name[-5:] != "_FILE"] == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_part_has_a_health_check_or_ends_by_itself(service: str) -> None:
    assert ("healthcheck" in SERVICES[service]) == (service != "migrate")


@pytest.mark.parametrize("service", OURS)
def test_our_containers_can_write_where_they_must_and_nowhere_else(service: str) -> None:
    ours = SERVICES[service]
    assert (ours["read_only"], ours["tmpfs"], ours["volumes"]) == (True, ["/tmp"], ["media:/data/media"])  # noqa: S108
    assert (ours["cap_drop"], ours["security_opt"]) == (["ALL"], ["no-new-privileges:true"])


def test_only_the_machine_itself_reaches_the_web_process_and_nobody_the_servers() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_nothing_starts_before_the_tables_are_made() -> None:
    waits = {name: service["depends_on"]["migrate"]["condition"] for name, service in SERVICES.items()
             if "migrate" in service.get("depends_on", {})}  # fmt: skip
    assert waits == dict.fromkeys(["web", "worker", "mailer", "beat"], "service_completed_successfully")
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_the_probe_is_as_patient_as_the_page_for_the_operator() -> None:
    assert SILENT_AFTER.total_seconds() == probe.SILENT_AFTER_SECONDS


def test_the_image_has_what_production_needs_and_no_more() -> None:
    lines = dockerfile()
    (install,) = [rest for word, rest in lines if word == "RUN" and "pip install" in rest]
    assert "--no-deps --require-hashes" in install
    assert [rest for word, rest in lines if "requirements" in rest and word == "COPY"] == [
        "requirements/base.txt /requirements.txt"
    ]


def test_the_image_does_not_run_as_root() -> None:
    last = dockerfile()[[word for word, _ in dockerfile()].index("USER") :]
    assert last == [
        ("USER", "asakai"),
        ("CMD", json.dumps(SERVICES["web"]["command"])),
    ]


def test_the_example_of_variables_can_be_the_env_file(tmp_path: Path) -> None:
    """Compose fills its placeholders from it."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    told = Machine(tmp_path, values).environ("web")
    assert (told["SITE_URL"], told["TRUSTED_PROXY_COUNT"]) == ("https://club.example", "1")
