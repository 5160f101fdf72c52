"""Is the part that runs in this container well? Exit code 0 or 1.

`python -m config.probe web | worker | mailer | scheduler`

For the health checks of docker-compose.yml: every half minute, so without Django's start.
"""

import http.client
import sys
from urllib.parse import urlsplit

import psycopg

from config import env

# As config/health.py has it for /readyz.
SILENT_AFTER_SECONDS = 120


def web() -> bool:
    """It answers, under the name it will be called by."""
    line = http.client.HTTPConnection("127.0.0.1", env.number("PORT", 8000), timeout=5)
    try:
        line.request("GET", "/healthz", headers={"Host": urlsplit(env.read("SITE_URL")).netloc})
        return line.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def heartbeat(name: str) -> bool:
    """It has shown itself: what beat sent, the broker passed on, and the worker wrote into the database."""
    seen = "SELECT at > now() - make_interval(secs => %s) FROM outbox_heartbeat WHERE name = %s"
    try:
        with psycopg.connect(env.read("DATABASE_URL"), connect_timeout=5) as line:
            return line.execute(seen, [SILENT_AFTER_SECONDS, name]).fetchone() == (True,)
    except psycopg.Error:
        return False


def main(arguments: list[str]) -> int:
    """One word: the part."""
    if arguments not in (["web"], ["worker"], ["mailer"], ["scheduler"]):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    (part,) = arguments
    return 0 if (web() if part == "web" else heartbeat(part)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
