"""Encodes and decodes with CPython's xmlrpc.client, one request a line, one answer a line.

A value travels as JSON: [kind, content], so that nothing is lost on the way.
"""
import base64
import json
import struct
import sys
import xmlrpc.client


def to_python(tagged):
    kind, content = tagged
    if kind == "nil":
        return None
    if kind == "double":
        return struct.unpack(">d", bytes.fromhex(content))[0]
    if kind == "int":
        return int(content)
    if kind == "time":
        return xmlrpc.client.DateTime(content)
    if kind == "base64":
        return xmlrpc.client.Binary(base64.b64decode(content))
    if kind == "array":
        return [to_python(one) for one in content]
    if kind == "struct":
        return {name: to_python(one) for name, one in content}
    return content  # bool, text


def from_python(value):
    if value is None:
        return ["nil", None]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["double", struct.pack(">d", value).hex()]
    if isinstance(value, str):
        return ["text", value]
    if isinstance(value, xmlrpc.client.DateTime):
        return ["time", value.value]
    if isinstance(value, xmlrpc.client.Binary):
        return ["base64", base64.b64encode(value.data).decode()]
    if isinstance(value, (list, tuple)):
        return ["array", [from_python(one) for one in value]]
    return ["struct", [[name, from_python(one)] for name, one in value.items()]]


def loads(document):
    try:
        params, method = xmlrpc.client.loads(document)
    except xmlrpc.client.Fault as fault:
        return {"fault": [fault.faultCode, fault.faultString]}
    return {"method": method, "params": [from_python(one) for one in params]}


def dumps(request):
    if "fault" in request:
        return xmlrpc.client.dumps(xmlrpc.client.Fault(*request["fault"]))
    params = tuple(to_python(one) for one in request["params"])
    method = request["method"]
    return xmlrpc.client.dumps(params, methodname=method, methodresponse=method is None, allow_none=True)


for line in sys.stdin:
    request = json.loads(line)
    try:
        if "document" in request:
            answer = loads(request["document"].encode("utf-8"))
        else:
            answer = {"document": dumps(request)}
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
