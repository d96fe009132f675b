"""Takes walls out of a runtime specification: reads config.json on its input, writes it on its output.

usage: BOUNDING=HEX weaken.py WALL...
"""

import json
import os
import sys

# By their numbers.
CAPABILITIES = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE
SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL
SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split()


def capabilities(spec):
    """All that the host itself has."""
    had = int(os.environ["BOUNDING"], 16)
    names = ["CAP_" + name for number, name in enumerate(CAPABILITIES) if had >> number & 1]
    spec["process"]["capabilities"] = {kind: names for kind in ("bounding", "effective", "permitted", "inheritable")}


def filters(spec):
    spec["linux"].pop("seccomp", None)


def privileges(spec):
    spec["process"]["noNewPrivileges"] = False
    spec["process"].pop("rlimits", None)


def paths(spec):
    spec["linux"]["maskedPaths"], spec["linux"]["readonlyPaths"] = [], []
    spec["mounts"] = [mount for mount in spec["mounts"] if mount["type"] != "sysfs"]
    for mount in spec["mounts"]:
        mount["options"] = [option for option in mount["options"] if option not in ("nosuid", "nodev", "ro")]
    spec["mounts"].append({"destination": "/sys", "type": "bind", "source": "/sys", "options": ["rbind", "rw"]})


def devices(spec):
    spec["linux"]["resources"]["devices"] = [{"allow": True, "access": "rwm"}]
    spec["linux"]["devices"] = [{"path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11, "fileMode": 0o600}]


def processes(spec):
    spec["linux"]["namespaces"] = [n for n in spec["linux"]["namespaces"] if n["type"] not in ("pid", "ipc", "cgroup")]


def network(spec):
    spec["linux"]["namespaces"] = [n for n in spec["linux"]["namespaces"] if n["type"] != "network"]
    spec["linux"].pop("sysctl", None)


def limits(spec):
    resources = spec["linux"]["resources"]
    for name in ("memory", "pids"):
        resources.pop(name, None)


WALLS = {f.__name__: f for f in (capabilities, filters, privileges, paths, devices, processes, network, limits)}


def main():
    spec = json.load(sys.stdin)
    for wall in sys.argv[1:]:
        WALLS[wall](spec)
    json.dump(spec, sys.stdout)


main()
