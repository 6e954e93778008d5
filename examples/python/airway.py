"""The local API of the daemon, on the standard library alone. AIRWAY_HOME names another home than the usual one."""

import http.client, json, os, socket

HOME = os.environ.get("AIRWAY_HOME") or os.path.expanduser("~/.local/share/airway")


class Daemon(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(os.path.join(HOME, "run", "api.sock"))


def call(method, path, body=None):
    """The answer to a call; one that follows something is read line by line, each of them a JSON object.

    A body is bytes as they are, or an object to send as JSON.
    """
    daemon, headers = Daemon("airway"), {}
    if isinstance(body, dict):
        body, headers = json.dumps(body), {"Content-Type": "application/json"}
    daemon.request(method, path, body, headers)
    return daemon.getresponse()
