#!/usr/bin/env python3
"""Checks the sample application by its own interface: check.py [COMMAND...] (default: this Python)."""

import hashlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND = sys.argv[1:] or [sys.executable, os.path.join(HERE, "app", "server.py")]


def start(**environment):
    return subprocess.Popen(
        COMMAND, stdout=subprocess.PIPE, text=True, env={**os.environ, "PORT": "0", **environment}
    )


class SampleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.app = start(GREETING="hello")
        cls.port = port = re.search(r"port (\d+)", cls.app.stdout.readline()).group(1)
        cls.connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)

    @classmethod
    def tearDownClass(cls):
        cls.connection.close()
        cls.app.terminate()
        cls.app.wait()
        cls.app.stdout.close()

    def call(self, method, path, body=None, **more):
        self.connection.request(method, path, body, **more)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def json(self, method, path, body=None, **more):
        status, text = self.call(method, path, body, **more)
        return status, json.loads(text)

    def test_runs_commands_on_any_path(self):
        body = json.dumps({"command": "echo 'Hello, world!'; echo oh >&2; exit 3"})
        status, answer = self.json("POST", "/any/path?identifier=x", body)
        self.assertEqual(status, 200)
        self.assertEqual(answer["stdout"], "Hello, world!\n")
        self.assertEqual(answer["stderr"], "oh\n")
        self.assertEqual(answer["output"], "Hello, world!\noh\n")
        self.assertEqual(answer["exitCode"], 3)

    def test_refuses_what_is_no_command_and_says_so(self):
        for body in ("", "{", "[]", '{"command": 1}', '{"code": "x"}'):
            status, answer = self.json("POST", "/", body)
            self.assertEqual(status, 400)
            self.assertIn("command", answer["error"])

    def test_echoes_target_headers_and_body_as_received(self):
        status, answer = self.json("PUT", "/echo?a=%2Fb&&c", "text", headers={"X-Two": "1"})
        self.assertEqual(status, 200)
        self.assertEqual(answer["method"], "PUT")
        self.assertEqual(answer["path"], "/echo?a=%2Fb&&c")
        self.assertIn(["X-Two", "1"], answer["headers"])
        self.assertEqual(answer["body"], "text")

    def test_reads_chunked_bodies_and_keeps_the_connection(self):
        blocks = [b"a" * 70000, b"b"]
        status, answer = self.json("POST", "/upload", iter(blocks), encode_chunked=True)
        self.assertEqual(status, 200)
        self.assertEqual(answer["bytes"], 70001)
        self.assertEqual(answer["sha256"], hashlib.sha256(b"".join(blocks)).hexdigest())
        self.assertEqual(self.call("GET", "/health")[0], 200)

    def test_a_body_nobody_read_is_not_the_next_request(self):
        self.assertEqual(self.call("PUT", "/health", "GET /exit HTTP/1.1\r\n\r\n")[0], 200)
        self.assertEqual(self.call("GET", "/health")[0], 200)

    def test_streams_lines(self):
        status, text = self.call("GET", "/stream?count=3&interval=0")
        self.assertEqual((status, text), (200, b'{"n": 0}\n{"n": 1}\n{"n": 2}\n'))

    def test_sends_events(self):
        status, text = self.call("GET", "/events?count=2&interval=0")
        self.assertEqual(
            (status, text), (200, b"id: 0\ndata: event 0\n\nid: 1\ndata: event 1\n\n")
        )

    def test_sends_messages_back(self):
        self.assertEqual(self.call("GET", "/websocket")[0], 400)
        with socket.create_connection(("127.0.0.1", int(self.port)), timeout=10) as connection:
            connection.sendall(
                b"GET /websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            stream = connection.makefile("rb")
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += stream.readline()
            self.assertIn(b"101 ", head)
            self.assertIn(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head)  # RFC 6455, 1.3
            mask = b"\x01\x02\x03\x04"
            for text in (b"hello", b"x" * 300):
                masked = bytes(octet ^ mask[i % 4] for i, octet in enumerate(text))
                length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe\x01\x2c"
                connection.sendall(b"\x81" + length + mask + masked)
                self.assertEqual(stream.read(1), b"\x81")
                skipped = 1 if len(text) < 126 else 3
                self.assertEqual(stream.read(skipped + len(text))[skipped:], text)
            connection.sendall(b"\x89\x80" + mask)
            self.assertEqual(stream.read(2), b"\x8a\x00")
            connection.sendall(b"\x88\x80" + mask)
            self.assertEqual(stream.read(), b"\x88\x00")

    def test_sends_bytes(self):
        self.assertEqual(self.call("GET", "/bytes?size=100000"), (200, b"x" * 100000))
        self.assertEqual(self.call("HEAD", "/bytes?size=7"), (200, b""))

    def test_small_things(self):
        self.assertEqual(self.json("GET", "/env")[1]["GREETING"], "hello")
        self.assertEqual(self.json("GET", "/sleep?seconds=0.01")[1]["slept"], 0.01)
        self.assertEqual(self.json("GET", "/fill-memory?mb=1")[1]["heldMb"], 1)
        self.assertEqual(self.json("GET", "/log?lines=2&bytes=10")[1]["lines"], 2)
        self.assertEqual(self.call("GET", "/nothing")[0], 404)
        self.assertIn("instance", self.json("GET", "/")[1])

    def test_a_wrong_parameter_is_refused(self):
        status, answer = self.json("GET", "/sleep?seconds=long")
        self.assertEqual(status, 400)
        self.assertIn("seconds", answer["error"])

    def test_exits_as_told(self):
        app = start()
        port = re.search(r"port (\d+)", app.stdout.readline()).group(1)
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
        connection.request("GET", "/exit?code=7")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        self.assertEqual(app.wait(10), 7)
        app.stdout.close()

    def test_exits_at_start(self):
        app = start(EXIT_AT_START="5")
        self.assertEqual(app.wait(10), 5)
        app.stdout.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
