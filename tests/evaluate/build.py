"""
A case of LUPUS_ENDPOINTS for tests, in the shorthand of the rules' own tables.

Infused on 3 March 2025 at 10:00. SLEDAI-2K: the descriptors present, apart by a space; `key?` not assessed. BILAG-2004: nine
letters; `?` is a domain not done.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.rules.efficacy.bilag import DOMAINS
from app.rules.efficacy.sledai import WEIGHTS

Case = dict[str, Any]
ACTIVE = "arthritis proteinuria rash low_complement increased_dna_binding"


def visit(
    name: str,
    at: str,
    *,
    present: str = "",
    grades: str = "EEEEEEEEE",
    mark: str | None = "0.2",
    taking: list[Case] | None = None,
    **differs: Any,
) -> Case:
    """A visit at which lupus is quiet on 5 mg of prednisone, unless something else is said."""
    items = dict.fromkeys(WEIGHTS, False) | {word.rstrip("?"): None if word.endswith("?") else True for word in present.split()}
    doses = [{"drug": "prednisone", "dose_mg": 5, "interval_days": 1, "route": "oral"}] if taking is None else taking
    stands = {
        "visit_id": name,
        "datetime": at,
        "kind": "unscheduled" if name.startswith("UNS") else "scheduled",
        "sledai2k": items,
        "bilag2004": {domain: None if grade == "?" else grade for domain, grade in zip(DOMAINS, grades, strict=True)},
        "pga": {"value": None if mark is None else Decimal(mark), "scale": "0-3"},
        "glucocorticoids": doses,
        "immunosuppression": {
            "agents": [{"drug": "mycophenolate_mofetil", "dose_mg": 1000}],
            "stable": True,
            "well_tolerated": True,
            "other_investigational": False,
        },
        "weight_kg": 50,
        "haemolytic_anaemia": False,
        "gi_activity": False,
    }
    return stands | differs


def baseline(name: str = "BL", at: str = "2025-03-02T09:00:00", **differs: Any) -> Case:
    """A baseline of 14 points with a BILAG A and two B."""
    return visit(name, at, **{"present": ACTIVE, "grades": "EBEBEEEAE", "mark": "2.0", **differs})


def m2(**differs: Any) -> Case:
    """The visit at two months."""
    return visit("M2", "2025-05-02T09:00:00", **differs)


def m3(**differs: Any) -> Case:
    """The visit at three months."""
    return visit("M3", "2025-06-01T09:00:00", **differs)


def case(*visits: Case, timepoint: str = "M3", events: list[Case] | None = None, **subject: Any) -> Case:
    """A case of a subject with these visits."""
    known = {"age_years": 14, "sex": "F", "height_cm": 160, "first_infusion_datetime": "2025-03-03T10:00:00", **subject}
    inputs = {"subject": known, "visits": list(visits), "events": events or [], "timepoint": timepoint}
    return {"id": "lupus", "system": "LUPUS_ENDPOINTS", "version": "1", "inputs": inputs}


def dose(drug: str, mg: str | None, every: int = 1, route: str = "oral") -> Case:
    """One glucocorticoid."""
    return {"drug": drug, "dose_mg": None if mg is None else Decimal(mg), "interval_days": every, "route": route}
