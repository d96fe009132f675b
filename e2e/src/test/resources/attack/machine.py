"""What code does to its machine that has the guest's whole kernel: it reads and writes what no driver would.

Needs all privileges inside, and a kernel that lets go of the registers that it drives itself.
"""

import contextlib
import ctypes
import errno
import fcntl
import glob
import mmap
import os
import random
import stat
import struct

from calls import call

PAGE, STEP, CHUNK = 4096, 1 << 16, 1 << 20
TRANSPORTS, TRANSPORT, SIZE = 0xFEB00000, 24, 0x200
MAGIC, KINDS = 0x74726976, {1: "network", 2: "disk", 3: "console"}
NOTHING = (0, 0xFFFFFFFF)


def node(name, minor):
    path = "/dev/" + name
    with contextlib.suppress(FileExistsError):
        call("mknodat", -100, path.encode(), stat.S_IFCHR | 0o600, os.makedev(1, minor))
    return os.open(path, os.O_RDWR | os.O_SYNC)


class Registers:
    """Words of the machine's address space, each read or written as one."""

    def __init__(self, first, size):
        self.memory = mmap.mmap(node("mem", 1), size, offset=first)
        self.words = (ctypes.c_uint32 * (size // 4)).from_buffer(self.memory)


def transports():
    words = Registers(TRANSPORTS, TRANSPORT * SIZE).words
    per = SIZE // 4
    return words, [words[n * per + 2] if words[n * per] == MAGIC else None for n in range(TRANSPORT)]


def devices(_):
    """What kinds of device there are, and how many of each."""
    _, found = transports()
    kinds = [KINDS.get(kind, f"kind {kind}") for kind in found if kind]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def memory(_):
    """Where anything answers between the end of its memory and the end of addresses."""
    found, end = set(), max(ram_ends())
    for first in range((end + CHUNK - 1) // CHUNK * CHUNK, 1 << 32, CHUNK):
        step = PAGE if first >= 0xFE000000 else STEP
        words = Registers(first, CHUNK).words
        for at in range(0, CHUNK, step):
            if any(words[(at + more) // 4] not in NOTHING for more in (0, 0x10, 0x20, 0x30)):
                found.add("%04x" % (first + at >> 16))
    return sorted(found)


def ram_ends():
    for line in open("/proc/iomem", encoding="ascii"):
        if "System RAM" in line:
            yield int(line.split()[0].split("-")[1], 16) + 1


class Ports:
    """The other address space, which this kernel has no file for: two instructions, and leave to use them."""

    def __init__(self):
        call("iopl", 3)
        self.code = mmap.mmap(-1, PAGE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self.code[:6] = b"\x89\xfa\x89\xf0\xee\xc3"  # mov edx, edi; mov eax, esi; out dx, al; ret
        self.code[16:25] = b"\x89\xfa\x31\xc0\xec\x0f\xb6\xc0\xc3"  # mov edx, edi; in al, dx; ret
        first = ctypes.addressof(ctypes.c_char.from_buffer(self.code))
        self.write = ctypes.CFUNCTYPE(None, ctypes.c_uint, ctypes.c_uint)(first)
        self.read = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_uint)(first + 16)


def ports(_):
    """At which ports of the old kind anything answers."""
    all_ports = Ports()
    return ["%x" % port for port in range(0x10000) if all_ports.read(port) != 0xFF]


def kept(_):
    """Whether what is written arrives: a register of a device, and a byte of the clock's memory."""
    words, found = transports()
    queue = next(n for n, kind in enumerate(found) if kind) * SIZE // 4
    status = words[queue + 0x70 // 4]
    words[queue + 0x70 // 4] = status | 0x80  # FAILED: a bit that says so, and stays
    clock = Ports()
    clock.write(0x70, 0x40)
    clock.write(0x71, 0x5A)
    clock.write(0x70, 0x40)
    return {"registers": words[queue + 0x70 // 4] == status | 0x80, "ports": clock.read(0x71) == 0x5A}


def value(chance, end):
    """What a device might stumble over; now and then a page of this machine's memory, for queues of rubbish."""
    return chance.choice(
        [
            lambda: chance.getrandbits(32),
            lambda: chance.randrange(16),
            lambda: 1 << chance.randrange(32),
            lambda: 0xFFFFFFFF - chance.randrange(16),
            lambda: chance.randrange(end // PAGE),
            lambda: chance.randrange(end) & ~0xF,
        ]
    )()


def write_registers(order):
    chance, end = random.Random(order["seed"]), max(ram_ends())
    words, found = transports()
    live = [n for n, kind in enumerate(found) if kind]
    for _ in range(order["writes"]):
        # Most of them at devices that are there; their configuration space too.
        which = chance.choice(live) if chance.random() < 0.9 else chance.randrange(TRANSPORT)
        words[which * SIZE // 4 + chance.randrange(SIZE // 4)] = value(chance, end)
        if chance.random() < 0.2:
            words[which * SIZE // 4 + 0x50 // 4] = chance.randrange(4)  # look into that queue
    return order["writes"]


def write_ports(order):
    chance, all_ports = random.Random(order["seed"]), Ports()
    known = [0x20, 0x21, 0xA0, 0xA1, 0x40, 0x41, 0x42, 0x43, 0x61, 0x70, 0x71, 0x4D0, 0x4D1, *range(0x510, 0x51C)]
    for _ in range(order["writes"]):
        port = chance.choice(known) if chance.random() < 0.8 else chance.randrange(0x10000)
        all_ports.write(port, chance.getrandbits(8))
        all_ports.read(port)
    return order["writes"]


def write_disks(_):
    """What becomes of a write to each disk, by its name; the last block of each is of no file."""
    said = {}
    for disk in glob.glob("/sys/block/vd*"):
        with open(disk + "/serial", encoding="ascii") as serial, open(disk + "/dev", encoding="ascii") as numbers:
            name = serial.read().strip("\0\n ")
            major, minor = (int(number) for number in numbers.read().split(":"))
        try:
            said[name] = write_last_block(name, os.makedev(major, minor))
        except OSError as e:
            said[name] = errno.errorcode.get(e.errno, str(e))
    return said


def write_last_block(name, device):
    path = "/dev/disk-" + name
    with contextlib.suppress(FileExistsError):
        call("mknodat", -100, path.encode(), stat.S_IFBLK | 0o600, device)
    disk = os.open(path, os.O_RDONLY)
    fcntl.ioctl(disk, 0x125D, struct.pack("i", 0))  # BLKROSET: the kernel shall not be what refuses
    disk = os.open(path, os.O_RDWR | os.O_SYNC)
    end = os.lseek(disk, 0, os.SEEK_END)
    block = os.pread(disk, 512, end - 512)
    os.pwrite(disk, bytes(byte ^ 0xFF for byte in block), end - 512)
    return "written"


WORKS = {
    "devices": devices,
    "memory": memory,
    "ports": ports,
    "kept": kept,
    "write-disks": write_disks,
    "write-registers": write_registers,
    "write-ports": write_ports,
}


def work(order):
    return WORKS[order["work"]](order)
