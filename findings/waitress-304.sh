#!/usr/bin/env bash
# waitress closes the connection after each 304 and 204: it assumes a body of unknown length
# because Content-Length is missing, although neither status has a body (RFC 9112, 6.3).
# Hurts: polled services. Each conditional request of a feed reader, or of a proxy that keeps
# connections open, needs a new TCP connection; 200 responses and HEAD do not.
set -eu
. "$(dirname "$(realpath "$0")")/common.bash"
from_pypi waitress==3.0.2

python - >seen <<'PY'
import http.client
import threading

import waitress


def app(environ, start_response):
    status, headers = {
        "/200": ("200 OK", [("Content-Length", "2")]),
        "/204": ("204 No Content", []),
        "/304": ("304 Not Modified", [("ETag", '"1"')]),
    }[environ["PATH_INFO"]]
    start_response(status, headers)
    return [b"ok"] if status == "200 OK" else []


server = waitress.create_server(app, listen="127.0.0.1:0")
threading.Thread(target=server.run, daemon=True).start()
for ask in ("GET /200", "HEAD /200", "GET /304", "GET /204"):
    client = http.client.HTTPConnection("127.0.0.1", server.effective_port)
    client.request(*ask.split())
    answer = client.getresponse()
    answer.read()
    print(f"{ask}: {answer.status}, Connection: {answer.headers['Connection']}")
PY
expect <<'END'
GET /200: 200, Connection: None
HEAD /200: 200, Connection: None
GET /304: 304, Connection: close
GET /204: 204, Connection: close
END
