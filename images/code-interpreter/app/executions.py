"""Executions: one kernel, one code at a time, with a time limit, bounded output and a memory of what was run."""

import base64
import binascii
import collections
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_TIMEOUT = 220
DEFAULT_TIMEOUT = 60
DEFAULT_OUTPUT = 4096
MAX_OUTPUT = 1024 * 1024
MAX_WAITING = 16
REMEMBERED = 100
GRACE = 2.0
TIMED_OUT = "Request timed out waiting for code execution to complete"
ABORTED = "Execution aborted"


class Refused(Exception):
    """A request that is wrong in itself."""

    def __init__(self, status, code, message, target=None):
        super().__init__(message)
        self.status, self.code, self.target = status, code, target


class Output:
    """One stream of a kernel: the beginning of what was written since it was last begun."""

    def __init__(self, stream):
        self.stream, self.limit, self.mark = stream, 0, b""
        self.kept, self.ended, self.tail = bytearray(), threading.Event(), b""
        threading.Thread(target=self.read, daemon=True).start()

    def begin(self, limit, mark):
        self.kept, self.tail, self.limit, self.mark = bytearray(), b"", limit * 4, mark
        self.ended.clear()

    def read(self):
        while True:
            block = self.stream.read1(65536)
            if not block:
                self.ended.set()
                return
            # The mark may arrive in two pieces: the end of the last block is looked at again.
            data = self.tail + block
            place = data.find(self.mark) if self.mark else -1
            if place >= 0:
                self.keep(data[:place])
                self.tail, self.mark = b"", b""
                self.ended.set()
            else:
                cut = max(0, len(data) - len(self.mark) + 1) if self.mark else len(data)
                self.keep(data[:cut])
                self.tail = data[cut:]

    def keep(self, data):
        self.kept += data[: max(0, self.limit - len(self.kept))]

    def text(self, limit):
        self.ended.wait(GRACE)
        return bytes(self.kept).decode("utf-8", "replace")[:limit]


class Process:
    """A kernel's process."""

    def __init__(self, folder):
        mine, its = os.pipe()
        environment = {**os.environ, "ANSWERS": str(its), "MPLBACKEND": "Agg", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "kernel.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[its],
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        os.close(its)
        self.answers = os.fdopen(mine, "rb")
        self.out, self.err = Output(self.process.stdout), Output(self.process.stderr)
        self.answer, self.answered = None, threading.Event()
        threading.Thread(target=self.listen, daemon=True).start()
        self.wait(30)

    def listen(self):
        for line in self.answers:
            self.answer = json.loads(line)
            self.answered.set()
        self.answer = None
        self.answered.set()
        self.answers.close()

    def wait(self, seconds):
        """The answer; None if the process has ended; TimeoutError."""
        if not self.answered.wait(seconds):
            raise TimeoutError()
        return self.answer

    def send(self, code, limit, jupyter):
        mark = "\0" + uuid.uuid4().hex + "\0"
        self.out.begin(limit, mark.encode())
        self.err.begin(limit, mark.encode())
        self.answered.clear()
        command = {"code": code, "mark": mark, "jupyter": jupyter}
        try:
            self.process.stdin.write(json.dumps(command).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            self.answer = None
            self.answered.set()

    def interrupt(self):
        self.signal(signal.SIGINT)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        try:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except ProcessLookupError:
            pass


class Order:
    """What a caller asks for, checked (contract of /executions)."""

    def __init__(self, body):
        if not isinstance(body, dict) or not isinstance(body.get("code", body.get("pythonCode")), str):
            raise Refused(400, "SessionPropertiesMissing", "The body has no text under 'code'.", "code")
        self.kind = choice(body, "executionType", ("Synchronous", "Asynchronous"))
        form = choice(body, "codeInputType", ("Inline", "InlineBase64", "InlineText"))
        code = body.get("code", body.get("pythonCode"))
        self.code = decoded(code) if form == "InlineBase64" else code
        self.timeout = number(body, "timeoutInSeconds", 1, MAX_TIMEOUT, DEFAULT_TIMEOUT)
        self.limit = number(body, "outputStreamsMaxLength", 0, MAX_OUTPUT, DEFAULT_OUTPUT)
        self.empty = body.get("useEmptyKernel") is True
        self.jupyter = body.get("returnJupyterFormatExecutionResult") is True


def choice(body, name, values):
    given = body.get(name)
    if given is None:
        return values[0]
    for value in values:
        if isinstance(given, str) and given.lower() == value.lower():
            return value
    raise Refused(400, "InvalidRequestContent", f"{name} is not one of {', '.join(values)}.", name)


def number(body, name, least, most, otherwise):
    given = body.get(name)
    if given is None:
        return otherwise
    if isinstance(given, str) and given.isdigit():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not least <= given <= most:
        raise Refused(400, "InvalidRequestContent", f"{name} must be {least} to {most}.", name)
    return int(given)


def decoded(text):
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise Refused(400, "InvalidRequestContent", "code is not UTF-8 in base64.", "code") from None


class Execution:
    def __init__(self, identifier, order, key):
        self.id, self.identifier, self.order = key, identifier, order
        self.status, self.outcome, self.error = "NotStarted", None, None
        self.ended = threading.Event()


class Executions:
    """All of this session."""

    def __init__(self, folder):
        self.folder = folder
        self.all = collections.OrderedDict()
        self.lock, self.turn = threading.Lock(), threading.Lock()
        self.waiting = 0
        self.kernel = Process(folder)

    def start(self, identifier, order, key=None):
        execution = Execution(identifier, order, key or str(uuid.uuid4()))
        with self.lock:
            if self.waiting >= MAX_WAITING:
                raise Refused(429, "TooManyExecutions", f"{MAX_WAITING} executions are waiting already.")
            self.waiting += 1
            self.all[execution.id] = execution
            for old in [one for one in self.all.values() if one.ended.is_set()][: max(0, len(self.all) - REMEMBERED)]:
                del self.all[old.id]
        threading.Thread(target=self.run, args=[execution], daemon=True).start()
        return execution

    def find(self, key):
        with self.lock:
            return self.all.get(key)

    def run(self, execution):
        try:
            with self.turn:
                execution.status = "Running"
                started = time.monotonic()
                if execution.order.empty:
                    kernel = Process(self.folder)
                    try:
                        self.run_in(kernel, execution)
                    finally:
                        kernel.kill()
                else:
                    if not self.kernel.alive():
                        self.kernel = Process(self.folder)
                    self.run_in(self.kernel, execution)
                execution.outcome["executionTimeInMilliseconds"] = int((time.monotonic() - started) * 1000)
        except Exception as e:
            execution.outcome = {"stdout": "", "stderr": ABORTED, "executionResult": None, "executionTimeInMilliseconds": 0}
            execution.error = {"code": "ExecutionAborted", "message": f"{type(e).__name__}: {e}"}
        finally:
            execution.status = "Failed" if execution.error else "Succeeded"
            with self.lock:
                self.waiting -= 1
            execution.ended.set()

    def run_in(self, kernel, execution):
        order = execution.order
        kernel.send(order.code, order.limit, order.jupyter)
        trouble = None
        try:
            answer = kernel.wait(order.timeout)
        except TimeoutError:
            trouble = TIMED_OUT
            kernel.interrupt()
            try:
                answer = kernel.wait(GRACE)
            except TimeoutError:
                kernel.kill()  # code that does not let itself be interrupted takes its variables with it
                answer = None
        out = kernel.out.text(order.limit)
        err = kernel.err.text(order.limit)
        if answer is None and trouble is None:
            trouble = ABORTED
            kernel.kill()
        if trouble is None and answer.get("interrupted"):
            trouble = "KeyboardInterrupt"
        if trouble is not None:
            execution.error = {"code": "ExecutionTimeout" if trouble == TIMED_OUT else "ExecutionAborted", "message": trouble}
            err = (err + trouble)[-max(order.limit, len(trouble)) :]
        elif not answer["ok"]:
            execution.error = {"code": answer["name"], "message": answer["message"]}
            # The end of a trace says what happened, so it is the beginning of the output that goes.
            err = (err + answer["trace"])[-order.limit :] if order.limit else ""
        result = answer.get("result") if answer and trouble is None else None
        execution.outcome = {"stdout": out, "stderr": err, "executionResult": result}

    def close(self):
        self.kernel.kill()
