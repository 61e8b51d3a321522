"""What the rules say of the small study, as `app.casebook.exports.analysed` gives it: measures, the baseline, endpoints."""

from __future__ import annotations

from typing import Any

import pandas as pd

OF_ENDPOINT = ("response", "basis", "policy", "policy_basis")
COLUMNS = ("rule", "rule_version", "about", "value", "amount", "criteria", "missing", "evidence", *OF_ENDPOINT)
SRI = ("a fall of SLEDAI-2K by 4 points or more", "no new BILAG A and at most one new B", "a PGA that has not worsened")
FAILED = "no intercurrent failure"
RASH, MARK = "RASH of SLEDAI-2K at M1", "PGA at M1"


def fact(what: str, value: str | None, at: str | None, form: str = "", record: str = "") -> dict[str, Any]:
    """One fact that a verdict names, with the record that it stands in."""
    source = {"form": form, "record": record, "version": 1} if record else None
    return {"what": what, "value": value, "unit": None, "at": at, "source": source}


def said(subject: str, rule: str, about: str, value: str, **more: Any) -> dict[str, Any]:
    """One verdict; what is not given is empty."""
    empty = {"amount": None, "criteria": (), "missing": (), "evidence": ()} | dict.fromkeys(OF_ENDPOINT)
    return {"subject_id": subject, "rule": rule, "rule_version": "1", "about": about, "value": value} | empty | more


def frame(*verdicts: dict[str, Any]) -> pd.DataFrame:
    """Verdicts as the frame `analysis`."""
    return pd.DataFrame(list(verdicts), columns=["subject_id", *COLUMNS], dtype=object)


def _measured(record: str, at: str, rule: str, amount: str | None, *missing: str) -> dict[str, Any]:
    value = "not_evaluable" if amount is None else "computed"
    basis = (fact(rule, amount, at, "assessment", record),)
    return said("001", rule, record, value, amount=amount, missing=missing, evidence=basis)


def _endpoint(subject: str, rule: str, value: str, analysed: tuple[Any, ...], *criteria: Any) -> dict[str, Any]:
    used = (fact("visit used for M1", "M1", "2025-02-18", "visit", f"{subject} M1"),)
    missing = (RASH, MARK) if value == "not_evaluable" else ()
    words = {"criteria": criteria, "missing": missing, "evidence": used}
    return said(subject, rule, "M1", value, **words, **dict(zip(OF_ENDPOINT, analysed, strict=True)))


def analysis() -> pd.DataFrame:
    """
    001 was assessed at baseline and in part at M1, so that SRI-4 is imputed and LLDAS is no by what is known; BICLA does not
    apply. 002 failed: SRI-4 is no for that alone, and DORIS, which was reached, is analysed as not; by the treatment policy
    both are reached.
    """
    first = (
        fact("baseline of SLEDAI-2K", "SCREENING", "2025-01-06", "assessment", "001 baseline"),
        fact("baseline of BILAG-2004", None, None),
        fact("baseline of PGA", "SCREENING", "2025-01-06", "assessment", "assessment-3"),
    )
    before, after = ("001 baseline", "2025-01-06"), ("assessment-2", "2025-02-18")
    unknown = tuple(zip((*SRI, FAILED), (None, True, None, True), strict=True))
    failed = tuple(zip((*SRI, FAILED), (True, True, True, False), strict=True))
    low_activity = (("a PGA of 1 or less", None), ("a dose within the limit", False))
    return frame(
        said("001", "baseline", "subject", "computed", evidence=first),
        _measured(*before, "sledai2k", "6"),
        _measured(*after, "sledai2k", None, RASH),
        _measured(*before, "csledai", "6"),
        _measured(*after, "csledai", "4"),
        _measured("assessment-3", "2025-01-06", "pga", "1.5"),
        _measured("assessment-4", "2025-02-18", "pga", None, MARK),
        said("001", "prednisone", "M1", "computed", amount="7.5", evidence=(fact("prednisone", "7.5", None),)),
        _endpoint("001", "sri4", "not_evaluable", (False, "imputed", False, "imputed"), *unknown),
        _endpoint("001", "lldas", "not_met", (False, "observed", False, "observed"), *low_activity),
        _endpoint("001", "bicla", "not_applicable", (None, None, None, None)),
        _endpoint("002", "sri4", "not_met", (False, "intercurrent failure", True, "observed"), *failed),
        _endpoint(
            "002", "doris", "met", (False, "intercurrent failure", True, "observed"), ("a clinical SLEDAI-2K of 0", True)
        ),
    )
