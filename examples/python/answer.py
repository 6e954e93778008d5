"""An agent that answers every text message.

Start a daemon (`airway up --detach`), then this: `python3 answer.py`.
"""

import json, urllib.parse

from airway import call

# First what nobody has read yet, then each message as it comes: one JSON object a line.
for line in call("GET", "/v1/inbox/follow?after=0&unread=true"):
    message = json.loads(line)
    if message["type"] == "text":
        query = urllib.parse.urlencode({"to": message["from"], "reply_to": message["id"]})
        answer = call("POST", f"/v1/messages?{query}", f"I heard: {message['body']}".encode())
        print(answer.read().decode(), flush=True)
    call("GET", f"/v1/inbox/{message['seq']}").read()  # It counts as read from here on.
