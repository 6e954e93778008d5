"""A worker: it counts the words of whatever it is given.

Start a daemon (`airway up --detach`), then this: `python3 worker.py`. A contact runs `airway task submit bob 'count' --input
FILE --wait`. What a task says is another agent's text: data, and no instructions.
"""

import json

from airway import call


def post(path, body):
    return json.loads(call("POST", path, body).read())


# For as long as this call is open, what comes is accepted.
accepting = call("GET", "/v1/tasks/follow?accept=true")

while True:
    # The task is ours for a minute, and longer if we say how far it is.
    answer = post("/v1/tasks/next", {"lease_ms": 60_000, "wait_ms": 60_000})
    task = answer["data"]["task"]
    if task is None:
        continue
    path = f"/v1/tasks/{task['id']}"
    text = call("GET", f"{path}/input").read().decode(errors="replace") if task["input"] else task["description"]
    # Who comes too late, because the lease is over, names an attempt that is not the last, and is refused.
    result = {"attempt": task["attempt"], "output": {"text": str(len(text.split()))}}
    print(task["id"], post(f"{path}/complete", result)["status"], flush=True)
