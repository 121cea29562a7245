"""A Kubernetes API server as far as a store can tell: ConfigMaps and Leases in memory, with resource versions, conflicts,
field selectors and watches; and faults on demand, which a real one does not offer.

    fake_kubernetes.py [CERTIFICATE KEY]      prints its port; ends with its standard input

POST /control takes an object with any of: `tokens` (the ones that are let in), `hanging` (tokens whose requests get no
answer), `lost` (that many writes are carried out and get no answer), `compact` (versions up to now can no longer be watched).
"""

import http.server
import json
import re
import ssl
import sys
import threading
import urllib.parse

changed = threading.Condition()
objects = {}  # (kind, namespace, name) -> object
events = []  # (version, kind, namespace, name, type, object)
state = {"version": 100, "oldest": 100, "tokens": None, "hanging": [], "lost": 0}
PATHS = re.compile(r"/(?:api/v1|apis/coordination\.k8s\.io/v1)/namespaces/([a-z0-9-]+)/(configmaps|leases)(?:/([a-z0-9.-]+))?$")
KINDS = {"configmaps": ("v1", "ConfigMap"), "leases": ("coordination.k8s.io/v1", "Lease")}
MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")


class Refusal(Exception):
    pass


def check(kind, body):
    """What validation of these kinds would find in objects of ours."""
    if body["apiVersion"] != KINDS[kind][0] or body["kind"] != KINDS[kind][1]:
        raise Refusal(400, "the API version or the kind is wrong")
    if kind == "configmaps":
        # Base64: three bytes in four letters.
        if sum(len(text) // 4 * 3 - text.count("=") for text in body.get("binaryData", {}).values()) > 1 << 20:
            raise Refusal(422, "Too long: must have at most 1048576 bytes")
        return
    spec = body["spec"]
    for name in ("renewTime", "acquireTime"):
        if name in spec and not MICRO_TIME.match(spec[name]):
            raise Refusal(400, f"{name} is no MicroTime")
    if not isinstance(spec["leaseDurationSeconds"], int) or spec["leaseDurationSeconds"] <= 0:
        raise Refusal(422, "leaseDurationSeconds: must be greater than 0")
    if not isinstance(spec["leaseTransitions"], int) or spec["leaseTransitions"] < 0:
        raise Refusal(422, "leaseTransitions: must be greater than or equal to 0")


def store(kind, namespace, name, body, old):
    check(kind, body)
    same = old and {**old, "metadata": {**old["metadata"], "resourceVersion": ""}}
    if same and same == {**body, "metadata": {**body["metadata"], "resourceVersion": ""}}:
        return old  # an update that changes nothing makes no version
    state["version"] += 1
    body["metadata"]["resourceVersion"] = str(state["version"])
    objects[kind, namespace, name] = body
    events.append((state["version"], kind, namespace, name, "MODIFIED" if old else "ADDED", body))
    changed.notify_all()
    return body


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status, message):
        self.answer(status, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": status})

    def handle_any(self):
        try:
            self.handle_request()
        except Refusal as refusal:
            self.refuse(*refusal.args)
        except (KeyError, TypeError, ValueError) as error:
            self.refuse(400, f"not an object of this API: {error!r}")

    do_GET = do_POST = do_PUT = handle_any

    def handle_request(self):
        url = urllib.parse.urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or "null")
        if url.path == "/control":
            return self.control(body)
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        if state["tokens"] is not None and token not in state["tokens"]:
            raise Refusal(401, "Unauthorized")
        with changed:
            changed.wait_for(lambda: token not in state["hanging"])
        found = PATHS.match(url.path)
        if not found:
            raise Refusal(404, "the server could not find the requested resource")
        namespace, kind, name = found.groups()
        query = dict(urllib.parse.parse_qsl(url.query))
        if self.command == "GET":
            selector = re.match(r"metadata\.name=([a-z0-9.-]+)$", query["fieldSelector"])
            if "watch" in query:
                return self.watch(kind, namespace, selector[1], int(query["resourceVersion"]))
            return self.list(kind, namespace, selector[1])
        return self.write(kind, namespace, name, body)

    def control(self, body):
        with changed:
            if body.pop("compact", False):
                state["oldest"] = state["version"]
            state.update(body)
            changed.notify_all()
        self.answer(200, {})

    def list(self, kind, namespace, name):
        with changed:
            item = objects.get((kind, namespace, name))
            version = str(state["version"])
        self.answer(200, {
            "apiVersion": KINDS[kind][0], "kind": KINDS[kind][1] + "List", "metadata": {"resourceVersion": version},
            "items": [item] if item else []})

    def write(self, kind, namespace, name, body):
        with changed:
            if self.command == "POST":
                name = body["metadata"]["name"]
                old = objects.get((kind, namespace, name))
                if old:
                    raise Refusal(409, f'{kind} "{name}" already exists')
            else:
                old = objects.get((kind, namespace, name))
                if not old:
                    raise Refusal(404, f'{kind} "{name}" not found')
                if body["metadata"].get("resourceVersion", "") not in ("", old["metadata"]["resourceVersion"]):
                    raise Refusal(409, "the object has been modified; please apply your changes to the latest version and try again")
            stored = store(kind, namespace, name, body, old)
            if state["lost"] > 0:
                state["lost"] -= 1
                self.close_connection = True
                return
        self.answer(201 if old is None else 200, stored)

    def watch(self, kind, namespace, name, version):
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        while True:
            with changed:
                is_gone = version < state["oldest"]
                news = [event for event in events if event[0] > version and event[1:4] == (kind, namespace, name)]
                if not news and not is_gone:
                    if not changed.wait(30):
                        break
                    continue
            if is_gone:
                self.chunk({"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}})
                break
            for event in news:
                self.chunk({"type": event[4], "object": event[5]})
                version = event[0]
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, event):
        data = json.dumps(event).encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that went away


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
