"""Studies and their documents: publish, read, the forms they ask for, their cuts, their product lots."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field, StringConstraints

from app.api import answers, described, models
from app.api.capture import capture
from app.api.deps import Acting, Caller, Database, Raw, StudyId, may
from app.casebook import cut, database, forms
from app.casebook.access import Action
from app.casebook.studies import library
from app.errors import Invalid, NotFound
from app.tables import CAPTURED, dosing

router = APIRouter(tags=["studies"])
READ: dict[str, Any] = {"dependencies": [may(Action.READ)], "responses": described.READING}
PUBLISH: dict[str, Any] = {"status_code": 201, "dependencies": [may(Action.PUBLISH)], "responses": described.CREATING}


class CutForm(forms.Body):
    """The name of a new cut; a name is used once."""

    name: Annotated[str, StringConstraints(pattern=forms.CODE), Field(title="Name of the Cut")]


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Invalid("not_utf8", "A document is UTF-8 text") from None


@router.post(
    "/studies",
    summary="Publish a study document",
    response_model=models.Published,
    openapi_extra=described.toml("Study document (TOML)"),
    **PUBLISH,
)
def publish_study(engine: Database, act: Acting, raw: Raw) -> Response:
    """Publish a study document as the next version of its study; a published version never changes."""
    source = _text(raw)
    study, entry = database.attempt(engine, lambda connection: library.publish_study(connection, act, source))
    content = {"study": study.id, "version": study.version, "checksum": study.checksum, "chain_no": entry.head.chain_no}
    return answers.json(content, status=201)


@router.post(
    "/studies/{study}/instruments",
    summary="Publish an instrument",
    response_model=models.PublishedInstrument,
    openapi_extra=described.toml("Instrument document (TOML)"),
    **PUBLISH,
)
def publish_instrument(engine: Database, study: StudyId, act: Acting, raw: Raw) -> Response:
    """Publish a version of an instrument in a study."""
    source = _text(raw)
    made = database.attempt(engine, lambda c: library.publish_instrument(c, act, library.study(c, study), source))
    return answers.json({"instrument": made.id, "version": made.version, "items": len(made.items)}, status=201)


@router.get("/studies", summary="The studies", response_model=models.Studies, **READ)
def list_studies(engine: Database, who: Caller) -> Response:
    """Every study that the caller may read, in its version in force."""
    with database.reading(engine) as connection:
        found = [dict(row) for row in library.studies(connection) if who.study_id in (None, row["study_id"])]
    return answers.json({"studies": found})


@router.get("/studies/{study}", summary="One study", response_model=models.StudyDocument, **READ)
def get_study(engine: Database, study: StudyId) -> Response:
    """The study document in force, with its version and checksum."""
    with database.reading(engine) as connection:
        found = library.study(connection, study)
    document = found.document.model_dump(mode="json")
    return answers.json({"study": found.id, "version": found.version, "checksum": found.checksum, "document": document})


@router.get("/studies/{study}/forms", summary="The forms", response_model=models.Forms, **READ)
def list_forms(engine: Database, study: StudyId) -> Response:
    """Every form with its path, and every instrument of the study."""
    with database.reading(engine) as connection:
        instruments = library.study(connection, study).document.instruments
    listed = [{"path": f.__form__.path, "title": f.__form__.title, "domain": f.__form__.domain} for f in CAPTURED.values()]
    return answers.json({"forms": listed, "instruments": instruments})


@router.get("/studies/{study}/forms/{path}", summary="One form as JSON schema", response_model=dict[str, Any], **READ)
def get_form(engine: Database, study: StudyId, path: Annotated[str, Path(description="A form's path")]) -> Response:
    """The JSON schema of a form's body."""
    with database.reading(engine) as connection:
        library.study(connection, study)
    form = next((form for form in CAPTURED.values() if form.__form__.path == path), None)
    if form is None:
        raise NotFound("no_such_form", f"There is no form {path[:40]}")
    return answers.json(forms.entry_form(form).model_json_schema())


@router.get(
    "/studies/{study}/instruments/{instrument}",
    summary="An instrument's answers as JSON schema",
    response_model=dict[str, Any],
    **READ,
)
def get_instrument(
    engine: Database, study: StudyId, instrument: Annotated[str, Path(pattern=forms.CODE, description="Such as SLEDAI-2K")]
) -> Response:
    """The JSON schema of an instrument's answers, made from the document in force."""
    with database.reading(engine) as connection:
        found = library.study(connection, study)
        if instrument not in found.document.instruments:
            raise NotFound("no_such_instrument", f"There is no instrument {instrument} in study {study}")
        return answers.json(library.instrument_schema(found, library.instrument(connection, found, instrument)))


@router.post(
    "/studies/{study}/cuts",
    status_code=201,
    summary="Take a data cut",
    response_model=models.CutTaken,
    dependencies=[may(Action.CUT)],
    responses=described.CREATING,
    openapi_extra=described.body(CutForm),
)
def take_cut(engine: Database, study: StudyId, act: Acting, raw: Raw) -> Response:
    """Take and name a cut: a position in every chain of the study, exact however many are writing."""
    name = forms.read(CutForm, forms.parse(raw)).name
    return answers.json(database.attempt(engine, lambda c: cut.cut(c, act, library.study(c, study), name)), status=201)


@router.get("/studies/{study}/cuts", summary="The data cuts", response_model=models.Cuts, **READ)
def list_cuts(engine: Database, study: StudyId) -> Response:
    """The cuts of a study, oldest first."""
    with database.reading(engine) as connection:
        library.study(connection, study)
        return answers.json({"cuts": [dict(row) for row in cut.cuts(connection, study)]})


capture(router, dosing.ProductLot, Action.REGISTER_LOT)
