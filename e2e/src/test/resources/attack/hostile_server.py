"""A sandbox as a hostile HTTP server: what it answers depends on the path, whatever was asked."""

import contextlib
import socket
import threading

HEAD = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "/": HEAD + b"Content-Length: 4\r\n\r\nmild",
    "/forged": HEAD
    + b"x-ms-error-code: Forged\r\nsandpool-request-id: forged\r\nsandpool-allocation-time-ms: 1\r\n"
    + b"Alt-Svc: h3=evil\r\nStrict-Transport-Security: max-age=9\r\n"
    + b"Set-Cookie: planted=1; Domain=DOMAIN\r\nContent-Length: 6\r\n\r\nforged",
    "/split": HEAD + b"Content-Length: 4\r\n\r\nmild" + HEAD + b"Content-Length: 6\r\n\r\npoison",
    "/two-lengths": HEAD + b"Content-Length: 4\r\nContent-Length: 10\r\n\r\nmildpoison",
    "/two-framings": HEAD + b"Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmild\r\n0\r\n\r\npoison",
    "/bare-cr": HEAD + b"X-Harmless: a\rX-Planted: 1\r\nContent-Length: 4\r\n\r\nmild",
    "/short": HEAD + b"Content-Length: 100\r\n\r\nmild",
    "/garbage": b"\0\1\2 this is not HTTP\r\n\r\n",
}
ENDLESS = "/endless"
ENDING = {"/short", "/garbage"}


def reach(query):
    """Whether something answers there: a door into the server from the inside."""
    host, port = query.split("&")[0].split(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        said = b"reached"
    except OSError:
        said = b"blocked"
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(said) + said


def serve(connection):
    with connection, connection.makefile("rb") as received, contextlib.suppress(OSError):
        while line := received.readline():
            while received.readline().strip():
                pass
            path, _, query = line.split()[1].decode().partition("?")
            if path == ENDLESS:
                connection.sendall(HEAD)
                while True:
                    connection.sendall(b"X-More: " + b"m" * 1000 + b"\r\n")
            connection.sendall(reach(query) if path == "/reach" else ANSWERS.get(path, ANSWERS["/"]))
            if path in ENDING:
                return


listener = socket.create_server(("", 8080))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
