"""Attempts to reach something over the network. A probe says True only if something answered it; what arrived
without an answer is counted where it arrives."""

import contextlib
import errno
import os
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import listeners

WAIT = 0.4
UDP_HEADER, IP_HEADER = struct.Struct("!HHHH"), struct.Struct("!BBHHHBBH4s4s")


class Target:
    """One place: its addresses, and its number among all places."""

    def __init__(self, place, addresses):
        self.place, self.v4, self.v6 = place, addresses["v4"], addresses["v6"]
        self.n = listeners.PLACES.index(place)

    def token(self, kind):
        return b"SPATTACK:%s:%s;" % (kind.encode(), self.place.encode())


def connect(family, address, port):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(WAIT)
        s.connect((address, port))
        return s.recv(32).startswith(listeners.ANSWER)


def ask(family, address, port, question):
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(WAIT)
        s.sendto(question, (address, port))
        return listeners.ANSWER in s.recv(2048)


def tcp(target):
    return connect(socket.AF_INET, target.v4, listeners.TCP + target.n)


def udp(target):
    return ask(socket.AF_INET, target.v4, listeners.UDP + target.n, target.token("udp"))


def mapped(target):
    return connect(socket.AF_INET6, "::ffff:" + target.v4, listeners.MAPPED + target.n)


def ipv6(target):
    with contextlib.suppress(OSError):
        if connect(socket.AF_INET6, target.v6, listeners.V6 + target.n):
            return True
    return ask(socket.AF_INET6, target.v6, listeners.V6 + target.n, target.token("ipv6"))


def dns(target):
    label = target.token("dns")
    question = b"SP\x01\0\0\x01\0\0\0\0\0\0" + bytes([len(label)]) + label + b"\x04test\0\0\x01\0\x01"
    with contextlib.suppress(OSError):
        if ask(socket.AF_INET, target.v4, 53, question):
            return True
    return connect(socket.AF_INET, target.v4, 53)


def identity(target):
    """Where the platforms that we stand in for have a managed identity's endpoint, and where ours could be."""
    for port in listeners.IDENTITY:
        with contextlib.suppress(OSError):
            if connect(socket.AF_INET, target.v4, port):
                return True
    return False


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def echo_request(payload):
    head = struct.pack("!BBHHH", 8, 0, 0, os.getpid() & 0xFFFF, 1)
    return struct.pack("!BBHHH", 8, 0, checksum(head + payload), os.getpid() & 0xFFFF, 1) + payload


def icmp(target):
    """By a raw socket, or the kind for everybody; the host's own loopback cannot be told from ours by the answer."""
    payload = target.token("icmp")
    problem = None
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP) as s:
                s.settimeout(WAIT)
                s.sendto(echo_request(payload), (target.v4, 0))
                return answered(s, payload) and target.place != "loopback"
        except OSError as e:
            problem = e
    raise problem


def answered(s, payload):
    """Whether an echo reply with this payload comes; a raw socket hears everybody's."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        data = s.recv(2048)
        if payload in data and (data[0] == 0 or data[0] >> 4 == 4 and data[20] == 0):
            return True
    return False


def own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", 9))
        own = s.getsockname()[0]
    for line in open("/etc/hosts", encoding="ascii"):
        if not line.startswith(("127.", "::")):
            own = line.split()[0]
    return own


def ip_packet(source, destination, protocol, payload, fragment=0):
    size = IP_HEADER.size + len(payload)
    fields = [0x45, 0, size, 4711, fragment, 64, protocol, 0]
    addresses = [socket.inet_aton(source), socket.inet_aton(destination)]
    fields[7] = checksum(IP_HEADER.pack(*fields, *addresses))
    return IP_HEADER.pack(*fields, *addresses) + payload


def datagram(port, payload):
    return UDP_HEADER.pack(7777, port, UDP_HEADER.size + len(payload), 0) + payload


def packets(target, kind, port, sources):
    """Whole ones from several senders, one in two fragments, one of an unknown protocol."""
    body = datagram(port + target.n, target.token(kind).ljust(40, b"."))
    for source in sources:
        yield ip_packet(source, target.v4, socket.IPPROTO_UDP, body)
    yield ip_packet(sources[0], target.v4, socket.IPPROTO_UDP, body[:40], 0x2000)
    yield ip_packet(sources[0], target.v4, socket.IPPROTO_UDP, body[40:], 5)
    yield ip_packet(sources[0], target.v4, 253, target.token(kind))


def senders(target, targets):
    """Ourselves, the host, a neighbour, somebody outside, the host's loopback."""
    places = ("gateway", "lan", "same", "internet", "loopback")
    return [own_address()] + [targets[p].v4 for p in places if p != target.place]


def raw(target, targets):
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
        for packet in packets(target, "raw", listeners.RAW, senders(target, targets)):
            with contextlib.suppress(OSError):
                sent += s.sendto(packet, (target.v4, 0)) > 0
    if not sent:
        raise OSError(errno.ENETUNREACH, "none could be sent")
    return False


def card():
    """The interface that leads out, and its address."""
    names = [name for _, name in socket.if_nameindex() if name.startswith("eth")]
    names += [name for _, name in socket.if_nameindex() if name != "lo"]
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as s:
        s.bind((names[0], 0))
        return names[0], s.getsockname()[4]


def frames(target, targets, mac):
    """To the host's end, which has our own address, and to everybody."""
    for to in (mac, b"\xff" * 6):
        link = to + mac
        for packet in packets(target, "packet", listeners.PACKET, senders(target, targets)):
            yield link + b"\x08\x00" + packet
            yield link + b"\x81\x00\x00\x01\x08\x00" + packet
        sixth = datagram(listeners.PACKET + target.n, target.token("packet"))
        address = socket.inet_pton(socket.AF_INET6, target.v6)
        head = struct.pack("!IHBB", 6 << 28, len(sixth), socket.IPPROTO_UDP, 64)
        yield link + b"\x86\xdd" + head + socket.inet_pton(socket.AF_INET6, "fe80::1") + address + sixth


def packet(target, targets):
    name, mac = card()
    sent = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as s:
        s.bind((name, 0))
        for frame in frames(target, targets, mac):
            with contextlib.suppress(OSError):
                sent += s.send(frame) > 0
    if not sent:
        raise OSError(errno.EPERM, "none could be sent")
    return False


def arp(target, _targets):
    """Who has that address? An answer would also let us take a neighbour's place."""
    name, mac = card()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806)) as s:
        s.bind((name, 0))
        s.settimeout(WAIT)
        ours, theirs = socket.inet_aton(own_address()), socket.inet_aton(target.v4)
        head = b"\xff" * 6 + mac + b"\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01"
        s.send(head + mac + ours + b"\0" * 6 + theirs)
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            frame = s.recv(128)
            if frame[20:22] == b"\0\x02" and frame[28:32] == theirs:
                return True
    return False


SIMPLE = {"tcp": tcp, "udp": udp, "icmp": icmp, "ipv6": ipv6, "mapped": mapped, "dns": dns, "identity": identity}
CRAFTED = {"raw": raw, "packet": packet, "arp": arp}


def attempt(kind, target, targets):
    try:
        done = SIMPLE[kind](target) if kind in SIMPLE else CRAFTED[kind](target, targets)
        said = "answered" if done else "no answer"
    except TimeoutError:
        done, said = False, "no answer"
    except OSError as e:
        done, said = False, errno.errorcode.get(e.errno, str(e))
    return {"probe": f"{kind} {target.place}", "reached": done, "said": said}


def all_attempts(addresses):
    targets = {place: Target(place, addresses[place]) for place in listeners.PLACES}
    with ThreadPoolExecutor(32) as pool:
        jobs = [
            pool.submit(attempt, kind, target, targets)
            for kind in [*SIMPLE, *CRAFTED]
            for target in targets.values()
            if (kind, target.place) != ("identity", "internet")  # an endpoint out there would be nobody's here
        ]
        return [job.result() for job in jobs]
