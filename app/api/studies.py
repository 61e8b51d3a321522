"""Studies and their documents: publish, read, the forms they ask for, their cuts, their product lots."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import StringConstraints

from app.api import answers
from app.api.capture import PROBLEMS, body_of, capture
from app.api.deps import CODE, Acting, Caller, Database, Raw, StudyId
from app.casebook import access, cut, database, forms, library
from app.casebook.access import Action
from app.errors import Invalid
from app.tables import CAPTURED, dosing

router = APIRouter(tags=["studies"])
TOML: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/toml": {"schema": {"type": "string"}}}},
}


class CutForm(forms.Body):
    """The name of a new cut; a name is used once."""

    name: Annotated[str, StringConstraints(pattern=CODE)]


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Invalid("not_utf8", "A document is UTF-8 text") from None


@router.post("/studies", status_code=201, summary="Publish a study document", responses=PROBLEMS, openapi_extra=TOML)
def publish_study(engine: Database, act: Acting, raw: Raw) -> Response:
    """Publish a study document as the next version of its study; a published version never changes."""
    access.allow(act.actor, Action.PUBLISH)
    source = _text(raw)
    study, entry = database.attempt(engine, lambda connection: library.publish_study(connection, act, source))
    content = {"study": study.id, "version": study.version, "checksum": study.checksum, "chain_no": entry.head.chain_no}
    return answers.json(content, status=201)


@router.post(
    "/studies/{study}/instruments", status_code=201, summary="Publish an instrument", responses=PROBLEMS, openapi_extra=TOML
)
def publish_instrument(engine: Database, study: StudyId, act: Acting, raw: Raw) -> Response:
    """Publish a version of an instrument in a study."""
    access.allow(act.actor, Action.PUBLISH, study)
    source = _text(raw)
    made = database.attempt(engine, lambda c: library.publish_instrument(c, act, library.study(c, study), source))
    return answers.json({"instrument": made.id, "version": made.version, "items": len(made.items)}, status=201)


@router.get("/studies", summary="The studies", responses=PROBLEMS)
def studies(engine: Database, who: Caller) -> Response:
    """Every study that the caller may read, in its version in force."""
    access.allow(who, Action.READ)
    with database.reading(engine) as connection:
        found = [dict(row) for row in library.studies(connection) if who.study_id in (None, row["study_id"])]
    return answers.json({"studies": found})


@router.get("/studies/{study}", summary="One study", responses=PROBLEMS)
def study_(engine: Database, study: StudyId, who: Caller) -> Response:
    """The study document in force, with its version and checksum."""
    access.allow(who, Action.READ, study)
    with database.reading(engine) as connection:
        found = library.study(connection, study)
    document = found.document.model_dump(mode="json")
    return answers.json({"study": found.id, "version": found.version, "checksum": found.checksum, "document": document})


@router.get("/studies/{study}/forms", summary="The forms", responses=PROBLEMS)
def form_list(engine: Database, study: StudyId, who: Caller) -> Response:
    """Every form with its path, and every instrument of the study."""
    access.allow(who, Action.READ, study)
    with database.reading(engine) as connection:
        instruments = library.study(connection, study).document.instruments
    listed = [{"path": f.__form__.path, "title": f.__form__.title, "domain": f.__form__.domain} for f in CAPTURED.values()]
    return answers.json({"forms": listed, "instruments": instruments})


@router.get("/studies/{study}/forms/{path}", summary="One form as JSON schema", responses=PROBLEMS)
def form_schema(
    engine: Database, study: StudyId, path: Annotated[str, Path(pattern=r"^[a-z-]{1,40}$")], who: Caller
) -> Response:
    """The JSON schema of a form's body."""
    access.allow(who, Action.READ, study)
    form = next((form for form in CAPTURED.values() if form.__form__.path == path), None)
    if form is None:
        raise Invalid("no_such_form", f"There is no form {path}")
    return answers.json(forms.entry_form(form).model_json_schema())


@router.get("/studies/{study}/instruments/{instrument}", summary="An instrument's answers as JSON schema", responses=PROBLEMS)
def instrument_schema(
    engine: Database, study: StudyId, instrument: Annotated[str, Path(pattern=CODE)], who: Caller
) -> Response:
    """The JSON schema of an instrument's answers, made from the document in force."""
    access.allow(who, Action.READ, study)
    with database.reading(engine) as connection:
        found = library.instrument(connection, library.study(connection, study), instrument)
    return answers.json(library.instrument_schema(found))


@router.post(
    "/studies/{study}/cuts", status_code=201, summary="Take a data cut", responses=PROBLEMS, openapi_extra=body_of(CutForm)
)
def take_cut(engine: Database, study: StudyId, act: Acting, raw: Raw) -> Response:
    """Take and name a cut: a position in every chain of the study, exact however many are writing."""
    access.allow(act.actor, Action.CUT, study)
    name = forms.read(CutForm, forms.parse(raw)).name
    return answers.json(database.attempt(engine, lambda c: cut.cut(c, act, library.study(c, study), name)), status=201)


@router.get("/studies/{study}/cuts", summary="The data cuts", responses=PROBLEMS)
def cuts(engine: Database, study: StudyId, who: Caller) -> Response:
    """The cuts of a study, oldest first."""
    access.allow(who, Action.READ, study)
    with database.reading(engine) as connection:
        library.study(connection, study)
        return answers.json({"cuts": [dict(row) for row in cut.cuts(connection, study)]})


capture(router, dosing.ProductLot)
