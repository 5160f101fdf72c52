"""The API under schemathesis: a thousand questions made from its description, in right and in wrong ways.

schemathesis is installed into a throw-away environment in the drill's own folder.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from archive.api import answers
from archive.api.tokens import ApiToken, Scope
from archive.sample import build
from events.models import Membership, Rsvp

SCHEMATHESIS = "schemathesis==4.32.5"
EXAMPLES = 1000 if os.environ.get("FULL") else 40


@pytest.mark.django_db(transaction=True)
def test_schemathesis_finds_nothing(
    live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Once as nobody, once with a host's token that opens everything."""
    monkeypatch.setattr(answers, "OFTEN", 10**9)
    monkeypatch.setattr(answers, "OFTEN_UNKNOWN", 10**9)
    build(timezone.now())
    host = Membership.objects.filter(role=Membership.Role.OWNER).order_by("pk")[0].member
    assert Rsvp.objects.filter(member=host).exists()
    _row, token = ApiToken.objects.issue(host, name="drill", scopes=Scope.values, days=1, now=timezone.now())
    program = installed(tmp_path / "venv")
    for headers in ([], ["-H", f"Authorization: Bearer {token}"]):
        done = subprocess.run(
            [
                program, "run", f"{live_server.url}/api/v1/openapi.json", "--url", f"{live_server.url}/api/v1",
                "--checks", "all", "--max-examples", str(EXAMPLES), "--seed", "20261126", "--no-color",
                "--suppress-health-check", "all", *headers,
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        print(done.stdout[-3000:])
        assert done.returncode == 0, done.stdout + done.stderr


def installed(folder: Path) -> Path:
    """The program, in an environment that is thrown away."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, SCHEMATHESIS], check=True)
    return folder / "bin/schemathesis"
