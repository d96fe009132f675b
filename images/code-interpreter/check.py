#!/usr/bin/env python3
"""Checks the code interpreter by its own interface: check.py [COMMAND...] (default: this Python).

Bodies marked "as sent by" are those that clients of the contract send, word for word.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND = sys.argv[1:] or [sys.executable, os.path.join(HERE, "app", "server.py")]
OLD, NEW = "api-version=2024-02-02-preview", "api-version=2025-02-02-preview"


class Interpreter:
    """One container's worth of it."""

    def __init__(self, **environment):
        self.folder = tempfile.TemporaryDirectory()
        variables = {**os.environ, "PORT": "0", "DATA_DIR": self.folder.name, **environment}
        self.process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True, env=variables)
        self.port = int(re.search(r"port (\d+)", self.process.stdout.readline()).group(1))

    def call(self, method, path, body=None, headers=None):
        """Status, headers and bytes of an answer."""
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        address = f"http://127.0.0.1:{self.port}{path}{'&' if '?' in path else '?'}identifier=user-1"
        request = urllib.request.Request(address, data, headers or {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.headers, e.read()

    def json(self, *request):
        status, _, content = self.call(*request)
        return status, json.loads(content)

    def run(self, code, **more):
        body = {"codeInputType": "inline", "executionType": "synchronous", "timeoutInSeconds": 60, "code": code}
        status, answer = self.json("POST", f"/executions?{NEW}", {**body, **more})
        assert status == 200, answer
        return answer

    def upload(self, path, filename, content):
        boundary = "b0undary"
        form = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="other"\r\n\r\nnot a file\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        status, _, answer = self.call("POST", path, form, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        return status, json.loads(answer)

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.folder.cleanup()


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.it = Interpreter(MAX_UPLOAD_BYTES="100000")

    @classmethod
    def tearDownClass(cls):
        cls.it.close()


class RecordedBodiesTest(Base):
    """What clients send today, and what they read of the answer."""

    def old(self, properties, path="/code/execute"):
        status, answer = self.it.json("POST", f"{path}?{OLD}", {"properties": properties})
        self.assertEqual(status, 200)
        return answer["properties"]

    def test_langchain(self):
        read = self.old({"codeInputType": "inline", "executionType": "synchronous", "code": "print('hi')\n6 * 7"})
        self.assertEqual((read["result"], read["stdout"], read["stderr"]), (42, "hi\n", ""))

    def test_semantic_kernel_indexes_result_directly(self):
        body = {"codeInputType": "inline", "executionType": "synchronous", "code": "x = 1", "timeoutInSeconds": 100, "identifier": "user-1"}
        read = self.old(body)
        self.assertEqual(read["status"], "Success")
        self.assertEqual((read["result"], read["stdout"], read["stderr"]), ("", "", ""))

    def test_autogen_reads_the_status(self):
        read = self.old({"codeInputType": "inline", "executionType": "synchronous", "code": "1/0"})
        self.assertEqual(read["status"], "Failure")
        self.assertIn("ZeroDivisionError: division by zero", read["stderr"])
        self.assertIsInstance(read["executionTimeInMilliseconds"], int)

    def test_first_preview(self):
        for path in ("/python/execute", "/execute"):
            self.assertEqual(self.old({"pythonCode": "2 + 2"}, path)["result"], 4)

    def test_langchain_image(self):
        code = "class P:\n  def _repr_png_(self): return b'\\x89PNG'\nP()"
        result = self.old({"codeInputType": "inline", "executionType": "synchronous", "code": code})["result"]
        self.assertEqual(result, {"type": "image", "format": "png", "base64_data": base64.b64encode(b"\x89PNG").decode()})

    def test_command_line(self):
        body = {"codeInputType": "inline", "executionType": "synchronous", "timeoutInSeconds": 60, "code": "print('Hello world')"}
        status, headers, content = self.it.call("POST", f"/executions?{NEW}", body)
        answer = json.loads(content)
        self.assertEqual(status, 200)
        self.assertEqual((answer["status"], answer["result"]["stdout"]), ("Succeeded", "Hello world\n"))
        self.assertEqual(answer["identifier"], "user-1")
        self.assertEqual(answer["executionType"], "Synchronous")
        self.assertEqual(headers["operation-id"], answer["id"])

    def test_asynchronous(self):
        body = {"codeInputType": "Inline", "executionType": "Asynchronous", "code": "import time; time.sleep(0.3); 5", "timeoutInSeconds": 10}
        operation = "12345678-1234-1234-1234-123456789012"
        headers = {"operation-id": operation, "Content-Type": "application/json"}
        status, headers, content = self.it.call("POST", f"/executions?{NEW}", body, headers)
        self.assertEqual(status, 202)
        self.assertEqual(json.loads(content)["id"], operation)
        self.assertTrue(headers["Operation-Location"].startswith(f"/executions/{operation}?identifier=user-1"))
        self.it.run("0")  # executions go one after another: it has ended when this has
        status, answer = self.it.json("GET", f"/executions/{operation}?{NEW}")
        self.assertEqual((status, answer["status"], answer["result"]["executionResult"]), (200, "Succeeded", 5))
        self.assertEqual(self.it.call("GET", "/executions/none")[0], 404)

    def test_newest_options(self):
        answer = self.it.run("print('x' * 50); 'y'", outputStreamsMaxLength=5, returnJupyterFormatExecutionResult=True)
        self.assertEqual(answer["result"]["stdout"], "xxxxx")
        self.assertEqual(answer["result"]["executionResult"]["data"], {"text/plain": "'y'"})
        code = base64.b64encode("'ä'".encode()).decode()
        self.assertEqual(self.it.run(code, codeInputType="InlineBase64")["result"]["executionResult"], "ä")

    def test_wrong_bodies_are_refused_with_code_and_target(self):
        def refused(path, body):
            status, headers, content = self.it.call("POST", path, body)
            error = json.loads(content)["error"]
            self.assertEqual((status, headers["x-ms-error-code"]), (400, error["code"]))
            return error["code"], error["target"]

        self.assertEqual(refused("/executions", {"properties": {"code": "1"}})[0], "SessionPropertiesMissing")
        self.assertEqual(refused("/executions", {"shellCommand": "ls"}), ("SessionPropertiesMissing", "code"))
        self.assertEqual(refused("/code/execute", {"code": "1"})[0], "SessionPropertiesMissing")
        for timeout in (0, 221, "x", True):
            body = {"code": "1", "timeoutInSeconds": timeout}
            self.assertEqual(refused("/executions", body), ("InvalidRequestContent", "timeoutInSeconds"))
        self.assertEqual(refused("/executions", {"code": "1", "executionType": "Never"})[1], "executionType")
        self.assertEqual(refused("/executions", {"code": "=", "codeInputType": "InlineBase64"})[1], "code")
        self.assertEqual(refused("/executions", b"{")[0], "InvalidRequestContent")


class ExecutionTest(Base):
    def test_variables_imports_and_functions_stay(self):
        self.it.run("import math\ndef area(r): return math.pi * r * r\nr = 2")
        self.assertAlmostEqual(self.it.run("area(r)")["result"]["executionResult"], 12.566, 2)
        self.assertEqual(self.it.run("'r' in dir()", useEmptyKernel=True)["result"]["executionResult"], False)

    def test_values_that_json_has_not_are_shown_as_text(self):
        for code, shown in (
            ("{1: 2}", "{1: 2}"), ("float('nan')", "nan"), ("{1, 2}", "{1, 2}"), ("(1, [True, None])", [1, [True, None]]),
            ("a = []; a.append(a); a", "[[...]]"), ("None", None), ("b'x'", "b'x'"), ("{'a': 1.5}", {"a": 1.5}),
        ):
            self.assertEqual(self.it.run(code)["result"]["executionResult"], shown, code)

    def test_error_names_its_kind_and_shows_the_line(self):
        answer = self.it.run("def f():\n    raise ValueError('no good')\nf()")
        self.assertEqual(answer["status"], "Failed")
        self.assertEqual(answer["error"], {"code": "ValueError", "message": "no good"})
        self.assertIn("raise ValueError('no good')", answer["result"]["stderr"])
        self.assertNotIn("kernel.py", answer["result"]["stderr"])
        self.assertEqual(self.it.run("if")["error"]["code"], "SyntaxError")
        self.assertEqual(self.it.run("import sys; sys.exit(3)")["error"]["code"], "SystemExit")

    def test_output_of_programs_is_captured_and_long_output_cut(self):
        self.assertEqual(self.it.run("import os; os.system('echo out; echo err >&2')")["result"]["stdout"], "out\n")
        self.assertEqual(self.it.run("import os; os.system('echo err >&2')")["result"]["stderr"], "err\n")
        answer = self.it.run("for i in range(100000): print('line', i)")
        self.assertEqual(len(answer["result"]["stdout"]), 4096)
        self.assertEqual(self.it.run("print('ü' * 3000)", outputStreamsMaxLength=3000)["result"]["stdout"], "ü" * 3000)

    def test_one_executions_output_is_not_the_nexts(self):
        for i in range(20):
            self.assertEqual(self.it.run(f"print({i}, end='')")["result"]["stdout"], str(i))

    def test_too_long_ends_and_variables_stay(self):
        self.it.run("kept = 1")
        answer = self.it.run("print('begun', flush=True)\nwhile True: pass", timeoutInSeconds=1)
        self.assertEqual(answer["status"], "Failed")
        self.assertEqual(answer["result"]["stdout"], "begun\n")
        self.assertIn("Request timed out waiting for code execution to complete", answer["result"]["stderr"])
        self.assertEqual(self.it.run("kept")["result"]["executionResult"], 1)

    def test_code_that_does_not_let_itself_be_interrupted_is_killed(self):
        stubborn = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
        self.assertEqual(self.it.run(stubborn, timeoutInSeconds=1)["status"], "Failed")
        self.assertEqual(self.it.run("1 + 1")["result"]["executionResult"], 2)

    def test_death_of_the_kernel_is_told_and_survived(self):
        answer = self.it.run("import os; os.kill(os.getpid(), 9)")
        self.assertEqual((answer["status"], answer["result"]["stderr"]), ("Failed", "Execution aborted"))
        self.assertEqual(self.it.run("1 + 1")["result"]["executionResult"], 2)

    def test_code_that_asks_gets_an_end_of_file(self):
        self.assertEqual(self.it.run("input()")["error"]["code"], "EOFError")

    def test_closed_output_does_not_hold_up_the_next(self):
        self.it.run("import os; os.close(1)")
        self.assertEqual(self.it.run("2")["status"], "Succeeded")
        self.it.run("import os; os._exit(0)")
        self.assertEqual(self.it.run("print('again')")["result"]["stdout"], "again\n")

    def test_callers_at_once_wait_for_each_other_up_to_a_bound(self):
        seen = []

        def one():
            body = {"code": "import time; time.sleep(0.2)", "timeoutInSeconds": 5}
            seen.append(self.it.call("POST", f"/executions?{NEW}", body)[0])

        threads = [threading.Thread(target=one) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(seen), {200, 429})
        self.assertGreaterEqual(seen.count(200), 16)

    def test_matplotlib_figure_is_the_result(self):
        if self.it.run("import matplotlib")["status"] == "Failed":
            self.skipTest("no matplotlib here")
        answer = self.it.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
        picture = base64.b64decode(answer["result"]["executionResult"]["base64_data"])
        self.assertTrue(picture.startswith(b"\x89PNG"))


class FilesTest(Base):
    def test_new_shape(self):
        content = bytes(range(256)) * 100 + b"\r\n--b0undar\r\n"
        status, stored = self.it.upload(f"/files?{NEW}&path=my-directory", "exämple.txt", content)
        self.assertEqual(status, 200)
        self.assertEqual((stored["name"], stored["type"], stored["sizeInBytes"]), ("exämple.txt", "file", len(content)))
        self.assertEqual((stored["directory"], stored["contentType"]), ("my-directory", "text/plain"))
        self.assertRegex(stored["lastModifiedAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        name = "/files/ex%C3%A4mple.txt"
        self.assertEqual(self.it.call("GET", f"{name}/content?path=my-directory")[2], content)
        self.assertEqual(self.it.json("GET", f"{name}?path=my-directory")[1], stored)
        self.assertEqual(self.it.json("GET", f"/files?{NEW}&path=my-directory")[1], {"value": [stored], "nextLink": None})
        recursive = self.it.json("GET", f"/files?{NEW}&recursive=true")[1]["value"]
        self.assertIn(("directory", "my-directory"), [(one["type"], one["name"]) for one in recursive])
        self.assertIn(stored, recursive)
        self.assertEqual(self.it.call("DELETE", f"{name}?path=my-directory")[0], 204)
        self.assertEqual(self.it.call("GET", f"{name}/content?path=my-directory")[0], 404)

    def test_old_shape(self):
        status, stored = self.it.upload(f"/files/upload?{OLD}", f"{self.it.folder.name}/data.csv", b"a,b\n1,2\n")
        self.assertEqual(status, 200)
        properties = stored["value"][0]["properties"]
        self.assertEqual((properties["filename"], properties["size"]), ("data.csv", 8))
        listed = self.it.json("GET", f"/files?{OLD}")[1]["value"]
        self.assertIn("data.csv", [one["properties"]["filename"] for one in listed])
        self.assertEqual(self.it.call("GET", f"/files/content/data.csv?{OLD}")[2], b"a,b\n1,2\n")
        self.assertEqual(self.it.json("GET", f"/files/data.csv?{OLD}")[1]["properties"]["size"], 8)
        self.assertEqual(self.it.json("DELETE", f"/files/data.csv?{OLD}")[1], {"message": "file deleted successfully"})

    def test_code_and_callers_share_the_files(self):
        self.it.upload(f"/files?{NEW}", "in.txt", b"17")
        self.it.run("n = int(open('in.txt').read())\nopen('out.txt', 'w').write(str(n + 1))")
        self.assertEqual(self.it.call("GET", "/files/out.txt/content")[2], b"18")

    def test_no_way_out_of_the_folder_and_no_odd_names(self):
        for name in ("%2e%2e", "..%2Fx", "a%00b", "a%0Ab", "%2e"):
            self.assertIn(self.it.call("GET", f"/files/{name}/content")[0], (400, 404), name)
        for path in ("..", "a/../..", "a.b", "/etc/../.."):
            status, answer = self.it.json("GET", f"/files?path={path}")
            self.assertEqual((status, answer["error"]["code"]), (400, "InvalidPath"), path)
        self.assertEqual(self.it.upload("/files", "..", b"x")[0], 400)

    def test_too_large_a_file_is_refused_and_leaves_nothing(self):
        status, answer = self.it.upload("/files", "big", b"x" * 100001)
        self.assertEqual((status, answer["error"]["code"]), (413, "FileTooLarge"))
        names = [one["name"] for one in self.it.json("GET", "/files?recursive=true")[1]["value"]]
        self.assertFalse([name for name in names if name == "big" or name.startswith(".upload")])
        self.assertEqual(self.it.upload("/files", "huge", b"x" * 20_000_000)[0], 413)
        self.assertEqual(self.it.upload("/files", "just", b"x" * 100000)[0], 200)

    def test_what_is_no_form_is_refused(self):
        self.assertEqual(self.it.call("POST", "/files", b"x")[0], 400)
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        for body in (b"", b"--b--\r\n", b"--b\r\n\r\nno name\r\n--b--\r\n", b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhalf'):
            self.assertEqual(self.it.call("POST", "/files", body, headers)[0], 400, body)
        self.assertEqual(self.it.call("GET", "/files/half/content")[0], 404)


class SessionTest(unittest.TestCase):
    def test_health_metadata_and_session(self):
        it = Interpreter()
        try:
            self.assertEqual(it.call("GET", "/health")[0], 200)
            self.assertEqual(it.call("GET", "/health/startup")[0], 200)
            self.assertEqual(it.json("GET", "/metadata")[1]["runtimes"][0]["name"], "Python")
            session = it.json("GET", "/session")[1]
            self.assertEqual(session["identifier"], "user-1")
            self.assertEqual(it.json("GET", "/session")[1]["etag"], session["etag"])
            self.assertEqual(it.call("PUT", "/executions", b"x" * 70000)[0], 404)
        finally:
            it.close()

    def test_deleting_the_session_ends_the_container(self):
        it = Interpreter()
        try:
            self.assertEqual(it.call("DELETE", "/session")[0], 204)
            self.assertEqual(it.process.wait(20), 0)
        finally:
            it.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
