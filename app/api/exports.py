"""What leaves: the SDTM package of a data cut."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from pydantic import Field, StringConstraints
from starlette.background import BackgroundTask

from app.api import described
from app.api.deps import CODE, Acting, Database, Raw, StudyId, may
from app.casebook import database, export, forms
from app.casebook.access import Action

router = APIRouter(tags=["exports"])


class ExportForm(forms.Body):
    """The cut to export."""

    cut: Annotated[str, StringConstraints(pattern=CODE), Field(title="Name of the Cut")]


@router.post(
    "/studies/{study}/exports",
    summary="Export a cut as SDTM",
    response_class=FileResponse,
    dependencies=[may(Action.EXPORT)],
    responses=described.CREATING | {200: {"content": {"application/zip": {}}, "description": "The package"}},
    openapi_extra=described.body(ExportForm),
)
def export_cut(engine: Database, study: StudyId, act: Acting, raw: Raw) -> Response:
    """The package of a cut as one zip: transport files, define.xml, Dataset-JSON and the manifest."""
    name = forms.read(ExportForm, forms.parse(raw)).cut
    folder = tempfile.TemporaryDirectory(prefix="casebook-export-")
    package, archive = Path(folder.name) / "package", Path(folder.name) / f"{study}-{name}.zip"
    try:
        with database.reading(engine) as connection:
            export.export(connection, study, name, act.build, package)
        export.zipped(package, archive)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(archive, filename=archive.name, media_type="application/zip", background=BackgroundTask(folder.cleanup))
