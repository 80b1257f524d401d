#!/usr/bin/env bash
# MLflow 3.17.2, requests 2.34.2 and urllib3 2.8.0, seen on 2026-11-30 with Python 3.11.
#
# A server takes longer to answer than MLFLOW_HTTP_REQUEST_TIMEOUT. MLflow has an error for it, which
# says so and names that variable; one would guess to see it. It is made of the Timeout of requests,
# which never comes: MLflow always gives requests a policy of retries, a policy of none as well, and
# then requests tells a read that timed out as a ConnectionError. So the advice to raise the limit is
# never shown, the error has no cause (`__cause__`), and whoever tells a slow server from one that is
# not there by the type of its context is misled. Nor does one try take that long: by default MLflow
# waits eight times two minutes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  mlflow-skinny==3.17.2 requests==2.34.2 urllib3==2.8.0

cat > "$folder/slow.py" << 'PYTHON'
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

answered = threading.Event()


class Slow(BaseHTTPRequestHandler):
    def do_GET(self):
        answered.wait(10)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = "1"
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

try:
    MlflowClient(f"http://127.0.0.1:{server.server_port}").get_registered_model("any")
except MlflowException as error:
    print("made of:", type(error.__context__).__name__)
    print("has a cause:", error.__cause__ is not None)
    print("says that a read timed out:", "Read timed out" in str(error))
    print("names the variable:", "MLFLOW_HTTP_REQUEST_TIMEOUT" in str(error))
answered.set()
PYTHON

seen=$("$folder/venv/bin/python" "$folder/slow.py" 2> /dev/null)
echo "$seen"
[ "$seen" = "made of: ConnectionError
has a cause: False
says that a read timed out: True
names the variable: False" ]
