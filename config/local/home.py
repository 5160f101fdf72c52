"""The folder that holds one club's data: who uses it, where its sockets are, its secret."""

import fcntl
import hashlib
import os
import secrets
import stat
import tempfile
import time
from pathlib import Path


class StartError(Exception):
    """Asakai cannot start; the message says why and what helps."""


def lock(data: Path, holder: str) -> int:
    """Take the folder for ourselves; the open descriptor is the lock, and every server we start inherits it.

    So it is free only when nothing of an earlier start lives any more, even after `kill -9` of its parent.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + 10
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            pid, _, what = os.pread(descriptor, 500, 0).decode().strip().partition(" ")
            if is_running(pid) or time.monotonic() > deadline:
                os.close(descriptor)
                raise StartError(
                    f"{data} is in use by process {pid or '?'} ({what or 'starting'}). Nothing was touched.\n"
                    "Stop that one, or choose another folder: DATA_DIR=/some/folder"
                ) from None
            time.sleep(0.1)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()} {holder}\n".encode(), 0)
    return descriptor


def is_running(pid: str) -> bool:
    """Whether a process of that number exists and is no zombie; an unwritten number is just being written."""
    if not pid.isdecimal():
        return True
    try:
        os.kill(int(pid), 0)
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except ProcessLookupError:
        return False
    except OSError:  # another account's, or not Linux
        return True
    return status.rpartition(")")[2].split()[0] not in "ZX"


def socket_folder(data: Path) -> Path:
    """A short private folder for the sockets: a path has 107 bytes at most, and tools split at spaces."""
    mark = hashlib.sha256(os.fsencode(data)).hexdigest()[:10]
    folder = Path(tempfile.gettempdir()) / f"asakai-{os.getuid()}-{mark}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise StartError(f"{folder} should be a private folder of ours and is not. Remove it and start again.")
    return folder


def secret_key(data: Path) -> str:
    """The installation's secret, made at the first start."""
    path = data / "secret_key"
    if not path.exists():
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(50), encoding="ascii")
        new.replace(path)
    return path.read_text(encoding="ascii").strip()
