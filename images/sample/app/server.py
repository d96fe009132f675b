"""The sample application: runs shell commands for its caller, and misbehaves on request for the tests.

It speaks HTTP/1.1 on plain sockets, because importing http.server would double the time a sandbox needs
until it listens. What is rarely needed (subprocess, hashlib, ...) is imported where it is used.
"""

import json
import os
import signal
import socket
import sys
import threading
import time

MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 64 * 1024 * 1024
BLOCK = 64 * 1024
INSTANCE = os.urandom(8).hex()
HELD = []  # what /fill-memory took


class BadRequest(Exception):
    """The caller's mistake; the text is the answer."""


class Gone(Exception):
    """The caller hung up."""


class Request:
    """One request whose body is read when the handler asks for it."""

    def __init__(self, connection, stream):
        self.connection, self.stream = connection, stream
        line = self._line()
        while line == b"":  # RFC 9112 2.2: empty lines before a request are skipped
            line = self._line()
        try:
            self.method, self.target, self.version = line.decode("latin-1").split(" ")
        except ValueError:
            raise BadRequest("not a request line") from None
        self.headers, size = [], 0
        while True:
            line = self._line()
            if line == b"":
                break
            size += len(line)
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or size > MAX_HEADER_BYTES:
                raise BadRequest("bad or too many headers")
            self.headers.append([name, value.strip()])
        self.path, _, self.query = self.target.partition("?")
        self.chunked = "chunked" in self.header("transfer-encoding", "").lower()
        self.remaining = int(self.header("content-length", "0"))
        self.started_body = False
        self.answered = False

    def _line(self):
        line = self.stream.readline(MAX_HEADER_BYTES)
        if not line.endswith(b"\n"):
            raise Gone()
        return line.rstrip(b"\r\n")

    def header(self, name, otherwise=None):
        for key, value in self.headers:
            if key.lower() == name:
                return value
        return otherwise

    def parameter(self, name, otherwise):
        """A query parameter, of the same type as its default."""
        for pair in self.query.split("&"):
            key, _, value = pair.partition("=")
            if key == name:
                try:
                    return type(otherwise)(value)
                except ValueError:
                    raise BadRequest(f"{name} must be a {type(otherwise).__name__}") from None
        return otherwise

    def keep_alive(self):
        connection = self.header("connection", "").lower()
        if self.version == "HTTP/1.0":
            return "keep-alive" in connection
        return "close" not in connection

    def blocks(self):
        """The body, block by block, as it arrives."""
        if not self.started_body and self.header("expect", "").lower() == "100-continue":
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.started_body = True
        while self.chunked:
            self.remaining = int(self._line().split(b";")[0], 16)
            if self.remaining == 0:
                while self._line() != b"":
                    pass  # trailers
                self.chunked = False
                return
            yield from self._counted()
            self._line()
        yield from self._counted()

    def _counted(self):
        while self.remaining > 0:
            block = self.stream.read1(min(BLOCK, self.remaining))
            if not block:
                raise Gone()
            self.remaining -= len(block)
            yield block

    def body(self):
        whole = bytearray()
        for block in self.blocks():
            whole += block
            if len(whole) > MAX_BODY_BYTES:
                raise BadRequest("body too large")
        return bytes(whole)

    def answer(self, status, value):
        self.answer_bytes(status, "application/json", json.dumps(value).encode() + b"\n")

    def answer_bytes(self, status, content_type, content):
        self.head(status, content_type, f"Content-Length: {len(content)}", content)

    def head(self, status, content_type, framing, content=b""):
        close = "" if self.keep_alive() else "Connection: close\r\n"
        head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{framing}\r\n{close}\r\n"
        self.answered = True
        self.connection.sendall(head.encode() + (b"" if self.method == "HEAD" else content))


def health(request):
    request.answer("200 OK", {"status": "ok"})


def about(request):
    request.answer("200 OK", {"instance": INSTANCE, "pid": os.getpid(), "uid": os.getuid()})


def echo(request):
    body = request.body()
    request.answer(
        "200 OK",
        {
            "method": request.method,
            "path": request.target,
            "headers": request.headers,
            "body": body.decode("utf-8", "replace"),
            "bodyBytes": len(body),
            "instance": INSTANCE,
        },
    )


def stream(request):
    count, interval = request.parameter("count", 5), request.parameter("interval", 0.1)
    request.head("200 OK", "application/x-ndjson", "Transfer-Encoding: chunked")
    for number in range(count):
        if number > 0:
            time.sleep(interval)
        line = json.dumps({"n": number}).encode() + b"\n"
        request.connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))
    request.connection.sendall(b"0\r\n\r\n")


def events(request):
    count, interval = request.parameter("count", 5), request.parameter("interval", 0.1)
    request.head("200 OK", "text/event-stream", "Transfer-Encoding: chunked")
    for number in range(count):
        if number > 0:
            time.sleep(interval)
        event = b"id: %d\ndata: event %d\n\n" % (number, number)
        request.connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
    request.connection.sendall(b"0\r\n\r\n")


def websocket(request):
    """Sends every message back (RFC 6455)."""
    import base64
    import hashlib

    key = request.header("sec-websocket-key")
    if key is None or request.header("upgrade", "").lower() != "websocket":
        raise BadRequest("this is for WebSockets")
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    request.answered = True
    request.connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )
    opcode = 0
    while opcode != 8:  # the end
        first, opcode, content = frame(request.stream)
        if opcode == 9:  # a ping
            first += 1
        if opcode != 10:  # a pong
            request.connection.sendall(bytes([first]) + said_length(len(content)) + content)
    raise Gone()


def said_length(length):
    if length < 126:
        return bytes([length])
    if length < 65536:
        return b"\x7e" + length.to_bytes(2, "big")
    return b"\x7f" + length.to_bytes(8, "big")


def frame(stream):
    """The next one: its first byte, its opcode, what it holds."""
    first, length = exactly(stream, 2)
    if length & 0x7F == 126:
        length = int.from_bytes(exactly(stream, 2), "big")
    elif length & 0x7F == 127:
        length = int.from_bytes(exactly(stream, 8), "big")
    else:
        length &= 0x7F
    if length > MAX_BODY_BYTES:
        raise Gone()
    mask = exactly(stream, 4)
    content = exactly(stream, length)
    key = (mask * (length // 4 + 1))[:length]
    plain = int.from_bytes(content, "big") ^ int.from_bytes(key, "big")
    return first, first & 0x0F, plain.to_bytes(length, "big")


def exactly(stream, length):
    content = stream.read(length)
    if len(content) < length:
        raise Gone()
    return content


def sleep(request):
    seconds = request.parameter("seconds", 1.0)
    time.sleep(seconds)
    request.answer("200 OK", {"slept": seconds})


def send_bytes(request):
    size = request.parameter("size", 1024)
    request.head("200 OK", "application/octet-stream", f"Content-Length: {size}")
    block = b"x" * BLOCK
    while size > 0 and request.method != "HEAD":
        request.connection.sendall(block[:size])
        size -= BLOCK


def upload(request):
    import hashlib

    count, digest = 0, hashlib.sha256()
    for block in request.blocks():
        count += len(block)
        digest.update(block)
    request.answer("200 OK", {"bytes": count, "sha256": digest.hexdigest()})


def fill_memory(request):
    for _ in range(request.parameter("mb", 64)):
        HELD.append(os.urandom(4096) * 256)
    request.answer("200 OK", {"heldMb": len(HELD)})


def leave(request):
    code = request.parameter("code", 0)
    if request.parameter("answer", "true") == "true":
        request.answer("200 OK", {"exiting": code})
    exit_now(code)


def environment(request):
    request.answer("200 OK", dict(os.environ))


def log(request):
    lines, size = request.parameter("lines", 1), request.parameter("bytes", 80)
    for number in range(lines):
        print(f"{number} ".ljust(size, "x"), flush=True)
    request.answer("200 OK", {"lines": lines})


def run(request):
    import subprocess

    try:
        command = json.loads(request.body())["command"]
    except (ValueError, KeyError, TypeError):
        command = None
    if not isinstance(command, str):
        raise BadRequest('send JSON with a command: {"command": "echo \'Hello, world!\'"}')
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as problem:  # a bound on processes or memory
        request.answer("500 Internal Server Error", {"error": f"cannot run the command: {problem}"})
        return
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    request.answer(
        "200 OK", {"output": out + err, "stdout": out, "stderr": err, "exitCode": done.returncode}
    )


ROUTES = {
    "/health": health,
    "/echo": echo,
    "/stream": stream,
    "/events": events,
    "/websocket": websocket,
    "/sleep": sleep,
    "/bytes": send_bytes,
    "/upload": upload,
    "/fill-memory": fill_memory,
    "/exit": leave,
    "/env": environment,
    "/log": log,
}


def route(request):
    handler = ROUTES.get(request.path)
    if handler is not None:
        return handler
    if request.method == "POST":
        return run
    return about if request.path == "/" else not_found


def not_found(request):
    request.answer("404 Not Found", {"error": f"there is nothing at {request.path}"})


def serve(connection):
    """All requests of one connection."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb", BLOCK) as received:
        try:
            more = True
            while more:
                more = serve_one(connection, received)
        except (Gone, OSError):
            pass  # nobody is there to be told
        except (BadRequest, ValueError) as problem:
            refuse(connection, problem)


def serve_one(connection, received):
    request = Request(connection, received)
    try:
        route(request)(request)
    except BadRequest as problem:
        if request.answered:
            return False
        request.answer("400 Bad Request", {"error": str(problem)})
    for _ in request.blocks():
        pass  # what the handler left unread would be taken for the next request
    return request.keep_alive()


def refuse(connection, problem):
    text = json.dumps({"error": str(problem)}).encode()
    head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
    try:
        connection.sendall(head.encode() + text)
    except OSError:
        pass


def exit_now(code):
    """Ends the process with that code, whichever thread asks for it."""
    sys.stdout.flush()
    os._exit(code)


def main():
    # The first process of a container has no default action for TERM: without this it would wait for KILL.
    signal.signal(signal.SIGTERM, lambda *_: exit_now(0))
    if "EXIT_AT_START" in os.environ:
        print("leaving at once, as EXIT_AT_START says", flush=True)
        exit_now(int(os.environ["EXIT_AT_START"]))
    time.sleep(float(os.environ.get("LISTEN_DELAY", "0")))
    port = int(os.environ.get("PORT", "8080"))
    listener = socket.create_server(("0.0.0.0", port), backlog=1024)
    print(f"listening on port {listener.getsockname()[1]}", flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
