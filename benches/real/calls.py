"""Calls that change something, kept in a file: one JSON line each, in the order in which they were made."""
import json
import re
import xmlrpc.client

# What only asks. It is neither kept nor done again.
ASKING = {
    "check_access_rights", "context_get", "default_get", "fields_get", "fields_view_get", "get_views", "has_access",
    "name_get", "name_search", "read", "read_group", "search", "search_count", "search_read", "web_read", "web_search_read",
}
# Models of the schema: made before the rows, and not timed with them.
SCHEMA = {"ir.model", "ir.model.fields", "ir.model.access", "ir.ui.view"}


def what(path, body):
    """Model and method of a call, without reading the rest of it; None for what is not one."""
    if asked := re.fullmatch("/json/2/([^/]+)/([^/]+)", path):
        return asked.groups()
    if not body.startswith(b"<?xml") or b"execute_kw" not in body[:200]:
        return None
    texts = [part.split(b"</string>")[0].decode() for part in body[:4096].split(b"<string>")[1:5]]
    return tuple(texts[2:4]) if len(texts) == 4 else None


def decode(path, body, answer):
    """A call as it is kept. The answer is None where the server refused: nothing was changed then, but that sequences went on."""
    if path.startswith("/json/2/"):
        model, method = what(path, body)
        named, answer = json.loads(body), json.loads(answer)
        args = [named.pop(first) for first in ("ids", "vals_list") if first in named]
        refused = isinstance(answer, dict) and "debug" in answer
        return {"model": model, "method": method, "args": args, "named": named, "answer": None if refused else answer}
    params, _ = xmlrpc.client.loads(body)
    model, method, args = params[3:6]
    try:
        (answer,), _ = xmlrpc.client.loads(answer)
    except xmlrpc.client.Fault:
        answer = None
    named = params[6] if len(params) > 6 else {}
    return {"model": model, "method": method, "args": args, "named": named, "answer": answer}


def changes(path):
    """The calls kept in a file."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def is_schema(call):
    return call["model"] in SCHEMA or call["method"] != "create" or refused(call)


def refused(call):
    """The server said no: done again nevertheless, since the ids of what comes after it depend on it."""
    return call["answer"] is None
