"""docker-compose.yml and the Dockerfile as far as they can be run without Docker: as processes beside test servers."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
OURS = [name for name, service in COMPOSE["services"].items() if "build" in service]
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


def dockerfile() -> list[tuple[str, str]]:
    """Instruction and arguments of each line, continuations joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line.partition(" ") for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in lines]


def context(to: Path) -> None:
    """What `COPY . .` copies: .dockerignore leaves everything out but what it names after an exclamation mark."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    never = [line.removeprefix("**/") for line in lines if line.startswith("**/")]
    for name in (line[1:] for line in lines if line.startswith("!")):
        source, target = ROOT / name, to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(*never))
        else:
            shutil.copy2(source, target)


def written(folder: Path) -> dict[str, int]:
    """Every file below, and when it was written."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


class Machine:
    """A folder for what containers see: /app, /data, /run/secrets, a .env, and programs on the path."""

    def __init__(self, folder: Path, env_file: dict[str, str], **places: str) -> None:
        """`places` are ports and addresses that a container has to itself and a process has not."""
        self.folder, self.env_file, self.places = folder, env_file, places
        for name in ("app", "data/media", "secrets", "bin", "tmp", "redis"):
            (folder / name).mkdir(parents=True)

    def environ(self, service: str) -> dict[str, str]:
        """What a container is told, the places of its mounts being ours."""
        told = COMPOSE["services"][service].get("environment", {})
        given = {name: self.place(self.filled(str(value))) for name, value in told.items()}
        if "REDIS_URL" in given and "REDIS_PORT" in self.places:
            given["REDIS_URL"] = f"redis://127.0.0.1:{self.places['REDIS_PORT']}"
        return self.plain() | given

    def plain(self) -> dict[str, str]:
        path = f"{self.folder}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}"
        image = {"PYTHONDONTWRITEBYTECODE": "1", "DATA_DIR": str(self.folder / "data"), "LANG": "C.UTF-8"}
        return {"PATH": path, "TMPDIR": str(self.folder / "tmp"), "HOME": "/nonexistent", **image, **self.places}

    def filled(self, text: str) -> str:
        """${NAME:-default} and ${NAME:?reason} as compose reads them from .env."""
        return VARIABLE.sub(lambda found: self.env_file.get(found[1], found[2] or ""), text)

    def place(self, text: str) -> str:
        """A path of the container on this machine."""
        return re.sub(r"^/(?:run/)?(secrets|tmp)/", rf"{self.folder}/\1/", text)

    def command(self, service: str) -> list[str]:
        return [self.place(self.filled(word)) for word in COMPOSE["services"][service]["command"]]

    def run(self, command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """To its end, within four minutes (a busy machine takes its time over the migrations)."""
        return subprocess.run(
            command, cwd=self.folder / "app", env=environ, capture_output=True, text=True, timeout=240, check=False
        )

    def healthy(self, service: str) -> bool:
        """The health check as it stands."""
        how, *test = COMPOSE["services"][service]["healthcheck"]["test"]
        command = ["sh", "-c", *test] if how == "CMD-SHELL" else test
        return self.run(command, self.environ(service)).returncode == 0

    def build(self) -> None:
        """The steps of the Dockerfile after the packages, in a copy of what the image gets."""
        context(self.folder / "app")
        (step,) = [rest for word, rest in dockerfile() if word == "RUN" and "collectstatic" in rest]
        environ = self.plain() | {"ASAKAI_MODE": "production"}
        done = self.run(["sh", "-c", step], environ)
        assert (done.returncode, done.stderr) == (0, "")

    @contextmanager
    def up(self, service: str, *more: str) -> Iterator[subprocess.Popen[bytes]]:
        """The container's command until the end of the block; then TERM, and it must go by itself."""
        log = self.folder / f"{service}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*self.command(service), *more],
                cwd=self.folder / "app",
                env=self.environ(service),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
            process.terminate()
            code = process.wait(20)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert (service, code, log.read_text(encoding="utf-8") if code else "") == (service, 0, "")


def wait_for(what: Callable[[], object], seconds: float = 40) -> None:
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds
        time.sleep(0.2)
