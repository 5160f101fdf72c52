"""Processes that cannot outlive the one that started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


def die_with_parent(parent: int, by: int = signal.SIGKILL) -> None:
    """Have the kernel signal this process when the thread that forked it ends (only Linux can), or end now if it has.

    `parent` is its number, known from before the fork.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(by))
    if os.getppid() != parent:
        os._exit(1)


def shed_root() -> None:
    """PostgreSQL refuses to run as root: map root to another number in a namespace; files stay root's."""
    if ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0:
        os.write(
            2,
            b"The kernel forbids user namespaces, so PostgreSQL cannot run as root: use another account.\n",
        )
        os._exit(1)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text("1000 0 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text("1000 0 1", encoding="ascii")


def birth(parent: int, *, orphaned: int, own_session: bool, unroot: bool) -> Callable[[], None]:
    """What the child does between fork and exec. `orphaned` is the signal it gets when the parent dies."""

    def prepare() -> None:
        if own_session:
            os.setsid()  # Ctrl-C reaches us alone: we stop them in order
        if unroot:
            shed_root()
        die_with_parent(parent, orphaned)  # after shed_root: a change of credentials clears it

    return prepare


@dataclass
class Child:
    """One process and all it forks, in a session of its own."""

    name: str
    process: subprocess.Popen[bytes]
    farewell: int = signal.SIGTERM

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def kill_group(self) -> None:
        """Kill whatever is left of the session."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        except PermissionError:  # macOS: only zombies are left
            return


def start(
    name: str,
    command: Sequence[str | Path],
    environ: Mapping[str, str],
    *,
    log: Path | None = None,
    keeps: int | None = None,
    farewell: int = signal.SIGTERM,
    orphaned: int = signal.SIGKILL,
    unroot: bool = False,
) -> Child:
    """Start a child. `keeps` is a descriptor (the lock) that stays open while any of its processes lives."""
    prepare = birth(os.getpid(), orphaned=orphaned, own_session=True, unroot=unroot)
    output = log.open("ab") if log else None
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output and subprocess.STDOUT,
            pass_fds=() if keeps is None else (keeps,),
            preexec_fn=prepare,  # noqa: PLW1509 - this program has no threads
        )
    finally:
        if output:
            output.close()
    return Child(name, process, farewell)


def stop(children: Iterable[Child], *, within: float) -> None:
    """Ask all to end, at once; kill what has not after so many seconds, and whatever they leave behind."""
    children = list(children)
    for child in children:
        if not child.ended:
            child.process.send_signal(child.farewell)
    deadline = time.monotonic() + within
    for child in children:
        try:
            child.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"{child.name} did not stop in time and is killed.", file=sys.stderr)
        child.kill_group()
        child.process.wait()
