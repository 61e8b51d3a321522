"""What is kept. Importing the room gives every table; `CAPTURED` lists the forms by table name."""

from app.tables import dosing, efficacy, ledger, people, review, safety, studies, subjects
from app.tables.base import Base, Captured

__all__ = ["CAPTURED", "KEPT", "Base", "dosing", "efficacy", "ledger", "people", "review", "safety", "studies", "subjects"]

CAPTURED: dict[str, type[Captured]] = {
    table.__tablename__: table for table in sorted(Captured.__subclasses__(), key=lambda table: table.__tablename__)
}
"""Every captured table by its name."""

KEPT: tuple[str, ...] = tuple(name for name in Base.metadata.tables)
"""Every table of the house by name: all of them are guarded against UPDATE, DELETE and TRUNCATE."""
