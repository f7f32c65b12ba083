"""The files for servers agree with the code: settings, ports, addresses, versions, and every file they name."""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest
import yaml

from bot import telemetry
from bot.settings import SECRETS, Settings
from bot.web import LARGEST_UPDATE

ROOT = Path(__file__).parent.parent
OPERATIONS = ROOT / "docs" / "operations"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BOTS = ("bot-1", "bot-2", "obmin")
SETTINGS = {name.upper() for name in Settings.model_fields}
OF_PYTHON = {"PATH", "PYTHONDONTWRITEBYTECODE", "MPLCONFIGDIR"}
"""Not ours, and what they mean is documented by Python and matplotlib."""
PORT = 8080


def dockerfile() -> list[tuple[str, str]]:
    """Instructions, with their lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def all_of(instruction: str) -> list[str]:
    return [rest for name, rest in dockerfile() if name == instruction]


def arguments() -> dict[str, str]:
    return {name: value for name, _, value in (rest.partition("=") for rest in all_of("ARG"))}


def unit(name: str) -> list[tuple[str, str]]:
    lines = [line for line in (OPERATIONS / name).read_text().splitlines() if "=" in line and line[0] not in "#["]
    return [(key, value) for key, _, value in (line.partition("=") for line in lines)]


def addresses_of_the_server() -> set[str]:
    """Those that our HTTP server answers at, as far as they stand in the code as they are."""
    answered = set()
    for file in (ROOT / "bot").rglob("*.py"):
        if "sandbox" not in file.parts:
            for call in ast.walk(ast.parse(file.read_text())):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                    names = [each.value for each in call.args if isinstance(each, ast.Constant)]
                    if call.func.attr in ("get", "add_get") and names and str(names[0]).startswith("/"):
                        answered.add(str(names[0]))
    return answered


# The image


def test_the_image_has_a_python_that_the_project_wants() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    image = arguments()["PYTHON"]
    major, minor = re.match(r"python:(\d+)\.(\d+)-slim", image).groups()  # type: ignore[union-attr]
    least = re.fullmatch(r">=(\d+)\.(\d+)", wanted)
    assert least
    assert (int(major), int(minor)) >= tuple(map(int, least.groups()))


def test_the_image_sets_only_what_is_a_setting() -> None:
    named = {word.partition("=")[0] for line in all_of("ENV") for word in shlex.split(line)}
    of_pip = {name for name in named if name.startswith("PIP_")}
    assert named - OF_PYTHON - of_pip <= SETTINGS


def test_the_image_listens_where_it_is_asked_and_is_asked_what_is_answered() -> None:
    assert all_of("EXPOSE") == [str(PORT)]
    assert f"LISTEN=0.0.0.0:{PORT}" in all_of("ENV")[-1]
    (check,) = all_of("HEALTHCHECK")
    (address,) = re.findall(rf"http://127\.0\.0\.1:{PORT}(/\w+)", check)
    assert address in addresses_of_the_server()


def test_the_image_ends_in_order_and_is_run_by_nobody_of_weight() -> None:
    assert all_of("STOPSIGNAL") == ["SIGTERM"]
    assert all(user.split(":")[0].isdigit() and int(user.split(":")[0]) > 999 for user in all_of("USER"))
    assert json.loads(all_of("ENTRYPOINT")[0]) + json.loads(all_of("CMD")[0]) == ["obmin", "run"]


def test_the_image_is_given_what_it_copies_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    given = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    copied = {source for line in all_of("COPY") if "--from" not in line for source in line.split()[:-1]}
    assert copied == given
    assert all((ROOT / name).exists() for name in given)
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    assert {name.rstrip("*") for name in packages["include"]} <= given


def versions(lock: str) -> set[str]:
    return set(re.findall(r"^[\w.-]+==\S+", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", ["requirements.lock", telemetry.LOCK])
def test_every_library_comes_with_its_hash(lock: str) -> None:
    install = next(line for line in all_of("RUN") if "${LOCK}" in line)
    assert "--require-hashes" in install
    assert lock in " ".join(all_of("COPY"))
    assert (ROOT / lock).read_text().count("==") <= (ROOT / lock).read_text().count("--hash=sha256:")
    # What is run is what was tested.
    assert versions(lock) <= versions("requirements-test.lock")


def test_an_image_can_be_built_for_errors_and_traces() -> None:
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["telemetry"]
    locked = {version.partition("==")[0] for version in versions(telemetry.LOCK)}
    assert {name.partition(">=")[0] for name in extra} <= locked
    assert versions("requirements.lock") < versions(telemetry.LOCK)
    assert arguments()["LOCK"] == "requirements.lock"
    assert SERVICES["bot-1"]["build"]["args"] == {"LOCK": "${OBMIN_LOCK:-requirements.lock}"}
    assert f"OBMIN_LOCK={telemetry.LOCK}" in (OPERATIONS / "eyes.md").read_text()


# Containers


def values(service: dict[str, Any], name: str) -> Iterator[tuple[str, str]]:
    yield from service.get(name, {}).items()


def test_every_setting_of_a_container_is_one() -> None:
    secrets = {name.upper() for bot in BOTS for name in SERVICES[bot]["secrets"]}
    named = {name for bot in BOTS for name, _ in values(SERVICES[bot], "environment")}
    assert named | secrets <= SETTINGS
    assert {"BOT_TOKEN", "DATABASE_URL", "VAULT_KEY"} <= secrets
    assert Path("/run/secrets") == SECRETS


def test_two_bots_alike_of_which_one_sends() -> None:
    assert SERVICES["bot-1"] == SERVICES["bot-2"]
    assert SERVICES["obmin"]["profiles"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_no_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert not service.get("privileged")
    assert set(service.get("cap_add", ())) <= {"NET_BIND_SERVICE"}


def test_only_the_proxy_is_open_to_the_world() -> None:
    for name, service in SERVICES.items():
        open_ports = [port for port in service.get("ports", ()) if not port.startswith("127.0.0.1:")]
        assert not open_ports or name == "proxy"
    assert SERVICES["postgresql"]["networks"] == ["database"]
    assert COMPOSE["networks"]["database"]["internal"]


def test_whatever_a_container_refers_to_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (ROOT / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]


def handed_on(command: str) -> str:
    """As Compose hands it on."""
    assert not re.search(r"(?<!\$)\$(?!\$)", command)
    return command.replace("$$", "$")


def test_a_backup_is_made_each_day_and_kept_as_long_as_by_systemd(tmp_path: Path) -> None:
    def file(name: str, days: float) -> Path:
        made = tmp_path / name
        made.touch()
        os.utime(made, (now := time() - days * 86400, now))
        return made

    def left() -> set[str]:
        return {made.name for made in folder.iterdir()}

    (days,) = re.findall(r"-mtime \+(\d+)", (OPERATIONS / "obmin-backup.service").read_text())
    folder = tmp_path / "lib"
    folder.mkdir()
    programs = {"obmin": 'test "$1 $2" = "backup --to" && touch "$3"', "sleep": "kill $PPID"}
    for name, told in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{told}\n")
        (tmp_path / name).chmod(0o755)
    service = SERVICES["backup"]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def run(command: str) -> int:
        told = [*service["entrypoint"], handed_on(command)]
        return subprocess.run(told, cwd=folder, env=environment, check=False, timeout=20).returncode

    well = " ".join(service["healthcheck"]["test"][1:])
    assert run(well) == 1
    file("lib/too-old.sealed", int(days) + 1.1)
    file("lib/.cut-off.sealed.x", int(days) + 1.1)
    file("lib/old.sealed", int(days) + 0.9)
    file("lib/.cut-off-today.sealed.y", 0)
    run(service["command"][0])
    (new,) = left() - {"old.sealed", ".cut-off-today.sealed.y"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{6}\.sealed", new)
    assert run(well) == 0
    before = left()
    run(service["command"][0])
    assert left() == before
    (folder / new).unlink()
    file("lib/yesterday.sealed", 1)
    assert run(well) == 0
    run(service["command"][0])
    assert len(left()) == len(before) + 1


def test_backups_lie_in_the_folder_that_the_image_works_in() -> None:
    (folder,) = {volume.split(":")[1] for name in ("backup", "obmin") for volume in SERVICES[name]["volumes"]}
    assert folder in all_of("WORKDIR")
    assert {"DATABASE_URL", "VAULT_KEY"} == {name.upper() for name in SERVICES["backup"]["secrets"]}


def test_no_bot_starts_before_the_database_is_well() -> None:
    for bot in BOTS:
        assert SERVICES[bot]["depends_on"]["postgresql"]["condition"] == "service_healthy"
    assert "pg_isready" in SERVICES["postgresql"]["healthcheck"]["test"]


def test_the_proxy_leads_to_both_bots() -> None:
    caddy = (OPERATIONS / "Caddyfile").read_text()
    (targets,) = re.findall(r"reverse_proxy (.*) \{", caddy)
    assert targets.split() == [f"{bot}:{PORT}" for bot in ("bot-1", "bot-2")]
    (healthy,) = re.findall(r"health_uri (\S+)", caddy)
    (hidden,) = re.findall(r"@inside path (.*)", caddy)
    assert {healthy, *hidden.split()} <= addresses_of_the_server()
    assert "/metrics" in hidden.split()
    assert set(re.findall(r"\{\$(\w+)\}", caddy)) <= set(SERVICES["proxy"]["environment"])


def test_prometheus_asks_both_bots_with_the_token() -> None:
    prometheus = yaml.safe_load((OPERATIONS / "prometheus.yaml").read_text())
    (job,) = prometheus["scrape_configs"]
    assert job["static_configs"][0]["targets"] == [f"{bot}:{PORT}" for bot in ("bot-1", "bot-2")]
    assert job.get("metrics_path", "/metrics") in addresses_of_the_server()
    assert Path(job["authorization"]["credentials_file"]) == SECRETS / "metrics_token"
    assert "metrics_token" in SERVICES["prometheus"]["secrets"]
    rules = {rule["expr"] for group in _alerts()["groups"] for rule in group["rules"]}
    assert any(f'job="{job["job_name"]}"' in expression for expression in rules)
    assert all((OPERATIONS / name).exists() for name in prometheus["rule_files"])


def _alerts() -> dict[str, Any]:
    alerts: dict[str, Any] = yaml.safe_load((OPERATIONS / "alerts.yaml").read_text())
    return alerts


def test_grafana_finds_its_pictures_and_their_figures() -> None:
    (source,) = yaml.safe_load((OPERATIONS / "grafana" / "datasource.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((OPERATIONS / "grafana" / "dashboards.yaml").read_text())["providers"]
    mounted = {Path(volume.split(":")[1]).parent for volume in SERVICES["grafana"]["volumes"]}
    assert Path(provider["options"]["path"]) in mounted


def test_the_proxy_takes_no_larger_update_than_the_bot() -> None:
    (size,) = re.findall(r"max_size (\d+)MiB", (OPERATIONS / "Caddyfile").read_text())
    assert int(size) * 1024 * 1024 == LARGEST_UPDATE


# A service of systemd


UNITS = [file.name for file in OPERATIONS.glob("obmin*.service")]


@pytest.mark.parametrize("name", UNITS)
def test_a_service_starts_what_there_is_where_its_settings_are(name: str) -> None:
    told = unit(name)
    starts = " ".join(value for key, value in told if key == "ExecStart")
    assert re.search(r"/opt/obmin/\.venv/bin/obmin (run|backup)\b", starts)
    named = {word.partition("=")[0] for key, value in told if key == "Environment" for word in value.split()}
    assert named <= SETTINGS | OF_PYTHON
    assert ("WorkingDirectory", "/var/lib/obmin") in told


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("name", UNITS)
def test_a_service_may_do_no_more_than_it_needs(name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", str(OPERATIONS / name)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (score,) = re.findall(r"exposure level for \S+: ([\d.]+)", told)
    assert float(score) < 2


# What is written about all this


GUIDE = (OPERATIONS / "README.md").read_text()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", GUIDE))))
def test_every_file_that_the_guide_links_is_there(target: str) -> None:
    assert (OPERATIONS / target).exists()


def test_the_guide_says_what_to_do_on_each_alarm() -> None:
    alarms = {rule["alert"] for group in _alerts()["groups"] for rule in group["rules"]}
    told = GUIDE + (OPERATIONS / "eyes.md").read_text()
    assert {alarm for alarm in alarms if alarm not in told} == set()


def test_the_guide_names_every_secret() -> None:
    assert {name for name in COMPOSE["secrets"] if name not in GUIDE} == set()
