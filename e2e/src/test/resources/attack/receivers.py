"""What came through, seen from the host: reads packets and prints ARRIVED (delivered or passed on) and SENT (seen
on the wire of the sandbox, whatever became of it). A line on its input forgets all that was seen.

usage: receivers.py host|world
"""

import selectors
import socket
import struct
import sys

import listeners

TOKEN = b"SPATTACK:"
OUTGOING = 4  # packet(7): PACKET_OUTGOING
ETH_IP, ETH_ARP, ETH_IP6, ETH_VLAN = 0x0800, 0x0806, 0x86DD, 0x8100
SYN, ACK = 2, 16


def by_token(data):
    """kind and place of a probe that carries its name."""
    at = data.find(TOKEN)
    if at < 0:
        return None
    words = data[at + len(TOKEN) :].split(b";")[0].split(b":")
    return (words[0].decode(), words[1].decode()) if len(words) > 1 else None


def by_port(port):
    for kind, base in (("tcp", listeners.TCP), ("ipv6", listeners.V6), ("mapped", listeners.MAPPED)):
        if base <= port < base + len(listeners.PLACES):
            return kind, listeners.PLACES[port - base]
    return None


def of_transport(protocol, data, destination, places):
    if protocol == socket.IPPROTO_TCP and len(data) >= 14:
        if data[13] & SYN and not data[13] & ACK:
            port = struct.unpack("!H", data[2:4])[0]
            if port in (53, *listeners.IDENTITY):
                kind = "dns" if port == 53 else "identity"
                return (kind, places[destination]) if destination in places else None
            return by_port(port)
        return None
    if protocol in (socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6) and data[:1] not in (b"\x08", b"\x80"):
        return None  # answers carry the question
    return by_token(data)


def of_ip(data, places):
    version = data[0] >> 4 if data else 0
    if version == 4 and len(data) >= 20:
        size = (data[0] & 15) * 4
        return of_transport(data[9], data[size:], socket.inet_ntoa(data[16:20]), places)
    if version == 6 and len(data) >= 40:
        return of_transport(data[6], data[40:], socket.inet_ntop(socket.AF_INET6, data[24:40]), places)
    return None


def of_frame(frame, kind, places):
    """The probe that a frame belongs to, and whether it is an answer to ARP."""
    ethertype = struct.unpack("!H", frame[12:14])[0]
    data = frame[14:]
    if ethertype == ETH_VLAN:
        ethertype, data = struct.unpack("!H", data[2:4])[0], data[4:]
    if ethertype == ETH_ARP and len(data) >= 28:
        answered = struct.unpack("!H", data[6:8])[0] == 2
        place = places.get(socket.inet_ntoa(data[14:18] if answered else data[24:28]))
        return (("arp", place) if place else None), answered
    if ethertype in (ETH_IP, ETH_IP6):
        return of_ip(data, places), False
    return None, False


class Sniffer:
    """Prints each thing once."""

    def __init__(self):
        self.seen = set()
        self.places = {}
        self.ending = False

    def say(self, what, probe, where):
        if probe and (what, probe) not in self.seen:
            self.seen.add((what, probe))
            print(what, *probe, where, flush=True)

    def frame(self, s):
        frame, address = s.recvfrom(4096)
        name, kind = address[0], address[2]
        if name == "lo" or len(frame) < 14:
            return
        probe, answered = of_frame(frame, kind, self.places)
        if kind == OUTGOING:
            if probe and (probe[0] != "arp" or answered):
                self.say("ARRIVED", probe, name)
        elif not answered and not name.startswith("lan"):
            self.say("SENT", probe, name)

    def delivered(self, s):
        """Raw sockets see what the packet rules let in."""
        data, _ = s.recvfrom(4096)
        if s.family == socket.AF_INET:
            self.say("ARRIVED", of_ip(data, self.places), "host")
        else:
            self.say("ARRIVED", of_transport(s.proto, data, "", self.places), "host")

    def command(self, stdin):
        """A line "ADDRESS=PLACE ..." begins a new round, an empty one asks for its end."""
        line = stdin.readline()
        if not line:
            sys.exit()
        if not line.strip():
            self.ending = True
            return
        self.seen.clear()
        self.places = dict(word.split("=") for word in line.split())
        print("ROUND", flush=True)


def sniff(sniffer):
    selector = selectors.DefaultSelector()
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))  # ETH_P_ALL
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    selector.register(wire, selectors.EVENT_READ, sniffer.frame)
    for family, protocols in (
        (socket.AF_INET, (socket.IPPROTO_TCP, socket.IPPROTO_UDP, socket.IPPROTO_ICMP, 253)),
        (socket.AF_INET6, (socket.IPPROTO_TCP, socket.IPPROTO_UDP, socket.IPPROTO_ICMPV6)),
    ):
        for protocol in protocols:
            raw = socket.socket(family, socket.SOCK_RAW, protocol)
            selector.register(raw, selectors.EVENT_READ, sniffer.delivered)
    selector.register(sys.stdin, selectors.EVENT_READ, sniffer.command)
    print("READY", flush=True)
    while True:
        events = selector.select(0.1 if sniffer.ending else None)
        for key, _ in events:
            key.data(key.fileobj)
        if sniffer.ending and not events:
            sniffer.ending = False
            print("END", flush=True)


listeners.start()
if sys.argv[1] == "host":
    sniff(Sniffer())
print("READY", flush=True)
sys.stdin.read()
