"""Follows events of a contact, each time from where it left off, and publishes how many there were of each topic.

Start a daemon (`airway up --detach`), then this: `python3 follow.py ci 'builds/**'`. It keeps its place in the file
`position` of the working directory.
"""

import collections, json, os, sys, urllib.parse

from airway import call

contact, patterns = sys.argv[1], sys.argv[2:]
try:
    with open("position") as file:
        since = file.read()
except FileNotFoundError:
    since = "start"

query = urllib.parse.urlencode({"from": contact, "pattern": patterns, "since": since}, doseq=True)
seen = collections.Counter()
for line in call("GET", f"/v1/events/follow?{query}"):
    event = json.loads(line)
    if event.get("status") == "error" or "gap" in event:
        print(event.get("message") or f"missed: {event['gap']}", file=sys.stderr, flush=True)
        continue
    print(event["position"], event["topic"], event["body"], flush=True)
    seen[event["topic"]] += 1
    topic = urllib.parse.quote(f"seen/{event['topic']}")
    call("POST", f"/v1/events?topic={topic}", str(seen[event["topic"]]).encode()).read()
    # What is done is not done again: the next run begins behind it.
    with open("position.new", "w") as file:
        file.write(event["position"])
    os.replace("position.new", "position")
