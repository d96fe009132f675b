"""The process that runs the caller's code and keeps its variables. It obeys one line of JSON a time.

Commands come on the standard input, answers go to the descriptor that ANSWERS names; standard output and error
belong to the caller's code, programs it starts included. After each execution a mark is written to both, so that
the reader knows what belonged to it.
"""

import ast
import base64
import builtins
import io
import json
import linecache
import os
import signal
import sys
import traceback

MAX_RESULT = 8 * 1024 * 1024


class Result:
    """What one execution leaves behind beside its output: at most one value and one image."""

    def __init__(self):
        self.value, self.shown, self.png = None, False, None

    def take(self, value):
        image = png(value)
        if image is not None:
            self.png = image
        elif value is not None:
            self.value, self.shown = value, True

    def plain(self, jupyter):
        if jupyter:
            data = {"text/plain": text(self.value)} if self.shown else {}
            if self.png is not None:
                data["image/png"] = self.png
            return {"data": data, "metadata": {}} if data else None
        if self.png is not None:
            return {"type": "image", "format": "png", "base64_data": self.png}
        return jsonable(self.value) if self.shown else None


def png(value):
    """The picture of a value, in base64, if it has one."""
    if isinstance(value, type):
        return None
    try:
        if callable(getattr(value, "_repr_png_", None)):
            drawn = value._repr_png_()
        elif callable(getattr(value, "savefig", None)):
            buffer = io.BytesIO()
            value.savefig(buffer, format="png")
            drawn = buffer.getvalue()
        else:
            return None
    except Exception:
        return None
    if isinstance(drawn, tuple):  # with metadata
        drawn = drawn[0]
    if isinstance(drawn, bytes):
        drawn = base64.b64encode(drawn).decode()
    return drawn if isinstance(drawn, str) and len(drawn) <= MAX_RESULT else None


def text(value):
    try:
        shown = repr(value)
    except Exception as e:
        shown = f"<{type(value).__name__} whose repr() raised {type(e).__name__}>"
    return shown if len(shown) <= MAX_RESULT else shown[:MAX_RESULT] + "..."


def jsonable(value):
    """The value itself where JSON has it, else what repr() says."""
    try:
        if simple(value) and len(json.dumps(value, allow_nan=False)) <= MAX_RESULT:
            return value
    except (ValueError, TypeError, RecursionError):
        pass
    return text(value)


def simple(value):
    if isinstance(value, dict) and type(value) is dict:
        return all(type(key) is str and simple(one) for key, one in value.items())
    if type(value) in (list, tuple):
        return all(simple(one) for one in value)
    return value is None or type(value) in (str, int, float, bool)


def figures():
    """The last of the pictures that code has drawn and not shown, as a value; all are closed."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or not pyplot.get_fignums():
        return None
    figure = pyplot.figure(pyplot.get_fignums()[-1])
    picture = png(figure)
    pyplot.close("all")
    return picture


class Kernel:
    def __init__(self):
        self.count = 0
        self.result = Result()
        self.names = {"__name__": "__main__", "__builtins__": builtins}
        builtins.display = self.display

    def display(self, *values):
        for value in values:
            image = png(value)
            if image is not None:
                self.result.png = image
            else:
                print(value)

    def run(self, code, jupyter=False):
        self.count += 1
        self.result = Result()
        name = f"<cell {self.count}>"
        linecache.cache[name] = (len(code), None, code.splitlines(True), name)
        try:
            self.execute(code, name)
            drawn = figures()
            if self.result.png is None and drawn is not None:
                self.result.png = drawn
            return {"ok": True, "result": self.result.plain(jupyter)}
        except KeyboardInterrupt:
            return {"ok": False, "interrupted": True}
        except SystemExit as e:
            return self.failed(e, "")
        except BaseException as e:
            return self.failed(e, self.trace(e))

    def execute(self, code, name):
        tree = ast.parse(code, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            exec(compile(tree, name, "exec"), self.names)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), name, "eval"), self.names)
                self.result.take(value)
                if value is not None:
                    self.names["_"] = value
        finally:
            # A late interrupt must not hit what comes after the code.
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    @staticmethod
    def trace(e):
        if isinstance(e, SyntaxError):
            return "".join(traceback.format_exception_only(type(e), e))
        frames = e.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
            frames = frames.tb_next
        return "".join(traceback.format_exception(type(e), e, frames))

    @staticmethod
    def failed(e, trace):
        return {"ok": False, "name": type(e).__name__, "message": str(e)[:4096], "trace": trace[-65536:]}


def main():
    commands = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(int(os.environ.pop("ANSWERS")), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # code that asks gets an end of file instead of our commands
    os.close(nothing)
    os.set_inheritable(answers.fileno(), False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.argv = [""]
    sys.path[0] = os.getcwd()
    kernel = Kernel()
    answers.write(b"{}\n")
    answers.flush()
    for line in commands:
        command = json.loads(line)
        answer = kernel.run(command["code"], command.get("jupyter", False))
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass  # closed or replaced by the code
        for number in (1, 2):
            try:
                os.write(number, command["mark"].encode())
            except OSError:
                pass
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
