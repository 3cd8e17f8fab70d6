"""A proxy before a server, which keeps what is asked and how long the answers take.

    record.py SERVER_PORT OUT

Prints its own port. Writes OUT.calls (one JSON line a call: what, when, seconds, bytes) as calls come; at its end, by SIGTERM,
OUT.changes: the calls over XML-RPC that changed something, with the server's answers.
"""
import http.client
import http.server
import json
import pathlib
import signal
import sys
import threading
import time
import xmlrpc.client

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
        took = time.time() - began
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.server.keep(self.path, body, answer, began, took)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream, out):
        super().__init__(("127.0.0.1", 0), Recorder)
        self.upstream, self.out, self.number = upstream, pathlib.Path(out), 0
        self.bodies = self.out.with_suffix(".bodies")
        self.bodies.mkdir()
        self.log = open(self.out.with_suffix(".calls"), "w", encoding="utf-8")
        self.lock = threading.Lock()

    def keep(self, path, body, answer, began, took):
        """Bodies go to disk as they are: to read them now would take the time of the run."""
        with self.lock:
            what = path
            if body.startswith(b"<?xml"):
                texts = [part.split(b"</string>")[0].decode() for part in body[:4096].split(b"<string>")[1:5]]
                what = ".".join(texts[2:4]) if b"execute_kw" in body[:200] and len(texts) == 4 else path
                if b"execute_kw" in body[:200] and texts[3] not in calls.ASKING:
                    (self.bodies / f"{self.number:06}.request").write_bytes(body)
                    (self.bodies / f"{self.number:06}.reply").write_bytes(answer)
            line = {"call": what, "began": began, "seconds": took, "sent": len(body), "received": len(answer)}
            self.log.write(json.dumps(line) + "\n")
            self.log.flush()
            self.number += 1

    def write_changes(self):
        with open(self.out.with_suffix(".changes"), "w", encoding="utf-8") as file:
            for request in sorted(self.bodies.glob("*.request")):
                model, method, args, named = calls.decode(request.read_bytes())
                try:
                    (answer,), _ = xmlrpc.client.loads(request.with_suffix(".reply").read_bytes())
                except xmlrpc.client.Fault:
                    continue                    # nothing was changed by it
                call = {"model": model, "method": method, "args": args, "named": named, "answer": answer}
                file.write(json.dumps(call) + "\n")


def main():
    server = Server(int(sys.argv[1]), sys.argv[2])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    print(server.server_address[1], flush=True)
    ended.wait()
    server.shutdown()
    server.write_changes()


if __name__ == "__main__":
    main()
