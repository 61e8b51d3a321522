"""Dose escalation and the responses of the other diseases on the bench: 3+3, BOIN, keyboard, myasthenia, myeloma."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.evaluate.answers import Answer, reasons, truth
from app.evaluate.inputs import Inputs
from app.rules.dosing import boin as interval
from app.rules.dosing import keyboard as keys
from app.rules.dosing.escalation import Cohort, Recommendation, three_plus_three
from app.rules.efficacy import imwg as myeloma
from app.rules.efficacy import mg


def _count(case: Inputs, key: str, *, least: int = 0, most: int = 10_000) -> int:
    return case.needed(key, case.whole(key, least=least, most=most))


def _recommended(found: Recommendation) -> Answer:
    return Answer(found.rule, {"decision": str(found.decision), "because": [found.because]})


def _dlts(case: Inputs, level: int) -> Mapping[int, int]:
    """The DLTs at the other levels; the level itself is told by the case."""
    others = case.part("level_status") or Inputs({})
    found: dict[int, int] = {}
    for key in others.values:
        if not key.lstrip("-").isdecimal():
            raise others.refuse(key, "a level is a whole number")
        status = others.part(key)
        found[int(key)] = 0 if status is None else status.whole("dlt") or 0
    return {other: dlt for other, dlt in found.items() if other != level}


def three_and_three(case: Inputs, _: str) -> Answer:
    """THREE_PLUS_THREE: one level as it stands."""
    config = case.part("config") or Inputs({})
    level, evaluable = _count(case, "level", least=-1), _count(case, "evaluable")
    cohort = Cohort(
        level=level,
        levels=_count(case, "n_levels", least=1),
        evaluable=evaluable,
        dlt=_count(case, "dlt", most=evaluable),
        pending=case.whole("pending", most=10_000) or 0,
        de_escalated=case.truth("de_escalated_from_above") is True,
        dlt_elsewhere=_dlts(case, level),
        mtd_requires_six=config.truth("mtd_requires_six") is not False,
        level_below_1=config.truth("allow_level_minus_1") is True,
    )
    return _recommended(three_plus_three(cohort))


def _rate(case: Inputs, key: str) -> Decimal | None:
    rate = case.number(key, most=1)
    if rate is not None and rate in (0, 1):
        raise case.refuse(key, "a rate lies between 0 and 1")
    return rate


def _design(case: Inputs) -> interval.Design:
    target = case.needed("target", _rate(case, "target"))
    design = interval.Design(target, _rate(case, "p_saf"), _rate(case, "p_tox"), _rate(case, "cutoff_eli") or interval.CUTOFF)
    if not design.below < target < design.above < 1:
        raise case.refuse("target", "the target lies between p_saf and p_tox, which is below 1")
    return design


def _level(case: Inputs) -> interval.Level:
    n = _count(case, "n", most=200)
    dlt, level, levels = _count(case, "dlt", most=n), _count(case, "level", least=1), _count(case, "n_levels", least=1)
    return interval.Level(level, levels, n, dlt, _eliminated(case))


def _eliminated(case: Inputs) -> frozenset[int]:
    listed = case.values.get("eliminated_levels")
    if listed is not None and not isinstance(listed, list):
        raise case.refuse("eliminated_levels", "a list of levels is expected", "bad_type")
    levels = Inputs({str(place): level for place, level in enumerate(listed or [])}, case.at("eliminated_levels"))
    return frozenset(level for key in levels.values if (level := levels.whole(key)) is not None)


def boin(case: Inputs, _: str) -> Answer:
    """BOIN: one level as it stands."""
    return _recommended(interval.boin(_design(case), _level(case)))


def keyboard(case: Inputs, _: str) -> Answer:
    """KEYBOARD: one level as it stands, in the inputs of BOIN."""
    return _recommended(keys.keyboard(_design(case), _level(case)))


def mg_response(case: Inputs, _: str) -> Answer:
    """MG_RESPONSE: a fall since baseline, and minimal symptom expression."""
    instrument = case.needed("instrument", case.word("instrument", mg.MEANINGFUL_FALL))
    most = mg.MOST_POINTS[instrument]
    baseline, post = case.number("baseline", most=most), case.number("post", most=most)
    found = mg.meaningful(instrument, baseline, post)
    minimal = mg.minimal_symptoms(instrument, post)
    result = {"clinically_meaningful": truth(found), "minimal_symptom_expression": minimal}
    return Answer(found.rule, result | reasons(found))


def imwg(case: Inputs, _: str) -> Answer:
    """IMWG_2016: one assessment."""
    serum, urine = (
        myeloma.Component(*(case.number(f"{fluid}_m_{moment}_{unit}") for moment in ("baseline", "nadir", "now")))
        for fluid, unit in (("serum", "g_l"), ("urine", "mg_24h"))
    )
    seen = myeloma.Myeloma(
        serum=serum,
        urine=urine,
        immunofixation=case.word("immunofixation", ("POSITIVE", "NEGATIVE")),
        marrow_percent=case.number("bm_plasma_cells_percent", most=100),
        normal_light_chain_ratio=case.truth("sflc_ratio_normal"),
        no_clonal_cells=case.truth("clonal_cells_absent"),
        plasmacytoma=case.word("plasmacytoma", ("NONE", "PRESENT", "NEW")),
        confirmed=case.truth("confirmed"),
    )
    found = myeloma.imwg(seen)
    return Answer(myeloma.RULE, {"response": found.certain, "not_excluded": list(found.possible)})
