"""Every system of the bench by its name, each a function of a case's inputs and version."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.evaluate import activity, dosing, laboratory, lupus, toxicity
from app.evaluate.answers import Answer
from app.evaluate.inputs import Inputs

SYSTEMS: Mapping[str, Callable[[Inputs, str], Answer]] = {
    "CRS_ASTCT_2019": toxicity.crs_astct,
    "CRS_EPISODE": toxicity.crs_episode,
    "CRS_LEE_2014": toxicity.crs_lee_2014,
    "ICANS_ASTCT_2019": toxicity.icans_astct,
    "CAPD_TOTAL": toxicity.capd_total,
    "CTCAE_LAB": laboratory.ctcae,
    "THREE_PLUS_THREE": dosing.three_and_three,
    "BOIN": dosing.boin,
    "KEYBOARD": dosing.keyboard,
    "ICAHT_EHA_EBMT_2023": toxicity.icaht,
    "LICATS_2025": toxicity.licats_2025,
    "EXPEDITED_CLOCK": toxicity.expedited_clock,
    "HYPOTENSION_PALS": toxicity.hypotension_pals,
    "EGFR_BEDSIDE_SCHWARTZ": laboratory.egfr_schwartz,
    "BSA_MOSTELLER": laboratory.bsa,
    "MG_RESPONSE": dosing.mg_response,
    "IMWG_2016": dosing.imwg,
    "LUPUS_ENDPOINTS": lupus.lupus_endpoints,
    "SLEDAI_LAB_CROSSCHECK": activity.sledai_crosscheck,
    "BILAG_2004_GRADE": activity.bilag_grade,
    "EGFR": laboratory.egfr_by_age,
    "RENAL_RESPONSE": laboratory.renal_response,
    "PREDNISONE_EQUIVALENT": laboratory.prednisone,
}
