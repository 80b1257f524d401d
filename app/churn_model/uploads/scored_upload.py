"""An uploaded file scored in its turn, within the app's limits, and then let go of."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from app.churn_model.form.consistency import contradictions
from app.churn_model.production import Production, scorer
from app.churn_model.uploads.upload import check_rows, read_upload, score
from app.turns import TooBusy, Turns
from flows.churn.features.users_file import UsersFile
from flows.errors import BadInput
from flows.log_lines import belongs_to
from flows.settings import load_settings

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# Each of those that wait holds its file in memory.
_TURNS = Turns(most_waiting=12)
# Always the same thread: allocators keep for each thread what it had once, and visitors have many.
_WORKER = ThreadPoolExecutor(1, thread_name_prefix="scoring")


UPLOADER = "uploaded file"


@dataclass(frozen=True)
class Outcome:
    """What became of a file: its scores by a version, or why there are none.

    `refused`: the pipeline's sentence, with what stands in the file. `busy`: it was not looked at.
    """

    file_id: str
    version: str | None
    table: "pd.DataFrame | None" = None
    warnings: list[str] = field(default_factory=list)
    refused: str = ""
    busy: bool = False


def score_upload(
    production: Production | None, upload: "UploadedFile", tell: Callable[[int], None]
) -> Outcome:
    """Return what becomes of the file, whose content is kept nowhere afterwards.

    It is what the uploader with the key UPLOADER returned. `tell` is called with the number of
    files ahead, while there are any.
    """
    version = production.version if production else None
    content = _content(upload)
    _empty(upload)  # a copy, which would be there as long as its turn does not come
    try:
        with _TURNS.turn(load_settings().upload_patience_seconds, tell):
            file, table = _WORKER.submit(_scored, production, upload.name, content).result()
        outcome = Outcome(upload.file_id, version, table, [*file.told, *contradictions(file.users)])
    except BadInput as error:
        outcome = Outcome(upload.file_id, version, refused=error.in_full)
    except TooBusy:
        outcome = Outcome(upload.file_id, version, busy=True)
    _let_go(upload)
    return outcome


def _scored(
    production: Production | None, name: str, content: bytes
) -> tuple[UsersFile, "pd.DataFrame"]:
    settings = load_settings()
    with belongs_to(str(uuid4())):  # what is logged about one upload, and its connections
        check_rows(name, content, settings.upload_rows)
        file = read_upload(settings, name, content)
        scored_by = f"version {production.version}" if production else "heuristic, not a model"
        return file, score(file.users, scorer(production), scored_by)


def _content(upload: "UploadedFile") -> bytes:
    context = get_script_run_ctx()
    if context is None:
        return upload.getvalue()
    (kept,) = context.uploaded_file_mgr.get_files(context.session_id, [upload.file_id])
    return kept.data


def _let_go(upload: "UploadedFile") -> None:
    """Leave of the file in memory that it was there: Streamlit keeps it in two places."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        emptied = UploadedFileRec(upload.file_id, upload.name, upload.type, b"")
        context.uploaded_file_mgr.add_file(context.session_id, emptied)
    if (in_session := st.session_state.get(UPLOADER)) is not None:
        _empty(in_session)


def _empty(upload: "UploadedFile") -> None:
    upload.seek(0)
    upload.truncate()
