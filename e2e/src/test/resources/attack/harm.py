"""Attempts to take more than one's share, and to find what a former sandbox left."""

import contextlib
import glob
import mmap
import os
import signal
import time

MIB = 1 << 20


def memory(mib):
    """Takes that much; says how much it got."""
    block = mmap.mmap(-1, mib * MIB)
    for _ in range(mib):
        block.write(b"x" * MIB)
    KEPT.append(block)
    return mib


def in_a_child(work, *arguments):
    """What it says, or that it was killed, in which case this process lives on to tell."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, str(work(*arguments)).encode())
        os._exit(0)
    os.close(write)
    with open(read, "rb") as said:
        text = said.read()
    os.waitpid(pid, 0)
    return int(text or 0)


def processes(wanted):
    pids = []
    try:
        for _ in range(wanted):
            pid = os.fork()
            if pid == 0:
                memory(2)
                time.sleep(60)
                os._exit(0)
            pids.append(pid)
    except OSError:
        pass
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return len(pids)


def output(mib):
    """Prints that much; how much of it is kept is for the host to say."""
    line = b"a line that fills the console of this sandbox....\n" * 64
    for _ in range(mib * MIB // len(line)):
        os.write(1, line)
    return mib


PLACES = ("/root/{}", "/tmp/{}", "/dev/shm/{}", "/var/{}")
KEPT = []


def leave(word):
    """Leaves a word wherever a sandbox can."""
    for place in PLACES:
        with contextlib.suppress(OSError), open(place.format("left-behind"), "w", encoding="ascii") as f:
            f.write(word)
    block = mmap.mmap(-1, 8 * MIB)
    block.write(word.encode() * (8 * MIB // len(word)))
    KEPT.append(block)
    return len(PLACES)


def found_in_files(word):
    for place in PLACES:
        for path in glob.glob(place.format("*")):
            with contextlib.suppress(OSError), open(path, "rb") as f:
                if word.encode() in f.read(4096):
                    return path
    return ""


def found_in_memory(word):
    """In fresh memory, and in the memory of every process that can be read."""
    fresh = mmap.mmap(-1, 16 * MIB)
    if fresh.find(word.encode() * 2) >= 0:
        return "fresh memory"
    for process in glob.glob("/proc/[0-9]*"):
        with contextlib.suppress(OSError):
            if in_process(process, word.encode() * 2):
                return process
    return ""


def in_process(process, word):
    with open(process + "/maps", encoding="utf-8") as maps, open(process + "/mem", "rb", buffering=0) as memory:
        for line in maps:
            first, last = (int(x, 16) for x in line.split()[0].split("-"))
            if line.split()[1].startswith("rw") and last - first >= 8 * MIB:
                with contextlib.suppress(OSError, OverflowError, ValueError):
                    memory.seek(first)
                    if word in memory.read(min(last - first, 64 * MIB)):
                        return True
    return False
