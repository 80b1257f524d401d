#!/usr/bin/env bash
# pip-audit 2.10.1, seen on 2026-11-29 with Python 3.11.
#
# pip-audit ends with 1 when it finds a known vulnerability, and with 0 when it finds none. One
# would guess that another code says that nobody was asked. But when the advisory source does not
# answer, it ends with 1 as well: a job that looks at the code alone takes a network that is away
# for a vulnerable package, and a job that allows for failures lets both pass. What tells them
# apart is standard output: a report in JSON is there only when the source did answer.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null || true; rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pip-audit==2.10.1
echo 'jinja2==3.1.2 --hash=sha256:6088930bfe239f0e6710546ab9c19c9ef35e29792895fed6e6e31a023a182a61' > "$folder/requirements.txt"

# Answers as OSV does, with one advisory for every package.
cat > "$folder/source.py" << 'PYTHON'
import json
from http.server import BaseHTTPRequestHandler, HTTPServer

ADVISORY = {
    "id": "EXAMPLE-1",
    "summary": "an example",
    "details": "an example",
    "published": "2024-01-01T00:00:00Z",
    "modified": "2024-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}],
        }
    ],
}


class Source(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"vulns": [ADVISORY]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Source)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
"$folder/venv/bin/python" "$folder/source.py" > "$folder/port" &
server=$!
until [ -s "$folder/port" ]; do sleep 0.2; done

audit() {
  local code=0
  "$folder/venv/bin/pip-audit" --vulnerability-service osv --osv-url "http://127.0.0.1:$1" \
    --disable-pip --require-hashes --requirement "$folder/requirements.txt" --format json \
    --progress-spinner off > "$folder/report" 2> "$folder/said" || code=$?
  echo "exit code $code, $([ -s "$folder/report" ] && echo "a report" || echo "no report")"
}
found=$(audit "$(cat "$folder/port")")
kill "$server"
wait "$server" 2> /dev/null || true
away=$(audit "$(cat "$folder/port")")
server=
seen="an advisory is found: $found
the source is away:   $away"
echo "$seen"
[ "$seen" = "an advisory is found: exit code 1, a report
the source is away:   exit code 1, no report" ]
