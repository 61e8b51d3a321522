"""What is known of the person: the consents, and the answers to the criteria of entry."""

from __future__ import annotations

from dataclasses import dataclass

from app.rules.verdict import Source, Truth


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent, or the `assent` of a child, as recorded. `signer`: SUBJECT, PARENT or GUARDIAN."""

    at: str | None
    signer: str | None
    assent: bool
    source: Source | None = None

    @property
    def what(self) -> str:
        """What it is, in words."""
        return "assent" if self.assent else "consent"


@dataclass(frozen=True, slots=True)
class Unspelt:
    """A text of a record of `form` (its table) that has `signs` which no package can carry; `what`: the label of its field."""

    form: str
    what: str
    signs: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class EntryAnswer:
    """
    Whether a criterion of entry holds, as it was answered. `criterion`: its short name; `at`: the day of the answer, without
    one that of its visit.
    """

    id: str
    criterion: str
    holds: Truth
    at: str | None
    source: Source | None = None
