"""What leaves: the package of a data cut, SDTM and ADaM, made by a job that is asked for, followed, cancelled and fetched."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import FileResponse
from pydantic import Field, StringConstraints

from app.api import answers, described, export_jobs
from app.api.deps import Acting, Creating, Database, Raw, StudyId, may
from app.casebook import database, forms, write
from app.casebook.access import Action
from app.casebook.exports import jobs
from app.casebook.exports.exporter import Exporter, kept_at
from app.errors import Conflict, NotFound

router = APIRouter(prefix="/studies/{study}/exports", tags=["exports"])
FOLLOW: dict[str, Any] = {"dependencies": [may(Action.FOLLOW_EXPORTS)], "responses": described.READING}
JobId = Annotated[UUID, Path(description="The job's identifier, from the answer to the request for it")]


class ExportForm(forms.Body):
    """The cut to export."""

    cut: Annotated[str, StringConstraints(pattern=forms.CODE), Field(title="Name of the Cut")]
    ndjson: Annotated[bool, Field(title="Dataset-JSON as Lines Too")] = False


class CancelForm(forms.Reasoned):
    """Why an export is cancelled."""


def exporter(request: Request) -> Exporter:
    """The worker of the service."""
    return request.app.state.exporter  # type: ignore[no-any-return]


@router.post(
    "",
    status_code=202,
    summary="Ask for the package of a cut",
    response_model=export_jobs.ExportJob,
    dependencies=[may(Action.EXPORT_PACKAGE)],
    responses=described.CREATING,
    openapi_extra=described.body(ExportForm),
)
def ask_export(
    engine: Database, study: StudyId, act: Creating, raw: Raw, worker: Annotated[Exporter, Depends(exporter)]
) -> Response:
    """A job that makes the package of a cut: SDTM, ADaM, their documents and the manifest; its place is in `Location`."""
    form = forms.read(ExportForm, forms.parse(raw))
    job, repeated = database.attempt(engine, lambda connection: jobs.ask(connection, act, study, form.cut, form.ndjson))
    worker.wake()
    headers = {"Location": f"/api/v1/studies/{study}/exports/{job['job_id']}"}
    return answers.json(job, status=202, headers=headers | ({"Idempotent-Replay": "true"} if repeated else {}))


@router.get("", summary="The exports", response_model=export_jobs.ExportJobs, **FOLLOW)
def list_exports(engine: Database, study: StudyId) -> Response:
    """Every export that was asked for, oldest first: of which cut, by whom, and what came of it."""
    with database.reading(engine) as connection:
        return answers.json({"exports": jobs.listed(connection, study)})


@router.get("/{job}", summary="One export", response_model=export_jobs.ExportJob, **FOLLOW)
def get_export(engine: Database, study: StudyId, job: JobId) -> Response:
    """Where an export stands; once it is done its manifest and the SHA-256 of its package, once it failed what was found."""
    with database.reading(engine) as connection:
        return answers.json(jobs.shown(connection, study, job))


@router.get(
    "/{job}/package",
    summary="The package of an export",
    response_class=FileResponse,
    dependencies=[may(Action.EXPORT_PACKAGE)],
    responses=described.CREATING | {200: {"content": {"application/zip": {}}, "description": "The package"}},
)
def get_package(engine: Database, study: StudyId, job: JobId, worker: Annotated[Exporter, Depends(exporter)]) -> Response:
    """The package as one zip: transport files, define.xml, Dataset-JSON, tables and the manifest. Refused until it is done."""
    with database.reading(engine) as connection:
        found = jobs.shown(connection, study, job)
    if found["state"] != "done":
        raise Conflict(
            "export_not_done", f"Export {job} of {study} has no package: it is {found['state']}", state=found["state"]
        )
    path = kept_at(worker.packages, study, found["sha256"])
    if not path.is_file():
        raise NotFound("package_gone", "The package is no longer kept here; export the cut again, it gives the same bytes")
    return FileResponse(path, filename=f"{study}-{found['cut']}.zip", media_type="application/zip")


@router.post(
    "/{job}/cancel",
    summary="Cancel an export",
    response_model=export_jobs.ExportJob,
    dependencies=[may(Action.EXPORT_PACKAGE)],
    responses=described.CREATING,
    openapi_extra=described.body(CancelForm),
)
def cancel_export(engine: Database, study: StudyId, job: JobId, act: Acting, raw: Raw) -> Response:
    """Cancel an export that waits or runs, with a reason of the study's list; one that has ended is refused."""
    because = write.because(act, forms.read(CancelForm, forms.parse(raw)))
    return answers.json(database.attempt(engine, lambda connection: jobs.cancel(connection, because, study, job)))
