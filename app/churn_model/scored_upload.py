"""An uploaded file scored in its turn, within the app's limits, and then let go of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from app.churn_model.consistency import contradictions
from app.churn_model.production import Production, scorer
from app.churn_model.upload import check_rows, read_upload, score
from app.turns import TooBusy, Turns
from flows.errors import BadInput
from flows.settings import load_settings

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# Each of those that wait holds its file in memory.
_TURNS = Turns(most_waiting=12)


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
    """Return what becomes of the file, whose content is not kept: not by the session either.

    `tell` is called with the number of files ahead, while there are any.
    """
    version = production.version if production else None
    try:
        with _TURNS.turn(load_settings().upload_patience_seconds, tell):
            outcome = _scored(production, version, upload)
    except BadInput as error:
        outcome = Outcome(upload.file_id, version, refused=error.in_full)
    except TooBusy:
        outcome = Outcome(upload.file_id, version, busy=True)
    _let_go(upload)
    return outcome


def _scored(production: Production | None, version: str | None, upload: "UploadedFile") -> Outcome:
    settings = load_settings()
    content = upload.getvalue()
    check_rows(upload.name, content, settings.upload_rows)
    file = read_upload(settings, upload.name, content)
    scored_by = f"version {version}" if version else "heuristic, not a model"
    table = score(file.users, scorer(production), scored_by)
    return Outcome(upload.file_id, version, table, [*file.told, *contradictions(file.users)])


def _let_go(upload: "UploadedFile") -> None:
    """Leave of the file in memory that it was there: Streamlit would keep it with the session."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        emptied = UploadedFileRec(upload.file_id, upload.name, upload.type, b"")
        context.uploaded_file_mgr.add_file(context.session_id, emptied)
    upload.seek(0)
    upload.truncate()
