"""What people use today: Python's own XML-RPC client, a call after the other, as fast as the server answers.

    today.py HOW CHANGES URL DATABASE LOGIN PASSWORD PATIENTS APPOINTMENTS

HOW is `create 1` (a row a call), `create N` (lists of N) or `load N` (Odoo's importer, N rows a call). The rows are those of a
recorded run, as many of the first patients and of their appointments as are told; context and schema are the recorded ones, so
that no mail is sent. Prints JSON: model, rows and seconds of each call.
"""
import json
import re
import sys
import time
import xmlrpc.client

import calls

PATIENTS, APPOINTMENTS = "res.partner", "mail.activity"


class Odoo:
    def __init__(self, url, database, login, password):
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self.session = database, common.authenticate(database, login, password, {}), password
        self.object = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)

    def call(self, model, method, *args, **named):
        return self.object.execute_kw(*self.session, model, method, list(args), named)


def main():
    how, path, url, database, login, password, patients, appointments = sys.argv[1:]
    odoo = Odoo(url, database, login, password)
    rows, contexts = {PATIENTS: [], APPOINTMENTS: []}, {}
    for call in calls.changes(path):
        model = call["model"]
        if model in rows and not calls.is_schema(call):
            rows[model].extend(zip(call["answer"], call["args"][0]))
            contexts[model] = call["named"].get("context", {})
        elif again(odoo, call) != call["answer"]:
            raise SystemExit("today: other ids than in the recorded run: the databases were not the same")
    some = rows[PATIENTS][: int(patients)]
    known = {number for number, _ in some}
    theirs = [row for _, row in rows[APPOINTMENTS] if row["res_id"] in known][: int(appointments)]
    method, size = how.split()
    send = {"create": create, "load": load}[method]
    done = []
    for model, chosen in ((PATIENTS, [row for _, row in some]), (APPOINTMENTS, theirs)):
        done += send(odoo, model, chosen, int(size), contexts[model])
    print(json.dumps(done))


def again(odoo, call):
    try:
        return odoo.call(call["model"], call["method"], *call["args"], **call["named"])
    except xmlrpc.client.Fault:
        return None


def create(odoo, model, rows, size, context):
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        yield timed(model, len(part), lambda: odoo.call(model, "create", part if size > 1 else part[0], context=context))


def load(odoo, model, rows, size, context):
    fields = odoo.call(model, "fields_get", [], ["type"])
    names = sorted({name for row in rows for name in row})
    links = {name for name in names if fields[name]["type"] == "many2one"}
    # An empty cell empties its field: what a row leaves to the server is given as the server would choose it.
    left = {"user_id": odoo.session[1], "active": True}
    columns = ["id", *(f"{name}/.id" if name in links else name for name in names)]

    def cell(row, name):
        value = row.get(name, left.get(name, ""))
        return str(value) if fields[name]["type"] == "boolean" else "" if value is False else value

    cells = [[outside(row["x_migration_key"]), *(cell(row, name) for name in names)] for row in rows]
    for start in range(0, len(cells), size):
        part = cells[start : start + size]

        def send():
            answer = odoo.call(model, "load", columns, part, context=context)
            if not answer["ids"]:
                raise SystemExit(f"today: load refused {model}: {[m.get('message') for m in answer['messages']][:3]}")

        yield timed(model, len(part), send)


def outside(key):
    return "clinic." + re.sub("[^A-Za-z0-9_]", "_", key)


def timed(model, rows, send):
    began = time.perf_counter()
    send()
    return {"model": model, "rows": rows, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    main()
