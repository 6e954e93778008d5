"""An agent that answers every text message, on the local API and the standard library alone.

Start a daemon (`airway up --detach`), then this: `python3 answer.py`. AIRWAY_HOME names another home.
"""

import http.client, json, os, socket, urllib.parse

HOME = os.environ.get("AIRWAY_HOME") or os.path.expanduser("~/.local/share/airway")


class Daemon(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(os.path.join(HOME, "run", "api.sock"))


def call(method, path, body=None):
    daemon = Daemon("airway")
    daemon.request(method, path, body)
    return daemon.getresponse()


# First what nobody has read yet, then each message as it comes: one JSON object a line.
for line in call("GET", "/v1/inbox/follow?after=0&unread=true"):
    message = json.loads(line)
    if message["type"] == "text":
        query = urllib.parse.urlencode({"to": message["from"], "reply_to": message["id"]})
        answer = call("POST", f"/v1/messages?{query}", f"I heard: {message['body']}".encode())
        print(answer.read().decode(), flush=True)
    call("GET", f"/v1/inbox/{message['seq']}").read()  # It counts as read from here on.
