"""The code interpreter's HTTP: /executions, /code/execute, /files, /session, in old shapes and new."""

import importlib.metadata
import json
import os
import platform
import signal
import sys
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from executions import Executions, Order, Refused
from files import Files, Form, time_of

MAX_BODY = 16 * 1024 * 1024
BLOCK = 64 * 1024
DRAINED = 1024 * 1024 * 1024
NEW_SHAPE = "2024-10"
STARTED = time.time()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandpool-code-interpreter"
    sys_version = ""
    timeout = 300

    def log_message(self, *_):
        pass  # addresses hold identifiers

    def do_GET(self):
        self.serve()

    do_POST = do_DELETE = do_PUT = do_PATCH = do_GET

    # --- what comes in ---------------------------------------------------------------------------

    def serve(self):
        self.unread = True
        path, _, query = self.path.partition("?")
        self.query = {name.lower(): values[0] for name, values in urllib.parse.parse_qs(query, True).items()}
        self.parts = [urllib.parse.unquote(part) for part in path.split("/") if part]
        try:
            self.route()
        except Refused as e:
            self.problem(e.status, e.code, str(e), e.target)
        except (BrokenPipeError, ConnectionError):
            self.close_connection = True
        except Exception as e:
            self.problem(500, "InternalServerError", f"{type(e).__name__}: {e}")

    def blocks(self):
        self.unread = False
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            while True:
                size = int(self.rfile.readline(1024).split(b";")[0] or b"0", 16)
                left = size
                while left:
                    block = self.rfile.read1(min(BLOCK, left))
                    if not block:
                        raise ConnectionError()
                    left -= len(block)
                    yield block
                self.rfile.readline(1024)
                if size == 0:
                    return
        left = int(self.headers.get("content-length") or 0)
        while left:
            block = self.rfile.read1(min(BLOCK, left))
            if not block:
                raise ConnectionError()
            left -= len(block)
            yield block

    def json(self):
        body = bytearray()
        for block in self.blocks():
            body += block
            if len(body) > MAX_BODY:
                self.close_connection = True
                raise Refused(413, "RequestTooLarge", f"The body has more than {MAX_BODY} bytes.")
        try:
            return json.loads(body)
        except ValueError:
            raise Refused(400, "InvalidRequestContent", "The body is not JSON.") from None

    # --- where it goes ---------------------------------------------------------------------------

    def route(self):
        method, parts = self.command, self.parts
        match method, parts:
            case "GET", [] | ["health"] | ["health", "startup"]:
                self.answer(200, {"status": "ok"})
            case "POST", ["executions"]:
                self.execute()
            case "GET", ["executions", key]:
                self.execution(key)
            case "POST", ["code", "execute"] | ["execute"] | ["python", "execute"]:
                self.execute_old()
            case "GET", ["files"]:
                self.list_files()
            case "POST", ["files"]:
                self.answer(200, self.files().view(self.stored()))
            case "POST", ["files", "upload"] | ["python", "uploadFile"]:
                self.answer(200, {"$id": "1", "value": [self.files().old_view(self.stored())]})
            case "GET", ["files", "content", *name] if name:
                self.send_file("/".join(name))
            case "GET", ["files", *name, "content"] if name:
                self.send_file("/".join(name))
            case "GET", ["files", *name] if name:
                place = self.files().existing("/".join(name), self.query.get("path"))
                self.answer(200, self.files().old_view(place) if self.old() else self.files().view(place))
            case "DELETE", ["files", *name] if name:
                os.unlink(self.files().existing("/".join(name), self.query.get("path")))
                if self.old():
                    self.answer(200, {"message": "file deleted successfully"})
                else:
                    self.answer(204, None)
            case "GET", ["session"]:
                self.answer(200, self.session())
            case "DELETE", ["session"]:
                self.end_session()
            case "GET", ["metadata"]:
                self.answer(200, metadata())
            case _:
                raise Refused(404, "NotFound", f"There is nothing for {method} at '/{'/'.join(parts)}'.")

    def old(self):
        version = self.query.get("api-version", "")
        return bool(version) and version < NEW_SHAPE

    def files(self):
        return self.server.files

    def identifier(self):
        return self.query.get("identifier", "")

    # --- executions ------------------------------------------------------------------------------

    def execute(self):
        body = self.json()
        if isinstance(body, dict) and "code" not in body and "properties" in body:
            raise Refused(400, "SessionPropertiesMissing", "'code' stands at the top of this body, not under 'properties'.")
        order = Order(body)
        execution = self.server.executions.start(self.identifier(), order, self.operation())
        headers = {"operation-id": execution.id, "Operation-Location": self.location(execution)}
        if order.kind == "Asynchronous":
            self.answer(202, view(execution), headers)
        else:
            execution.ended.wait()
            self.answer(200, view(execution), headers)

    def operation(self):
        """The caller's own name for an execution, if he has a usable one that is not taken."""
        given = self.headers.get("operation-id")
        try:
            key = str(uuid.UUID(given)) if given else None
        except ValueError:
            return None
        return None if key and self.server.executions.find(key) else key

    def location(self, execution):
        query = urllib.parse.urlencode(
            {name: self.query[name] for name in ("identifier", "api-version") if name in self.query}
        )
        return f"/executions/{execution.id}" + (f"?{query}" if query else "")

    def execution(self, key):
        execution = self.server.executions.find(key)
        if execution is None:
            raise Refused(404, "ExecutionNotFound", f"There is no execution '{key}'.")
        self.answer(200 if execution.ended.is_set() else 202, view(execution), {"operation-id": execution.id})

    def execute_old(self):
        body = self.json()
        properties = body.get("properties") if isinstance(body, dict) else None
        if not isinstance(properties, dict):
            raise Refused(400, "SessionPropertiesMissing", "The body has no 'properties'.", "properties")
        execution = self.server.executions.start(self.identifier(), Order(properties))
        execution.ended.wait()
        outcome = execution.outcome
        result = "" if outcome["executionResult"] is None else outcome["executionResult"]
        answer = {
            "$id": "2",
            "status": "Success" if execution.status == "Succeeded" else "Failure",
            "stdout": outcome["stdout"],
            "stderr": outcome["stderr"],
            "result": result,
            "executionResult": result,
            "executionTimeInMilliseconds": outcome["executionTimeInMilliseconds"],
        }
        self.answer(200, {"$id": "1", "properties": answer}, {"operation-id": execution.id})

    # --- files and the session -------------------------------------------------------------------

    def list_files(self):
        if self.old():
            root = self.files().folder(self.query.get("path"))
            names = [entry.path for entry in sorted(os.scandir(root), key=lambda one: one.name) if entry.is_file()]
            self.answer(200, {"$id": "1", "value": [self.files().old_view(place) for place in names]})
        else:
            recursive = self.query.get("recursive", "").lower() == "true"
            self.answer(200, {"value": self.files().list(self.query.get("path"), recursive), "nextLink": None})

    def stored(self):
        blocks = self.blocks()
        try:
            return self.files().store(Form(self.headers.get("content-type"), blocks), self.query.get("path"))
        finally:
            self.close_connection = True
            # A caller that is cut off while it sends never sees why: what is left is read and dropped.
            left = DRAINED
            while left > 0 and (block := next(blocks, None)):
                left -= len(block)

    def send_file(self, name):
        place = self.files().existing(name, self.query.get("path"))
        with open(place, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            self.head(200, "application/octet-stream", size, {})
            left = size
            while left:
                block = file.read(min(BLOCK, left))
                if not block:
                    raise ConnectionError("the file became shorter")
                self.wfile.write(block)
                left -= len(block)

    def session(self):
        now = time.time()
        return {
            "identifier": self.identifier(),
            "etag": self.server.instance,
            "createdAt": time_of(STARTED),
            "lastAccessedAt": time_of(now),
            "expireAt": None,
        }

    def end_session(self):
        """The session ends with this container: its slot is free for another."""
        self.server.executions.close()
        self.answer(204, None)
        self.wfile.flush()
        threading.Thread(target=self.server.shutdown, daemon=True).start()

    # --- what goes out ---------------------------------------------------------------------------

    def problem(self, status, code, message, target=None):
        error = {"code": code, "message": message, "target": target, "details": [], "innererror": None}
        self.answer(status, {"error": error}, {"x-ms-error-code": code})

    def answer(self, status, value, headers=None):
        content = b"" if value is None else json.dumps(value).encode()
        self.head(status, "application/json; charset=utf-8", None if value is None else len(content), headers or {})
        self.wfile.write(content)

    def head(self, status, content_type, length, headers):
        if self.unread and (self.headers.get("content-length", "0") != "0" or "transfer-encoding" in self.headers):
            self.close_connection = True  # or the body would be taken for the next request
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()


def view(execution):
    shown = {
        "id": execution.id,
        "identifier": execution.identifier,
        "executionType": execution.order.kind,
        "status": execution.status,
    }
    if execution.error:
        shown["error"] = execution.error
    if execution.outcome is not None and execution.ended.is_set():
        shown["result"] = execution.outcome
    return shown


def metadata():
    packages = {one.metadata["Name"]: one.version for one in importlib.metadata.distributions() if one.metadata["Name"]}
    return {
        "runtimes": [{"name": "Python", "version": platform.python_version()}],
        "preInstalledPackages": [{"name": name, "version": version} for name, version in sorted(packages.items())],
        "createdAt": time_of(os.path.getmtime(__file__)),
        "lastUpdatedAt": time_of(os.path.getmtime(__file__)),
        "jupyterKernel": None,
    }


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, folder):
        self.files = Files(folder)
        self.executions = Executions(self.files.root)
        self.instance = str(uuid.uuid4())
        super().__init__(("0.0.0.0", port), Handler)


def main():
    folder = os.environ.get("DATA_DIR", "/mnt/data")
    server = Server(int(os.environ.get("PORT", "6000")), folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on port {server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    finally:
        server.executions.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
