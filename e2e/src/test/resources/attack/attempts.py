"""What the attempts on the kernel have in common: their registry, and files that open."""

import contextlib
import errno
import glob
import os

PROBES = {}
MARKER = ["/nonexistent"]  # a file of the host


def probe(area):
    def keep(function):
        PROBES[area + " " + function.__name__.replace("_", "-")] = function
        return function

    return keep


def opens(flags, *paths):
    """The first of these files that opens."""
    problem = FileNotFoundError(errno.ENOENT, "none of them is there")
    for pattern in paths:
        for path in glob.glob(pattern) or [pattern]:
            try:
                os.close(os.open(path, flags))
                return path
            except OSError as e:
                problem = problem if isinstance(e, FileNotFoundError) else e
    raise problem


def writes(*paths):
    return opens(os.O_WRONLY, *paths)


def reads(*paths):
    """The first of these files from which something comes."""
    for path in paths:
        for found in glob.glob(path):
            with contextlib.suppress(OSError), open(found, "rb") as f:
                if f.read(1):
                    return found
    raise FileNotFoundError(errno.ENOENT, "nothing to read")


def reads_decoy(file, text):
    for process in glob.glob("/proc/[0-9]*/" + file):
        with contextlib.suppress(OSError), open(process, "rb") as f:
            if text in f.read():
                return process
    raise FileNotFoundError(errno.ENOENT, "no process of the host")


def decoy():
    return int(reads_decoy("cmdline", b"receivers.py").split("/")[2])
