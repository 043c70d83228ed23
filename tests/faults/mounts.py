"""Disks that a test may fill, break and cut: mounted, and always taken down again."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def tmpfs(at: Path, megabytes: int) -> Iterator[Path]:
    at.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "wujin-faults", str(at))
    try:
        yield at
    finally:
        unmount(at)


@contextmanager
def disk(image: Path, at: Path, options: str = "errors=remount-ro") -> Iterator[Path]:
    """The ext4 image on a loop device that goes when the mount goes."""
    at.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "ext4", "-o", f"loop,{options}", str(image), str(at))
    try:
        yield at
    finally:
        unmount(at)


def new_image(image: Path, megabytes: int) -> Path:
    image.parent.mkdir(parents=True, exist_ok=True)
    with image.open("wb") as file:
        file.truncate(megabytes * 1024 * 1024)
    _run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))
    return image


def repaired(image: Path) -> None:
    """As the start of a machine does it. 1: errors were put right."""
    done = subprocess.run(["e2fsck", "-p", "-f", str(image)], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr


def turn_read_only(at: Path) -> None:
    """What a failing disk does under a running server: ext4 finds an error and refuses every write from now on."""
    device = subprocess.run(
        ["findmnt", "-no", "SOURCE", str(at)], capture_output=True, text=True, check=True
    ).stdout.strip()
    Path("/sys/fs/ext4", Path(device).name, "trigger_fs_error").write_text("a drill")


def unmount(at: Path) -> None:
    for _ in range(50):
        if subprocess.run(["umount", str(at)], capture_output=True).returncode == 0:
            break
        time.sleep(0.1)
    else:
        subprocess.run(["umount", "-l", str(at)], capture_output=True)
    with suppress(OSError):
        at.rmdir()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
