"""The blocks of runs on a Prefect server: written where they are not as they were written last.

To write them takes Prefect's client, whose import costs two seconds of processor at each start of a
platform, where mostly nothing is to be done.
"""

import asyncio
import json
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from flows.platform.deployments.server_calls import prefect_server
from flows.platform.orchestration import blocks
from flows.platform.storage.atomic_files import read_json, write_json
from flows.platform.storage.layout import prefect_home
from flows.settings import Settings

_PACKAGES = ("prefect", "prefect-aws", "pydantic")
_COMPARED = ("id", "block_schema_id", "data")


def register_s3_blocks(settings: Settings) -> None:
    """Register the object store's blocks, unless the server has them as these settings ask for.

    What they were like when they were registered last is kept in Prefect's home. Raises KpiError
    when Prefect does not answer.
    """
    kept = prefect_home(settings) / "registered_blocks.json"
    slugs, digest = _read(kept)
    if digest and digest == asyncio.run(_digest(settings, slugs)):
        return
    slugs = blocks.apply_s3_blocks(settings)
    digest = asyncio.run(_digest(settings, slugs))
    # Where nothing can be kept, they are registered each time.
    with suppress(OSError):
        write_json(kept, {"slugs": slugs, "digest": digest})


def _read(kept: Path) -> tuple[list[str], str | None]:
    try:
        found = read_json(kept)
        return found["slugs"], found["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return [], None


async def _digest(settings: Settings, slugs: list[str]) -> str | None:
    """Return what stands for these blocks on the server, and for what they are made from.

    None when one is missing, or has not the secret of the settings. That itself is not part of it:
    notebooks read the file.
    """
    secret = settings.s3.secret_access_key
    ours = json.dumps(secret.get_secret_value() if secret else None)
    found = []
    async with prefect_server() as server:
        for slug in slugs:
            kind, _, name = slug.partition("/")
            path = f"/block_types/slug/{kind}/block_documents/name/{name}?include_secrets=true"
            document = await server.get(path)
            if document is None:
                return None
            text = json.dumps([document[part] for part in _COMPARED], sort_keys=True)
            if ours not in text:
                return None
            found.append(text.replace(ours, '""'))
    made_from = [
        settings.s3.model_dump_json(),  # its secret is masked there
        Path(blocks.__file__).read_text(encoding="utf-8"),
        *(version(package) for package in _PACKAGES),
    ]
    return sha256(json.dumps([slugs, found, made_from]).encode()).hexdigest()
