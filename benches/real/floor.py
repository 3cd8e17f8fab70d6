"""The server's floor: the rows of a run, made by Odoo's own `create`, without a network.

    floor.py CHANGES DATABASE USER_ID ROWS_PER_CALL [PROFILE] -- ODOO'S OPTIONS

Runs on Odoo's Python. Each list is a transaction with an environment of its own, as the server does it; ROWS_PER_CALL 0 keeps the
lists of the run. Prints JSON: seconds of each call, `create` and commit and nothing else, and how long its processor was busy with
it; null for a call of the schema. Where CHANGES is `-`, calls come from standard input, and each is answered with a line of its own.
The ids must come out as they did in the run: then it is the same work, done on the same database.
"""
import contextlib
import cProfile
import json
import pstats
import sys
import time

import calls
import odoo
import odoo.api
import odoo.modules.registry
import odoo.tools


def lists(path, size):
    """The recorded calls; lists of rows of one model and context cut anew where a size is given."""
    gathered = None
    for call in calls.changes(path):
        if calls.is_schema(call) or not size:
            if gathered:
                yield from cut(gathered, len(gathered["args"][0]))
            gathered = None
            yield call
            continue
        if gathered and (gathered["model"], gathered["named"]) != (call["model"], call["named"]):
            yield from cut(gathered, len(gathered["args"][0]))
            gathered = None
        if gathered is None:
            gathered = {**call, "args": [[]], "answer": []}
        gathered["args"][0].extend(call["args"][0])
        gathered["answer"].extend(call["answer"])
        while len(gathered["answer"]) >= size:
            yield from cut(gathered, size)
    if gathered:
        yield from cut(gathered, len(gathered["args"][0]))


def cut(gathered, size):
    if size:
        rows, ids = gathered["args"][0], gathered["answer"]
        yield {**gathered, "args": [rows[:size]], "answer": ids[:size]}
        gathered["args"], gathered["answer"] = [rows[size:]], ids[size:]


def carry_out(registry, user, call):
    args, named = list(call["args"]), dict(call["named"])
    context = named.pop("context", {})
    with registry.cursor() as cr:
        model = odoo.api.Environment(cr, user, context)[call["model"]]
        if calls.refused(call):
            return refused_again(cr, model, call["method"], args, named)
        began, busy = time.perf_counter(), time.process_time()
        if call["method"] == "create":
            answer = model.create(*args, **named).ids
            if not isinstance(args[0], list):
                answer = answer[0]
        else:
            answer = getattr(model.browse(args[0]), call["method"])(*args[1:], **named)
        cr.commit()
        took, busy = time.perf_counter() - began, time.process_time() - busy
    if call["method"] == "create" and answer != call["answer"]:
        raise SystemExit("floor: other ids than in the recorded run: the databases were not the same")
    return took, busy


def measured(registry, user, call):
    took, busy = carry_out(registry, user, call)
    if calls.is_schema(call):
        return None
    return {"model": call["model"], "rows": len(call["answer"]), "seconds": took, "busy": busy}


def refused_again(cr, model, method, args, named):
    try:
        getattr(model, method)(*args, **named)
        cr.commit()
    except Exception:
        cr.rollback()
        return 0.0, 0.0
    raise SystemExit("floor: done what was refused in the recorded run: the databases were not the same")


def main():
    split = sys.argv.index("--")
    path, database, user, size, *profile = sys.argv[1:split]
    odoo.tools.config.parse_config([*sys.argv[split + 1 :], "-d", database, "--log-level=critical"])
    profiler = cProfile.Profile() if profile else None
    done = []
    # Odoo 14 wants its environments managed.
    with getattr(odoo.api.Environment, "manage", contextlib.nullcontext)():
        registry = odoo.modules.registry.Registry(database)
        if path == "-":
            for line in sys.stdin:
                print(json.dumps(measured(registry, int(user), json.loads(line))), flush=True)
            return
        for call in lists(path, int(size)):
            timed = not calls.is_schema(call)
            if timed and profiler:
                profiler.enable()
            told = measured(registry, int(user), call)
            if timed:
                if profiler:
                    profiler.disable()
                done.append(told)
    if profiler:
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("cumulative").print_stats(70)
    print(json.dumps(done))


if __name__ == "__main__":
    main()
