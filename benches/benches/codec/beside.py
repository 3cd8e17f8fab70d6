"""CPython's own codec, asked one thing at a time: a line in, the milliseconds it took out."""
import sys
import time
import xmlrpc.client

with open(sys.argv[1], "rb") as document:
    answer = document.read()
(partners,), _ = xmlrpc.client.loads(answer)
for line in sys.stdin:
    began = time.perf_counter()
    if line.strip() == "encode":
        xmlrpc.client.dumps((partners,), "create", encoding="utf-8", allow_none=True).encode()
    else:
        xmlrpc.client.loads(answer)
    print((time.perf_counter() - began) * 1000, flush=True)
