"""What an operator installs: the compose file, the images, the lists, the settings, the papers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import PREFIX, ROOT, Settings

DOCKERFILES = sorted((ROOT / "deploy").glob("Dockerfile.*"))
LISTS = sorted((ROOT / "requirements").glob("*.txt"))
SETTINGS = {PREFIX + name.upper(): field for name, field in Settings.model_fields.items()}
# Shown in .env.example without their value, which is a path on the machine.
PATHS = {"PASSERELLE_VAR", "PASSERELLE_COMMUNES"}
ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*://|\bgit\+"
    r"|^\s*(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b",
    re.M,
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(read("docker-compose.yml"))
    return data


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Returns the instructions of a Dockerfile, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", dockerfile.read_text(encoding="utf-8"), flags=re.M)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(w, rest) for w, _, rest in (line.partition(" ") for line in lines) if w]


class TestCompose:
    def test_only_the_web_service_is_published_and_only_on_the_loopback_address(
        self, compose: dict[str, Any]
    ) -> None:
        published = {n: s["ports"] for n, s in compose["services"].items() if "ports" in s}
        assert list(published) == ["web"]
        assert all(port.startswith("127.0.0.1:") for port in published["web"])
        assert not any(s.get("network_mode") for s in compose["services"].values())

    def test_engine_and_database_have_no_way_out(self, compose: dict[str, Any]) -> None:
        assert compose["networks"]["back"]["internal"] is True
        assert compose["services"]["engine"]["networks"] == ["back"]
        assert compose["services"]["db"]["networks"] == ["back"]

    @pytest.mark.parametrize("service", ["db", "engine", "web"])
    def test_every_service_is_confined(self, compose: dict[str, Any], service: str) -> None:
        described = compose["services"][service]
        assert described["read_only"] is True
        assert described["cap_drop"] == ["ALL"]
        assert "cap_add" not in described
        assert "privileged" not in described
        assert "no-new-privileges:true" in described["security_opt"]
        assert described["restart"] == "unless-stopped"
        assert described["mem_limit"]

    @pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "PASSERELLE_SECRET"])
    def test_no_secret_has_a_default(self, name: str) -> None:
        uses = re.findall(rf"\$\{{?{name}\b([^}}]*)", read("docker-compose.yml"))
        assert uses, f"{name} is not used"
        assert all(use.startswith(":?") for use in uses), "compose must refuse to start without it"

    def test_nothing_that_looks_like_a_password_is_written_down(
        self, compose: dict[str, Any]
    ) -> None:
        for service in compose["services"].values():
            for name, value in service.get("environment", {}).items():
                if re.search(r"PASSWORD|SECRET|TOKEN", name):
                    assert re.fullmatch(r"\$\{\w+:[?-][^}]*\}", value), name
                    assert ":-}" in value or ":?" in value, f"{name} has a default"

    def test_the_web_service_is_given_every_setting(self, compose: dict[str, Any]) -> None:
        given = set(compose["services"]["web"]["environment"])
        assert {name for name in given if name.startswith(PREFIX)} == set(SETTINGS)

    def test_the_web_service_waits_for_a_healthy_database_but_not_for_the_engine(
        self, compose: dict[str, Any]
    ) -> None:
        waits = compose["services"]["web"]["depends_on"]
        assert waits["db"]["condition"] == "service_healthy"
        assert waits["engine"]["condition"] == "service_started"
        assert compose["services"]["db"]["healthcheck"]["test"]

    def test_data_live_in_volumes(self, compose: dict[str, Any]) -> None:
        mounted = [
            v.split(":")[0] for s in compose["services"].values() for v in s.get("volumes", [])
        ]
        assert set(compose["volumes"]) <= set(mounted)
        for source in mounted:
            if source.startswith("./"):
                assert (ROOT / source).is_dir(), source

    def test_every_dockerfile_named_is_there(self, compose: dict[str, Any]) -> None:
        named = {s["build"]["dockerfile"] for s in compose["services"].values() if "build" in s}
        assert named == {str(path.relative_to(ROOT)) for path in DOCKERFILES}


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
class TestDockerfiles:
    def test_runs_as_somebody_who_is_not_root(self, dockerfile: Path) -> None:
        steps = instructions(dockerfile)
        last = max(i for i, (word, _) in enumerate(steps) if word == "FROM")
        users = [rest for word, rest in steps[last:] if word == "USER"]
        assert users
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1])

    def test_installs_only_what_its_hashes_say(self, dockerfile: Path) -> None:
        installs = [
            rest
            for word, rest in instructions(dockerfile)
            if re.search(r"\bpip\b.*\binstall\b", rest)
        ]
        assert installs
        for command in installs:
            assert "--require-hashes" in command
            assert "--only-binary :all:" in command

    def test_has_a_health_check_that_needs_no_other_program(self, dockerfile: Path) -> None:
        checks = [rest for word, rest in instructions(dockerfile) if word == "HEALTHCHECK"]
        assert len(checks) == 1
        assert '"python"' in checks[0]
        assert "urllib" in checks[0]

    def test_copies_only_what_is_named(self, dockerfile: Path) -> None:
        for source in copied(dockerfile):
            assert source not in (".", "./", "/"), "name what is needed"
            assert (ROOT / source).exists(), source
            assert sent_to_the_build(source), f"{source} is kept back by .dockerignore"

    def test_names_no_host_to_download_from(self, dockerfile: Path) -> None:
        text = re.sub(r"http://127\.0\.0\.1:\d+", "", dockerfile.read_text(encoding="utf-8"))
        assert not ADDRESS.search(text)
        assert not re.search(r"\b(curl|wget)\b", text)


def copied(dockerfile: Path) -> Iterator[str]:
    """Yields what a Dockerfile takes from the checkout."""
    for word, rest in instructions(dockerfile):
        if word in ("COPY", "ADD") and "--from=" not in rest:
            *sources, _ = [part for part in rest.split() if not part.startswith("--")]
            yield from sources


def sent_to_the_build(source: str) -> bool:
    """Tells whether .dockerignore lets a path through; the last rule that matches decides."""
    kept_back = False
    for rule in read(".dockerignore").splitlines():
        if not rule or rule.startswith("#"):
            continue
        pattern = rule.removeprefix("!")
        if fnmatch(source, pattern) or source.startswith(f"{pattern}/"):
            kept_back = not rule.startswith("!")
    return not kept_back


@pytest.mark.parametrize("private", [".env", "var", ".venv", ".venv-dialogue", ".git", "tests"])
def test_what_is_private_or_useless_is_not_sent_to_the_build(private: str) -> None:
    assert not sent_to_the_build(private)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
class TestRequirements:
    def test_every_requirement_is_pinned_and_hashed(self, path: Path) -> None:
        text = re.sub(r"\\\n\s*", "", path.read_text(encoding="utf-8"))
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert lines
        for line in lines:
            assert re.match(
                r"^[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+.*--hash=sha256:[0-9a-f]{64}", line
            ), line

    def test_names_no_host(self, path: Path) -> None:
        assert not ADDRESS.search(path.read_text(encoding="utf-8"))


def test_both_interpreters_are_named() -> None:
    versions = read(".python-version").split()
    assert [".".join(version.split(".")[:2]) for version in versions] == ["3.11", "3.10"]


class TestEnvExample:
    shown = dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", read(".env.example"), re.M))

    def test_lists_exactly_the_settings(self) -> None:
        assert {name for name in self.shown if name.startswith(PREFIX)} == set(SETTINGS)

    def test_shows_the_defaults_in_force(self) -> None:
        for name, field in SETTINGS.items():
            default = field.default
            if hasattr(default, "get_secret_value"):
                default = default.get_secret_value()
            assert self.shown[name] == ("" if name in PATHS else str(default)), name

    def test_lists_what_the_compose_file_asks_for(self) -> None:
        asked = set(re.findall(r"\$\{(\w+)", read("docker-compose.yml")))
        assert asked <= set(self.shown)

    def test_gives_no_secret(self) -> None:
        for name, value in self.shown.items():
            if re.search(r"PASSWORD|SECRET|TOKEN", name):
                assert value == "", name


class TestPapers:
    def test_the_readme_begins_with_the_two_commands(self) -> None:
        readme = read("README.md")
        assert re.search(r"^make run\b", readme, re.M)
        assert re.search(r"^make test\b", readme, re.M)

    @pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md", "docs/exploitation.md"])
    def test_links_inside_the_project_lead_somewhere(self, paper: str) -> None:
        folder = (ROOT / paper).parent
        targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(paper))
        missing = [t for t in targets if "://" not in t and not (folder / t).exists()]
        assert not missing

    def test_the_commands_that_papers_show_exist(self) -> None:
        papers = "".join(read(p) for p in ("README.md", "CONTRIBUTING.md", "docs/exploitation.md"))
        targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
        shown = set(re.findall(r"(?:^|`)make ([a-z-]+)", papers, re.M))
        assert shown
        assert shown <= targets

    def test_the_licence_is_the_eupl_whole(self) -> None:
        licence = read("LICENSE")
        assert licence.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
        assert "15.Applicable Law" in licence
        assert "Québec Free and Open-Source Licence" in licence
