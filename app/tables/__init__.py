"""What is kept. Importing the room gives every table; `CAPTURED` lists the forms by table name."""

from app.tables import dosing, efficacy, exports, ledger, people, review, safety, studies, subjects
from app.tables.base import Base, Captured
from app.tables.exports import ExportJob

__all__ = [
    "CAPTURED",
    "KEPT",
    "OPERATIONAL",
    "Base",
    "dosing",
    "efficacy",
    "exports",
    "ledger",
    "people",
    "review",
    "safety",
    "studies",
    "subjects",
]

CAPTURED: dict[str, type[Captured]] = {
    table.__tablename__: table for table in sorted(Captured.__subclasses__(), key=lambda table: table.__tablename__)
}
"""Every captured table by its name."""

OPERATIONAL: tuple[str, ...] = (ExportJob.__tablename__,)
"""The tables that the service rewrites: where its own work stands, and nothing that must be kept."""

KEPT: tuple[str, ...] = tuple(name for name in Base.metadata.tables if name not in OPERATIONAL)
"""Every other table of the house by name: all of them are guarded against UPDATE, DELETE and TRUNCATE."""
