"""A proxy before a server, which keeps what is asked and how long the answers take.

    record.py SERVER_PORT OUT [--floor COMMAND] [--slower TIMES MODEL AFTER]

With --floor (a command as JSON: floor.py that reads its calls), what a call changes is done by the floor as well, as soon as the
server has done it and before its answer is passed on: one after the other, so that both meet the same weather. With --slower, the
server is made so many times slower after AFTER calls of `create` on MODEL.

Prints its own port. Writes OUT.calls as calls come, one JSON line each: what, when it began, the server's seconds, bytes, rows made,
how long its answer was held back, what the floor took. At its end, by SIGTERM, OUT.changes: what changed something, with the
server's answers.
"""
import argparse
import http.client
import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import calls


class Recorder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.pass_on(b"")

    def do_POST(self):
        self.pass_on(self.rfile.read(int(self.headers["Content-Length"])))

    def pass_on(self, body):
        began = time.time()
        server = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=3600)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        server.request(self.command, self.path, body, headers)
        reply = server.getresponse()
        answer = reply.read()
        if self.server.is_slow(self.path, body):
            time.sleep((self.server.slower - 1) * (time.time() - began))
        took = time.time() - began
        floor = self.server.floor_of(self.path, body, answer)
        held = time.time() - began - took
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.server.keep(self.path, body, answer, {"began": began, "seconds": took, "held": held, "floor": floor})

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream, out, floor, slower):
        super().__init__(("127.0.0.1", 0), Recorder)
        times, model, after = slower
        self.slower, self.slow, self.left = float(times), (model, "create"), int(after)
        self.upstream, self.out, self.number = upstream, pathlib.Path(out), 0
        self.bodies = self.out.with_suffix(".bodies")
        self.bodies.mkdir()
        self.log = open(self.out.with_suffix(".calls"), "w", encoding="utf-8")
        self.lock = threading.Lock()
        pipe = subprocess.PIPE
        self.floor = subprocess.Popen(json.loads(floor), stdin=pipe, stdout=pipe, text=True, cwd="/") if floor else None

    def is_slow(self, path, body):
        with self.lock:
            if calls.what(path, body) == self.slow:
                self.left -= 1
            return self.slower > 1 and self.left < 0

    def floor_of(self, path, body, answer):
        """What the floor took for the same; None for what changes nothing and for the schema."""
        if not self.floor or not changes(calls.what(path, body)):
            return None
        with self.lock:
            print(json.dumps(calls.decode(path, body, answer)), file=self.floor.stdin, flush=True)
            told = self.floor.stdout.readline()
            if not told:
                print("record: the floor broke off", file=sys.stderr, flush=True)
                os._exit(1)
            return json.loads(told)

    def keep(self, path, body, answer, line):
        """Bodies go to disk as they are: to read them now would take the time of the run."""
        with self.lock:
            what = calls.what(path, body)
            if changes(what):
                (self.bodies / f"{self.number:06}.request").write_bytes(body)
                (self.bodies / f"{self.number:06}.reply").write_bytes(answer)
                (self.bodies / f"{self.number:06}.path").write_text(path)
            line["call"] = ".".join(what or [path])
            line["sent"], line["received"] = len(body), len(answer)
            line["rows"] = rows(path, answer) if what and what[1] == "create" else 0
            self.log.write(json.dumps(line) + "\n")
            self.log.flush()
            self.number += 1

    def write_changes(self):
        with open(self.out.with_suffix(".changes"), "w", encoding="utf-8") as file:
            for request in sorted(self.bodies.glob("*.request")):
                path, answer = request.with_suffix(".path").read_text(), request.with_suffix(".reply").read_bytes()
                file.write(json.dumps(calls.decode(path, request.read_bytes(), answer)) + "\n")


def changes(what):
    return what is not None and what[1] not in calls.ASKING


def rows(path, answer):
    """How many ids an answer has; none where it is a fault."""
    if path.startswith("/json/2/"):
        return answer.count(b",") + 1 if answer.startswith(b"[") else 0
    return 0 if b"<fault>" in answer[:200] else answer.count(b"<int>")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("port", type=int)
    options.add_argument("out")
    options.add_argument("--floor")
    options.add_argument("--slower", nargs=3, default=["1", "", "0"])
    options = options.parse_args()
    server = Server(options.port, options.out, options.floor, options.slower)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    print(server.server_address[1], flush=True)
    ended.wait()
    server.shutdown()
    if server.floor:
        server.floor.stdin.close()
        server.floor.wait()
    server.write_changes()


if __name__ == "__main__":
    main()
