"""Listeners that answer every probe: on the host, in the test's internet, in the sandboxes that play victims."""

import contextlib
import selectors
import socket
import threading

PLACES = ["loopback", "lan", "gateway", "same", "other", "metadata", "private", "internet"]
TCP, UDP, RAW, V6, MAPPED, PACKET = 7100, 7200, 7300, 7400, 7450, 7500
IDENTITY = [42356, 80]
ANSWER = b"receiver"


def ports():
    everywhere = range(len(PLACES))
    for base in (TCP, V6, MAPPED):
        for n in everywhere:
            yield socket.SOCK_STREAM, base + n
    for base in (UDP, RAW, V6, PACKET):
        for n in everywhere:
            yield socket.SOCK_DGRAM, base + n
    for port in [53, *IDENTITY]:
        yield socket.SOCK_STREAM, port
    yield socket.SOCK_DGRAM, 53


def listening(family, kind, port):
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(("", port))
    if kind == socket.SOCK_STREAM:
        s.listen(64)
    return s


def answer(listener):
    with contextlib.suppress(OSError):
        if listener.type == socket.SOCK_DGRAM:
            question, peer = listener.recvfrom(2048)
            listener.sendto(question[:2] + ANSWER, peer)
            return
        connection, _ = listener.accept()
        with connection:
            connection.sendall(ANSWER)


def open_all():
    """Every listener that this kernel lets us have."""
    for family in (socket.AF_INET, socket.AF_INET6):
        for kind, port in ports():
            with contextlib.suppress(OSError):
                yield listening(family, kind, port)


def start():
    """Answers for ever in a thread of its own."""
    selector = selectors.DefaultSelector()
    for listener in open_all():
        selector.register(listener, selectors.EVENT_READ)

    def serve():
        while True:
            for key, _ in selector.select():
                answer(key.fileobj)

    threading.Thread(target=serve, daemon=True).start()
