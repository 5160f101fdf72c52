"""`run` the club, or `exec` a command beside test servers."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from config.local import children, home, supervise
from config.local.home import StartError
from config.local.services import embedded, given

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 and the reason in words when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m config.local", description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="end when whatever started it is killed")
    ways = parser.add_subparsers(dest="way", required=True)
    ways.add_parser("run", help="the club: servers, web and worker, until Ctrl-C")
    lend = ways.add_parser("exec", help="a command beside servers of its own, for tests")
    lend.add_argument("--fresh", action="store_true", help="begin with empty servers")
    lend.add_argument("--durable", action="store_true", help="servers that fsync, as a club's do: for measuring")
    lend.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    if options.with_parent:
        children.die_with_parent(os.getppid(), signal.SIGTERM)
    data = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    supervise.stop_on_signal()
    try:
        if options.way == "run":
            supervise.run(data, os.environ)
        return lend_servers(options.command, data / "test", fresh=options.fresh, durable=options.durable)
    except StartError as reason:
        print(reason, file=sys.stderr)
        return 1
    except supervise.Stopped:
        print("stopped", file=sys.stderr)
        return 0 if options.way == "run" else 130


def lend_servers(command: Sequence[str], data: Path, *, fresh: bool, durable: bool) -> int:
    """Run a command with ASAKAI_MODE=test beside servers of its own; its exit code is ours.

    Their data is in DATA_DIR/test, so that not even `fresh` can touch a club's.
    """
    lock = home.lock(data, "tests")
    if fresh:
        shutil.rmtree(data / "pg", ignore_errors=True)
        shutil.rmtree(data / "redis", ignore_errors=True)
    with embedded(data, os.environ, lock=lock, durable=durable) as servers:
        environ = dict(os.environ) | servers.environ | {"ASAKAI_MODE": "test", "DATA_DIR": str(data)}
        if not given(environ, "SECRET_KEY"):
            environ["SECRET_KEY"] = home.secret_key(data)
        prepare = children.birth(os.getpid(), orphaned=signal.SIGTERM, own_session=False, unroot=False)
        process = subprocess.Popen(command, env=environ, preexec_fn=prepare)  # noqa: PLW1509 - no threads here
        # Ctrl-C reaches the command from the terminal, TERM through us; it ends first either way.
        signal.signal(signal.SIGINT, lambda _number, _frame: None)
        signal.signal(signal.SIGTERM, lambda _number, _frame: process.terminate())
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
