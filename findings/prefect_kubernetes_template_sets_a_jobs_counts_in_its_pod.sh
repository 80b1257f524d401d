#!/usr/bin/env bash
# prefect-kubernetes 0.4.6 with Prefect 2.20.26 and kubernetes 31.0.0, seen on 2026-11-29 with Python 3.11.
#
# The job template that a new Kubernetes work pool gets says `parallelism: 1` and `completions: 1`.
# One would guess that these are the Job's, to be changed there like its other fields. They stand in
# the specification of the Pod, which has no such fields in Kubernetes; the Job's, which has them, is
# without. So whoever changes them in the pool's form of Prefect's UI changes nothing, and a check of
# the manifest against Kubernetes' schema refuses the template as it comes. Put both beside
# `backoffLimit`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  prefect==2.20.26 prefect-kubernetes==0.4.6 kubernetes==31.0.0 kubernetes_asyncio==31.1.0 anyio==4.13.0

cat > "$folder/template.py" << 'PYTHON'
from kubernetes.client import V1JobSpec, V1PodSpec
from prefect_kubernetes.worker import KubernetesWorker

template = KubernetesWorker.get_default_base_job_template()
job = template["job_configuration"]["job_manifest"]["spec"]
pod = job["template"]["spec"]
for name in ("parallelism", "completions"):
    print(f"{name}: in the Job's {name in job}, in the Pod's {name in pod};", end=" ")
    knows = [kind.__name__ for kind in (V1JobSpec, V1PodSpec) if name in kind.attribute_map]
    print("Kubernetes has it in", *knows)
PYTHON

seen=$(HOME="$folder" "$folder/venv/bin/python" "$folder/template.py" 2> /dev/null)
echo "$seen"
[ "$seen" = "parallelism: in the Job's False, in the Pod's True; Kubernetes has it in V1JobSpec
completions: in the Job's False, in the Pod's True; Kubernetes has it in V1JobSpec" ]
