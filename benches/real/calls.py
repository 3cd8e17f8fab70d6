"""Calls that change something, kept in a file: one JSON line each, in the order in which they were made."""
import json
import xmlrpc.client

# What only asks. It is neither kept nor done again.
ASKING = {
    "check_access_rights", "context_get", "default_get", "fields_get", "fields_view_get", "get_views", "has_access",
    "name_get", "name_search", "read", "read_group", "search", "search_count", "search_read", "web_read", "web_search_read",
}
# Models of the schema: made before the rows, and not timed with them.
SCHEMA = {"ir.model", "ir.model.fields", "ir.model.access", "ir.ui.view"}


def decode(body):
    """Model, method, positional and named arguments of an `execute_kw`; None for anything else."""
    params, name = xmlrpc.client.loads(body)
    if name != "execute_kw":
        return None
    _database, _user, _secret, model, method, args = params[:6]
    return model, method, args, params[6] if len(params) > 6 else {}


def changes(path):
    """The calls kept in a file."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def is_schema(call):
    return call["model"] in SCHEMA or call["method"] != "create"
