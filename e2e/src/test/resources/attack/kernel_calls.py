"""Attempts by system calls deep into the host's kernel, or at its other processes.

None does harm where it succeeds: files are opened and not written, calls are given what the kernel refuses once it
has let the caller in. OSError means that a probe did not get through.
"""

import contextlib
import ctypes
import errno
import glob
import os
import shutil
import signal
import struct
import subprocess
import sys

from attempts import decoy, probe, writes
from calls import call, refused_with

CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET = 0x1000_0000, 0x2_0000, 0x4000_0000

# namespaces


@probe("namespaces")
def new_user_namespace():
    return call("unshare", CLONE_NEWUSER) == 0


@probe("namespaces")
def new_mount_namespace():
    return call("unshare", CLONE_NEWNS) == 0


@probe("namespaces")
def new_network_by_clone():
    pid = call("clone", CLONE_NEWUSER | CLONE_NEWNET | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[0] == pid


@probe("namespaces")
def new_user_namespace_by_clone3():
    arguments = struct.pack("8Q", CLONE_NEWUSER, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    pid = call("clone3", ctypes.create_string_buffer(arguments), len(arguments))
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[0] == pid


@probe("namespaces")
def join_the_hosts_network():
    own = os.stat("/proc/self/ns/net").st_ino
    for path in glob.glob("/proc/[0-9]*/ns/net"):
        with contextlib.suppress(OSError):
            if os.stat(path).st_ino != own:
                return call("setns", os.open(path, os.O_RDONLY), CLONE_NEWNET) == 0
    raise PermissionError(errno.EPERM, "no other namespace in sight")


# keyring


@probe("keyring")
def add_a_key():
    return call("add_key", b"user", b"sandpool-probe", b"x", 1, -2) > 0


@probe("keyring")
def ask_for_a_key():
    return refused_with("request_key", (b"user", b"sandpool-none", None, 0), errno.ENOKEY)


@probe("keyring")
def open_the_session_keyring():
    return call("keyctl", 0, -3, 1) > 0


# ptrace


@probe("ptrace")
def attach_to_the_host():
    pid = decoy()
    call("ptrace", 0x4206, pid, 0, 0)  # PTRACE_SEIZE does not stop it; our end lets it go
    return True


@probe("ptrace")
def memory_of_the_host():
    return open(f"/proc/{decoy()}/mem", "rb").fileno() >= 0


@probe("ptrace")
def signal_to_the_host():
    os.kill(decoy(), 0)
    return True


@probe("ptrace")
def descriptor_of_the_host():
    return call("pidfd_getfd", call("pidfd_open", decoy(), 0), 0, 0) >= 0


# modules and other ways to run code as the kernel


@probe("modules")
def load_from_memory():
    return refused_with("init_module", (b"not a module", 12, b""), errno.ENOEXEC)


@probe("modules")
def load_from_a_file():
    return refused_with("finit_module", (os.open("/etc/passwd", os.O_RDONLY), b"", 0), errno.ENOEXEC)


@probe("modules")
def unload():
    return refused_with("delete_module", (b"sandpool_none", os.O_NONBLOCK), errno.ENOENT)


@probe("modules")
def helper_program_of_the_kernel():
    return writes("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe")


# bpf, perf, io_uring and other large parts of the kernel


@probe("bpf")
def make_a_map():
    return call("bpf", 0, ctypes.create_string_buffer(struct.pack("5I", 2, 4, 4, 1, 0).ljust(128, b"\0")), 128) >= 0


@probe("bpf")
def load_a_program():
    code = ctypes.create_string_buffer(struct.pack("<BBhi", 0xB7, 0, 0, 0) + struct.pack("<BBhi", 0x95, 0, 0, 0))
    licence = ctypes.create_string_buffer(b"GPL\0")
    head = struct.pack("IIQQ", 1, 2, ctypes.addressof(code), ctypes.addressof(licence))
    return call("bpf", 5, ctypes.create_string_buffer(head.ljust(128, b"\0")), 128) >= 0


@probe("perf")
def count_events():
    attributes = struct.pack("IIQ", 1, 128, 0).ljust(128, b"\0")
    return call("perf_event_open", ctypes.create_string_buffer(attributes), 0, -1, -1, 0) >= 0


@probe("perf")
def count_the_kernels_events():
    attributes = struct.pack("IIQ", 1, 128, 0).ljust(128, b"\0")
    return call("perf_event_open", ctypes.create_string_buffer(attributes), -1, 0, -1, 0) >= 0


@probe("io_uring")
def make_a_ring():
    return call("io_uring_setup", 4, ctypes.create_string_buffer(120)) >= 0


@probe("other calls")
def user_page_faults():
    return call("userfaultfd", 0) >= 0


@probe("other calls")
def reboot():
    return refused_with("reboot", (0, 0, 0, 0), errno.EINVAL)  # without the magic numbers nothing happens


@probe("other calls")
def process_accounting():
    return call("acct", None) == 0


@probe("other calls")
def swap():
    return refused_with("swapon", (b"/nonexistent", 0), errno.ENOENT)


@probe("other calls")
def kernel_objects_compared():
    return call("kcmp", os.getpid(), os.getpid(), 0, 0, 0) >= 0


@probe("privileges")
def priority_above_others():
    return call("setpriority", 0, 0, -10) == 0


@probe("privileges")
def setuid_program():
    """An ordinary user starts a program with root's setuid bit."""
    shutil.copy(os.path.realpath(sys.executable), "/tmp/setuid")
    os.chmod("/tmp/setuid", 0o4755)
    os.setgroups([])
    os.setgid(1000)
    os.setuid(1000)
    done = subprocess.run(["/tmp/setuid", "-c", "import os; print(os.geteuid())"], capture_output=True, check=False)
    if done.stdout.strip() == b"0":
        return True
    raise PermissionError(errno.EPERM, "its user stays")
