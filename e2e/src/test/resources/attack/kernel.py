"""Attempts on the kernel: calls, files and devices that lead out of a sandbox or deep into the host's kernel. None does
harm where it succeeds: files are opened and not written, calls are given what the kernel refuses once it has let the
caller in. A probe answers whether it got through; OSError means that it did not."""

import contextlib
import ctypes
import errno
import glob
import os
import select
import signal
import socket
import stat
import struct
import subprocess
import sys

from calls import call, refused_with

CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET = 0x1000_0000, 0x2_0000, 0x4000_0000
PROBES = {}


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
    wanted = MARKER.lstrip("/")
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


def reads_decoy(file, text):
    for process in glob.glob("/proc/[0-9]*/" + file):
        with contextlib.suppress(OSError), open(process, "rb") as f:
            if text in f.read():
                return process
    raise FileNotFoundError(errno.ENOENT, "no process of the host")


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


def decoy():
    return int(reads_decoy("cmdline", b"receivers.py").split("/")[2])


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
    import shutil

    shutil.copy(os.path.realpath(sys.executable), "/tmp/setuid")
    os.chmod("/tmp/setuid", 0o4755)
    os.setgroups([])
    os.setgid(1000)
    os.setuid(1000)
    done = subprocess.run(["/tmp/setuid", "-c", "import os; print(os.geteuid())"], capture_output=True, check=False)
    if done.stdout.strip() == b"0":
        return True
    raise PermissionError(errno.EPERM, "its user stays")


MARKER = "/nonexistent"
PATIENCE = 20


def in_a_child(name):
    """One probe, in a process of its own, for it may lose its privileges, its namespaces or its life."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            found = PROBES[name]()
            os.write(write, b"+" + (found if isinstance(found, str) else "let in").encode())
        except OSError as e:
            os.write(write, b"-" + errno.errorcode.get(e.errno, str(e)).encode())
        except Exception as e:
            os.write(write, b"?" + repr(e).encode())
        finally:
            os._exit(0)
    os.close(write)
    return name, pid, read


def result(name, pid, read):
    with open(read, "rb") as said:
        if not select.select([said], [], [], PATIENCE)[0]:
            os.kill(pid, signal.SIGKILL)
        text = said.read().decode()
    os.waitpid(pid, 0)
    broken = text.startswith("?") or not text
    return {"probe": name, "reached": text.startswith("+"), "said": text[1:] or "no end", "broken": broken}


def all_attempts(marker):
    global MARKER
    MARKER = marker
    return [result(*in_a_child(name)) for name in PROBES]
