"""What is known of the person: the consents."""

from __future__ import annotations

from dataclasses import dataclass

from app.rules.verdict import Source


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
