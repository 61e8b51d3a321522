"""
The study design and the instruments in force: published as immutable versions.

A version once published never changes, so a process reads each only once from each database; which version is in force is
read anew in every transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, Engine, func, select
from uuid_utils.compat import uuid7

from app.casebook import access, forms, ledger, values
from app.casebook.database import lock_chain
from app.casebook.ledger import Act, Appended, Position, Row
from app.casebook.studies.agreement import disagreements
from app.casebook.studies.criteria import EntryScore
from app.casebook.studies.documents import StudyDocument, checksum, read_study
from app.casebook.studies.instruments import look_back, read_instrument
from app.errors import Conflict, Fault, Invalid, NotFound
from app.rules.dosing.gates import COUNTS, GATES
from app.rules.instrument import Answer, Instrument, Item
from app.rules.study import E2A, Gate, GradeLimit, ReportClock, ScoreLimit, Settings, Tier, Window
from app.tables.base import STUDY_CHAIN, table
from app.tables.studies import InstrumentVersion, StudyVersion

STUDY_VERSION = table(StudyVersion)
INSTRUMENT_VERSION = table(InstrumentVersion)

Document = TypeVar("Document", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Study:
    """A study at one version: its document and the settings that its rules take from it."""

    id: str
    version: int
    checksum: str
    document: StudyDocument
    settings: Settings


_READ: WeakKeyDictionary[Engine, dict[tuple[str, ...], Any]] = WeakKeyDictionary()


def _once(connection: Connection, key: tuple[str, ...], read: Callable[[], Any]) -> Any:
    """What `read` gives, remembered for this database; None is not remembered, because it may be published later."""
    known = _READ.setdefault(connection.engine, {})
    if key not in known and (value := read()) is not None:
        known[key] = value
    return known.get(key)


def forget(engine: Engine, study_id: str) -> None:
    """Read the documents of a study anew: those that were read in a transaction that came to nothing do not stand."""
    known = _READ.get(engine, {})
    for key in [key for key in known if key[0] == study_id]:
        del known[key]


def _study(source: str) -> Study:
    document = read_study(source)
    return Study(document.study.id, document.study.version, checksum(source), document, settings(document))


def settings(document: StudyDocument) -> Settings:
    """The rules' parameters as the study document sets them: windows are those of its timepoint visits with a planned day."""
    timed = [v for v in document.visits if v.timepoint and v.day is not None and v.anchor == "first_infusion"]
    return Settings(
        windows=tuple(Window(v.visit, v.day or 0, v.before, v.after) for v in timed),
        baseline=document.endpoints.baseline,
        look_back_days=document.endpoints.look_back_days,
        sri_points=document.endpoints.sri_points,
        sri_also=document.endpoints.sri_also,
        maintenance_maxima=document.endpoints.maintenance_maxima,
        pga_scale=document.endpoints.pga_scale,
        pga_worsening=document.endpoints.pga_worsening,
        paediatric=document.endpoints.paediatric,
        failure_events=frozenset(document.endpoints.failure_events),
        further=frozenset((*document.endpoints.further, *document.toxicity.further)),
        ctcae_version=document.toxicity.ctcae_version,
        emergent_from=document.toxicity.emergent_from,
        haematotoxicity_from=document.toxicity.haematotoxicity_from,
        b_cells_depleted_below=document.endpoints.b_cells_depleted_below,
        b_cells_reconstituted_from=document.endpoints.b_cells_reconstituted_from,
        guardian_below=document.protection.guardian_below,
        assent_from=document.protection.assent_from,
        adult_from=document.protection.adult_from,
        pregnancy_test_from=document.protection.pregnancy_test_from,
        pregnancy_test_days=document.protection.pregnancy_test_days,
        report_clocks=_report_clocks(document),
        gates=_gates(document),
        toxicity_grade=document.gates.toxicity_grade,
        unknown_stops=frozenset(document.gates.unknown_stops),
        count_limits=_count_limits(document),
        count_days=document.gates.counts_within_days,
        thaw_minutes=document.gates.thaw_minutes_most,
        dose_tolerance=document.dosing.tolerance or Decimal(0),
        levels=tuple(level.level for level in document.dosing.levels),
        tiers={
            level.level: tuple(Tier(tier.tier, tier.min_kg, tier.max_kg) for tier in level.tiers)
            for level in document.dosing.levels
        },
        autologous=document.product.source == "autologous",
        entry={each.ietestcd: _entry(each.score) for each in document.criteria if each.score},
    )


def _entry(score: EntryScore) -> ScoreLimit | GradeLimit:
    """What a criterion asks of an instrument, as the rules take it."""
    if score.a_grades is not None and score.b_grades is not None:
        return GradeLimit(score.a_grades, score.b_grades)
    if score.at_least is not None:
        return ScoreLimit(score.instrument, score.at_least, included=True)
    return ScoreLimit(score.instrument, score.above or Decimal(0), included=False)


def _gates(document: StudyDocument) -> dict[str, Gate]:
    """What each gate of a dose does; nothing stands before a dose that was given long ago and published."""
    if document.study.origin == "published":
        return {}
    return {name: getattr(document.gates, name) for name in GATES}


def _report_clocks(document: StudyDocument) -> tuple[ReportClock, ...]:
    """Who has expedited reports; nobody of what was published, which was reported long ago."""
    if document.study.origin == "published":
        return ()
    return tuple(ReportClock(**each.model_dump()) for each in document.report_clocks) or (E2A,)


def _count_limits(document: StudyDocument) -> dict[str, Decimal]:
    """The limits of the blood counts that the document states."""
    stated = {name: getattr(document.gates, f"{name}_least") for name in COUNTS}
    return {name: limit for name, limit in stated.items() if limit is not None}


def version_in_force(study: Any) -> Any:
    """The highest published version of a study, as a scalar subquery of any statement; NULL where there is no such study."""
    return select(func.max(STUDY_VERSION.c.version)).where(STUDY_VERSION.c.study_id == study).scalar_subquery()


def study(connection: Connection, study_id: str, version: int | None = None) -> Study:
    """A study at a version (None: in force); raises NotFound where it has not been published."""
    if version is None:
        version = connection.scalar(select(version_in_force(study_id)))
    of = STUDY_VERSION.c

    def read() -> Study | None:
        source = connection.scalar(select(of.source).where(of.study_id == study_id, of.version == version))
        return None if source is None else _study(source)

    found: Study | None = _once(connection, (study_id, str(version)), read)
    if found is None:
        raise NotFound("no_such_study", f"There is no study {study_id}")
    return found


def studies(connection: Connection) -> list[Row]:
    """Every study in its version in force: identifier, version, title, origin, checksum."""
    newest = (
        select(STUDY_VERSION.c.study_id, func.max(STUDY_VERSION.c.version).label("version"))
        .group_by(STUDY_VERSION.c.study_id)
        .subquery()
    )
    same = (newest.c.study_id == STUDY_VERSION.c.study_id) & (newest.c.version == STUDY_VERSION.c.version)
    columns = [STUDY_VERSION.c[name] for name in ("study_id", "version", "title", "origin", "checksum")]
    found = connection.execute(select(*columns).join(newest, same).order_by(STUDY_VERSION.c.study_id))
    return list(found.mappings())


def _instrument(source: str) -> Instrument:
    document = read_instrument(source)
    items = {
        item.key: Item(
            key=item.key,
            testcd=item.testcd,
            test=item.test,
            type=item.type,
            label=item.label,
            weight=item.weight,
            group=item.group,
            answers=tuple(Answer(a.value, a.original, a.standard, a.points) for a in item.answers),
            least=item.least,
            most=item.most,
            unit=item.unit,
        )
        for item in document.items
    }
    return Instrument(
        id=document.id,
        version=document.version,
        title=document.title,
        domain=document.domain,
        category=document.category,
        source=document.source,
        items=items,
        look_back_days=document.look_back_days,
        total=None if document.total is None else (document.total.testcd, document.total.test),
        grades={each.key: (each.testcd, each.test) for each in document.grades},
        trained_assessor=document.trained_assessor,
        several_a_visit=document.several_a_visit,
    )


def instrument(connection: Connection, study: Study, name: str, version: int | None = None) -> Instrument:
    """An instrument at a version (None: the one in force in the study); refused where the study has not published it."""
    wanted = study.document.instruments.get(name) if version is None else version
    if wanted is None:
        known = ", ".join(sorted(study.document.instruments))
        fault = Fault("/instrument", "unknown_instrument", f"{name} is not an instrument of study {study.id}; it has {known}")
        raise Invalid("unknown_instrument", fault.detail, faults=[fault])
    of = INSTRUMENT_VERSION.c

    def read() -> Instrument | None:
        source = connection.scalar(
            select(of.source).where(of.study_id == study.id, of.instrument == name, of.version == wanted)
        )
        return None if source is None else _instrument(source)

    found: Instrument | None = _once(connection, (study.id, name, str(wanted)), read)
    if found is None:
        raise Conflict("instrument_not_published", f"Study {study.id} uses {name} version {wanted}, which is not published yet")
    return found


def instruments(connection: Connection, study: Study, at: Position) -> list[Instrument]:
    """Every instrument version that was published in a study by a position, by name and version."""
    of = INSTRUMENT_VERSION.c
    rows = select(of.source).where(of.study_id == study.id, ledger.within(INSTRUMENT_VERSION, at.kind))
    found = connection.scalars(rows.order_by(of.instrument, of.version), at.parameters)
    return read_instruments(found)


def read_instruments(sources: Iterable[str]) -> list[Instrument]:
    """Instruments from the texts of their documents."""
    return [_instrument(source) for source in sources]


def _read(reader: Callable[[str], Document], source: str) -> Document:
    try:
        return reader(source)
    except ValidationError as error:
        raise forms.refusal("document_refused", forms.faults_of(error)) from None
    except RecursionError:
        raise Invalid("not_toml", "The document is not TOML: it is nested too deeply") from None
    except ValueError as error:
        raise Invalid("not_toml", f"The document is not TOML: {error}") from None


def publish_study(connection: Connection, act: Act, source: str) -> tuple[Study, Appended]:
    """
    Publish a study document as the next version of its study, on the study's own chain.

    Refused: a study that the caller's token does not open (404), a version that does not follow the one in force, the same
    version with other words, a version without the amendment's reason from version 2 on.
    """
    document = _read(read_study, source)
    if complaints := disagreements(document):
        faults = [Fault("", "disagrees", words) for words in complaints]
        raise Invalid("document_refused", "; ".join(complaints), faults=faults)
    identity = document.study
    access.allow(act.actor, access.Action.PUBLISH, identity.id)
    lock_chain(connection, identity.id, STUDY_CHAIN)
    in_force = connection.scalar(select(version_in_force(identity.id))) or 0
    if identity.version != in_force + 1:
        raise Conflict(
            "version_does_not_follow",
            f"Study {identity.id} stands at version {in_force} and no published version changes; the next is {in_force + 1}",
        )
    if identity.version > 1 and not identity.amendment:
        fault = Fault("/study/amendment", "missing", "an amendment says why it follows the version before")
        raise Invalid("document_refused", fault.detail, faults=[fault])
    head = ledger.head(connection, identity.id, STUDY_CHAIN, identity.version)
    row = {
        "version": identity.version,
        "checksum": checksum(source),
        "title": identity.title,
        "origin": identity.origin,
        "source": source,
        "document": document.model_dump(mode="json"),
    }
    done = ledger.append(connection, head, act, "publish", [(STUDY_VERSION, row)])
    return _study(source), done


def publish_instrument(connection: Connection, act: Act, study: Study, source: str) -> Instrument:
    """Publish a version of an instrument in a study; the same version twice is refused."""
    document = _read(read_instrument, source)
    lock_chain(connection, study.id, STUDY_CHAIN)
    of = INSTRUMENT_VERSION.c
    taken = select(of.checksum).where(of.study_id == study.id, of.instrument == document.id, of.version == document.version)
    if connection.scalar(taken) is not None:
        raise Conflict("already_published", f"{document.id} version {document.version} is published already and never changes")
    row: dict[str, Any] = {
        "instrument_id": uuid7(),
        "instrument": document.id,
        "version": document.version,
        "checksum": checksum(source),
        "source": source,
        "document": document.model_dump(mode="json"),
    }
    head = ledger.head(connection, study.id, STUDY_CHAIN, study.version)
    ledger.append(connection, head, act, "publish", [(INSTRUMENT_VERSION, row)])
    return _instrument(source)


def check_answers(instrument: Instrument, answers: dict[str, Any]) -> dict[str, Any]:
    """
    The answers of an instrument, checked item by item: only its keys; true, false or null for a boolean; a listed answer for
    a choice; a number within its bounds, kept as text with its digits. An item that is left out is null: not assessed.
    """
    unknown = [key for key in answers if key not in instrument.items]
    faults = [
        Fault(forms.pointer("answers", key), "unknown_item", f"{key[:40]} is not an item of {instrument.title}")
        for key in unknown
    ]
    checked: dict[str, Any] = {}
    for key, item in instrument.items.items():
        try:
            checked[key] = None if answers.get(key) is None else _answer(item, answers[key])
        except ValueError as error:
            words = f"{item.label} ({key}) {error}{forms.sent(answers[key])}"
            faults.append(Fault(forms.pointer("answers", key), "answer_refused", words))
    if faults:
        raise forms.refusal("answers_refused", faults)
    return checked


def _answer(item: Item, value: Any) -> Any:
    if item.type == "boolean":
        if not isinstance(value, bool):
            raise ValueError("is answered true, false, or null where it was not assessed")
        return value
    if item.type == "choice":
        allowed = [answer.value for answer in item.answers]
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"is answered one of {', '.join(allowed)}")
        return value
    number = values.exact(value)
    whole = item.type == "integer"
    if whole and number != number.to_integral_value():
        raise ValueError("is answered with a whole number")
    if (item.least is not None and number < item.least) or (item.most is not None and number > item.most):
        raise ValueError(f"lies outside {item.least} to {item.most}")
    return int(number) if whole else format(number, "f")


def instrument_schema(study: Study, instrument: Instrument) -> dict[str, Any]:
    """The JSON schema of an instrument's answers, made from its document; its look-back is that of the study."""
    days = look_back(study.document, instrument)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": instrument.title,
        **({"description": f"Asked about the last {days} days"} if days else {}),
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _item_schema(item) for key, item in instrument.items.items()},
    }


def _item_schema(item: Item) -> dict[str, Any]:
    about = {"title": item.label, "x-testcd": item.testcd, "x-weight": item.weight, "x-unit": item.unit}
    about = {key: value for key, value in about.items() if value is not None}
    if item.type == "boolean":
        return about | {"type": ["boolean", "null"]}
    if item.type == "choice":
        return about | {"enum": [answer.value for answer in item.answers] + [None]}
    kind = "integer" if item.type == "integer" else "number"
    bounds = {"minimum": item.least, "maximum": item.most}
    return about | {"type": [kind, "string", "null"]} | {k: float(v) for k, v in bounds.items() if v is not None}
