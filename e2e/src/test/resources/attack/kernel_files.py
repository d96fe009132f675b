"""Attempts by mounts, files and devices that lead out of a sandbox.

None does harm where it succeeds: files are opened and not written, calls are given what the kernel refuses once it
has let the caller in. OSError means that a probe did not get through.
"""

import contextlib
import ctypes
import errno
import os
import socket
import stat
import tempfile

from attempts import MARKER, probe, reads, reads_decoy, writes
from calls import call

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUSER = 0x2_0000, 0x200_0000, 0x1000_0000

# mounts


@probe("mounts")
def tmpfs():
    os.makedirs("/tmp/m1", exist_ok=True)
    return call("mount", b"tmpfs", b"/tmp/m1", b"tmpfs", 0, None) == 0


@probe("mounts")
def fresh_proc():
    os.makedirs("/tmp/m2", exist_ok=True)
    return call("mount", b"proc", b"/tmp/m2", b"proc", 0, None) == 0


@probe("mounts")
def writable_again():
    return call("mount", b"none", b"/sys", None, 32 | 4096, None) == 0  # MS_REMOUNT | MS_BIND


@probe("mounts")
def cgroup_release_agent():
    os.makedirs("/tmp/m3", exist_ok=True)
    call("mount", b"cgroup", b"/tmp/m3", b"cgroup", 0, b"pids")
    return writes("/tmp/m3/release_agent")


def own_group(line, point):
    """The folder beneath a mount of control groups in which this process is; its line of /proc/self/cgroup has that."""
    for text in open("/proc/self/cgroup", encoding="ascii"):
        if line in text:
            return point + text.strip().split(":", 2)[2].rstrip("/")
    raise FileNotFoundError(errno.ENOENT, "no such control groups")


def lifted_bounds():
    """Writes what is there already: no harm, and refused all the same to who may not lift a bound."""
    problem = FileNotFoundError(errno.ENOENT, "no bounds in sight")
    for kind, data, line in (b"cgroup2", None, "0::"), (b"cgroup", b"pids", ":pids:"):
        try:
            point = tempfile.mkdtemp(prefix="m4-", dir="/tmp")
            call("mount", kind, point.encode(), kind, 0, data)
            bound = own_group(line, point) + "/pids.max"
            with open(bound, encoding="ascii") as f:
                text = f.read()
            with open(bound, "w", encoding="ascii") as f:
                f.write(text)
            return True
        except OSError as e:
            problem = e if isinstance(problem, FileNotFoundError) else problem
    raise problem


@probe("mounts")
def own_bounds():
    return lifted_bounds()


@probe("namespaces")
def own_bounds_in_new_ones():
    """Root in new namespaces may mount control groups; its own group is the topmost that is seen there."""
    user, group = os.geteuid(), os.getegid()
    call("unshare", CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP)
    for file, text in ("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1"):
        with contextlib.suppress(OSError), open("/proc/self/" + file, "w", encoding="ascii") as f:
            f.write(text)
    return lifted_bounds()


@probe("mounts")
def new_mount_calls():
    return call("fsopen", b"tmpfs", 0) >= 0


@probe("mounts")
def clone_a_tree():
    return call("open_tree", -100, b"/", 1) >= 0  # OPEN_TREE_CLONE


@probe("mounts")
def unmount_a_mask():
    return call("umount2", b"/dev/shm", 2) == 0  # MNT_DETACH


@probe("mounts")
def file_handle_outside():
    class Handle(ctypes.Structure):
        _fields_ = [("size", ctypes.c_uint), ("kind", ctypes.c_int), ("data", ctypes.c_ubyte * 128)]

    open("/dev/shm/handle", "w").close()
    handle, mount = Handle(128, 0), ctypes.c_int()
    call("name_to_handle_at", -100, b"/dev/shm/handle", ctypes.byref(handle), ctypes.byref(mount), 0)
    folder = os.open("/dev/shm", os.O_RDONLY)
    return call("open_by_handle_at", folder, ctypes.byref(handle), os.O_RDONLY) >= 0


@probe("mounts")
def file_of_the_host():
    """By the root of any process, by a chroot that is left again, by anything mounted."""
    wanted = MARKER[0].lstrip("/")
    with contextlib.suppress(OSError):
        os.makedirs("/tmp/jail", exist_ok=True)
        outside = os.open("/", os.O_RDONLY)
        os.chroot("/tmp/jail")
        os.fchdir(outside)
        for _ in range(64):
            os.chdir("..")
        os.chroot(".")
    return reads("/" + wanted, "/proc/[0-9]*/root/" + wanted, "/proc/[0-9]*/cwd/" + wanted, "/mnt/host/" + wanted)


@probe("mounts")
def setuid_or_devices_allowed():
    """A mount with neither nosuid nor nodev, but for the root, whose setuid bits noNewPrivileges makes void."""
    for line in open("/proc/self/mountinfo", encoding="utf-8"):
        words = line.split()
        point, options = words[4], set(words[5].split(","))
        if point == "/" or point.startswith(("/proc", "/sys", "/tmp/m")):
            continue
        needed = {"nosuid"} if point in ("/dev", "/dev/pts") else {"nosuid", "nodev"}
        if needed - options:
            return point
    raise PermissionError(errno.EPERM, "all are closed")


# /proc


@probe("/proc")
def processes_of_the_host():
    return reads_decoy("cmdline", b"receivers.py")


@probe("/proc")
def environment_of_the_host():
    return reads_decoy("environ", b"DECOY_SECRET")


@probe("/proc")
def core_pattern():
    return writes("/proc/sys/kernel/core_pattern")


@probe("/proc")
def kernel_settings():
    return writes("/proc/sys/vm/overcommit_memory", "/proc/sys/kernel/panic", "/proc/sys/fs/file-max")


@probe("/proc")
def network_settings():
    return writes("/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/conf/all/accept_local")


@probe("/proc")
def sysrq_trigger():
    return writes("/proc/sysrq-trigger")


@probe("/proc")
def masked_files():
    return reads("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/interrupts")


@probe("/proc")
def kernel_log():
    return call("syslog", 10, None, 0) >= 0  # SYSLOG_ACTION_SIZE_BUFFER


# /sys


@probe("/sys")
def kernel_settings_in_sys():
    return writes("/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/profiling", "/sys/module/*/parameters/*")


@probe("/sys")
def hotplug_helper():
    return writes("/sys/kernel/uevent_helper", "/sys/class/net/*/uevent", "/sys/class/mem/null/uevent")


@probe("/sys")
def own_limits():
    return writes("/sys/fs/cgroup/*/cgroup.procs", "/sys/fs/cgroup/cgroup.procs")


@probe("/sys")
def firmware_and_debugging():
    return reads("/sys/firmware/*/*", "/sys/kernel/debug/*", "/sys/kernel/tracing/*", "/sys/firmware/*/*/*")


@probe("/sys")
def cards_of_the_host():
    for card in os.listdir("/sys/class/net"):
        if card.startswith("lan"):
            return card
    raise FileNotFoundError(errno.ENOENT, "none")


# devices


def node(kind, major, minor):
    path = f"/dev/node-{major}-{minor}"  # no other file system of a sandbox takes devices
    with contextlib.suppress(FileExistsError):
        call("mknodat", -100, path.encode(), kind | 0o600, os.makedev(major, minor))
    os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    return path


@probe("devices")
def kernel_memory_device():
    return node(stat.S_IFCHR, 1, 1)


@probe("devices")
def kernel_log_device():
    return node(stat.S_IFCHR, 1, 11)


@probe("devices")
def disk_of_the_host():
    return node(stat.S_IFBLK, 7, 0)


@probe("devices")
def tunnel_device():
    return node(stat.S_IFCHR, 10, 200)


@probe("devices")
def more_than_the_usual():
    usual = {"core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm"}
    usual |= {"stderr", "stdin", "stdout", "tty", "urandom", "zero", "console"}
    more = {name for name in os.listdir("/dev") if not name.startswith("node-")} - usual
    if not more:
        raise PermissionError(errno.EPERM, "only the usual")
    return " ".join(sorted(more))


@probe("devices")
def sockets_to_the_hypervisor():
    return socket.socket(40, socket.SOCK_STREAM).fileno() >= 0  # AF_VSOCK
