"""What the answers look like, for whoever reads the API's description: a model an answer (those of forms in `form_models`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """An answer: exactly its keys."""

    model_config = ConfigDict(extra="forbid")


class Fault(Answer):
    """One thing that is wrong: where in the body that was sent, a stable code, and what is allowed instead."""

    pointer: str = Field(description="RFC 6901, into the body that was sent")
    code: str
    detail: str


class Problem(BaseModel):
    """A refusal (RFC 9457): nothing was stored."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable: programs may depend on it")
    detail: str
    instance: str
    request_id: str
    errors: list[Fault] = []


class Entry(Answer):
    """The ledger entry of an act."""

    chain_no: int
    entry_id: UUID
    at: datetime
    hash: str


class Moved(Answer):
    """A verdict that the act moved: from what, to what, and which criteria changed their answer."""

    verdict_id: UUID
    rule: str
    about: str
    before: str | None
    after: str
    amount_before: str | None
    amount_after: str | None
    criteria: dict[str, list[bool | None]]


class Asked(Answer):
    """A query that the act opened or closed."""

    query_id: UUID
    state: str
    rule: str
    text: str
    record_id: UUID | None
    field: str | None


class Followed(Answer):
    """What followed from a write."""

    entry: Entry
    moved: list[Moved]
    queries: list[Asked]


class Identity(Answer):
    """What a record is besides its form and its values."""

    record_id: UUID
    version: int
    withdrawn: bool
    origin: str
    source: str | None
    form: str


class MadeBy(Answer):
    """
    The entry that made a version: who, in which role, when, and why; of an imported one the act that it repeats (`source_...`):
    whose that was, in which role, when, and its name in the system that it came from.
    """

    entry_id: UUID
    act: str
    actor: str
    role: str
    at: datetime
    reason_code: str | None
    reason: str | None
    request_id: str
    build: str
    source_actor: str | None
    source_role: str | None
    source_at: datetime | None
    source_entry: str | None


class Change(Answer):
    """A field's value before and after."""

    from_: Any = Field(alias="from")
    to: Any


class Registered(Answer):
    """A subject's code, the site that follows the subject, and what kind of data the subject's are."""

    subject_id: str
    siteid: str
    origin: str


class RegisteredWritten(Followed):
    """The answer to a registration."""

    records: list[Registered]


class Subjects(Answer):
    """The subjects at the caller's sites, by code."""

    subjects: list[Registered]


class Casebook(Answer):
    """Everything collected on one subject: live records by form, forms without records left out."""

    subject_id: str
    casebook: dict[str, list[dict[str, Any]]]


class TrailEntry(MadeBy):
    """One act on a casebook, chained to the one before it by its hash."""

    study_id: str
    subject_id: str
    chain_no: int
    study_version: int | None
    content_digest: str
    prev_no: int | None
    prev_hash: str | None
    hash: str


class Trail(Answer):
    """The entries of one chain, oldest first."""

    entries: list[TrailEntry]


class Study(Answer):
    """A study in its version in force."""

    study_id: str
    version: int
    title: str
    origin: str
    checksum: str


class Studies(Answer):
    """The studies that the caller may read."""

    studies: list[Study]


class Published(Answer):
    """A study document that was just published."""

    study: str
    version: int
    checksum: str
    chain_no: int


class StudyDocument(Answer):
    """The document in force, with the SHA-256 of the text that was published."""

    study: str
    version: int
    checksum: str
    document: dict[str, Any]


class PublishedInstrument(Answer):
    """An instrument that was just published."""

    instrument: str
    version: int
    items: int


class FormLine(Answer):
    """A form: its place in the API, its title, and the SDTM domain that its records lead to."""

    path: str
    title: str
    domain: str


class Forms(Answer):
    """Every form, and the instruments of the study with their version in force."""

    forms: list[FormLine]
    instruments: dict[str, int]


class CutTaken(Answer):
    """A data cut: a position in every chain of the study."""

    study_id: str
    cut_id: UUID
    name: str
    at: datetime
    study_version: int
    chains: int


class CutLine(Answer):
    """A data cut and the entry that took it."""

    study_id: str
    subject_id: str
    chain_no: int
    entry_id: UUID
    cut_id: UUID
    name: str
    at: datetime
    study_version: int


class Cuts(Answer):
    """The data cuts of a study, oldest first."""

    cuts: list[CutLine]


class VerdictLine(Answer):
    """What a rule says, in a sentence."""

    verdict_id: UUID
    version: int
    rule: str
    rule_version: str
    about: str
    value: str
    amount: str | None
    lowest: str | None
    highest: str | None
    missing: list[str]
    says: str


class Verdicts(Answer):
    """What every rule says of one subject."""

    verdicts: list[VerdictLine]


class Move(Answer):
    """One version in the life of a verdict: which criteria changed their answer, and the entry that it follows from."""

    version: int
    value: str
    amount: str | None
    criteria: dict[str, list[bool | None]]
    chain_no: int
    at: datetime
    reason: str | None


class Verdict(Answer):
    """A verdict explained: the rule with its source, criteria, what was missing, the facts it rests on, and sentences."""

    verdict_id: UUID
    version: int
    about: str
    value: str
    amount: str | None
    lowest: str | None
    highest: str | None
    criteria: list[dict[str, Any]]
    missing: list[str]
    rests_on: list[dict[str, Any]]
    rule: dict[str, Any]
    sentences: list[str]
    entry: dict[str, Any]
    moves: list[Move]


class Query(Answer):
    """A question about the data, and where it stands."""

    query_id: UUID
    version: int
    state: str
    record_id: UUID | None
    record_version: int | None
    field: str | None
    rule: str | None
    verdict_id: UUID | None
    text: str


class Queries(Answer):
    """The queries of one subject, oldest first."""

    queries: list[Query]


class Signature(Answer):
    """
    A signature on one version of a record: printed name, role, instant and meaning. `content`: the digest of what was signed;
    `state`: valid, or broken since the record was changed.
    """

    record_id: UUID
    record_version: int
    meaning: str
    name: str
    role: str
    at: datetime
    content: str
    state: str


class Signatures(Answer):
    """The signatures of a record, oldest first."""

    signatures: list[Signature]


class Imported(Answer):
    """What an import did again, counted."""

    study: str
    documents: int
    subjects: int
    records: int
    corrections: int
    withdrawals: int
    signatures: int
    cuts: int


class Draft(Answer):
    """A study document in TOML, its instruments by their names; what each lacks to be published; what of the file is left."""

    study: str
    instruments: dict[str, str]
    lacks: list[str]
    left: list[str]


class Permissions(Answer):
    """What each role may do: role -> actions."""

    permissions: dict[str, list[str]]


class Live(Answer):
    """The process serves requests."""

    status: str


class LedgerHead(Answer):
    """The ledger's last instant."""

    last_entry_at: datetime | None


class Ready(Live):
    """The service can vouch for its database."""

    ledger: LedgerHead
