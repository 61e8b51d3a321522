"""A small case report form: four forms, each annotated in a way of its own."""

from __future__ import annotations

from cdisc.crf import Crf, CrfForm, CrfVisit, Question

ITEMS = (("arthritis", "S2KARTH", "Arthritis"), ("rash", "S2KRASH", "Rash"), ("fever", "S2KFEVR", "Fever"))
CRF = Crf(
    (
        CrfForm(
            "adverse_event",
            "adverse-events",
            "Adverse Event",
            "AE",
            "One adverse event.",
            (
                Question("aeterm", "Reported Term for the Adverse Event", "text", hint="at most 200 characters", required=True),
                Question("aeongo", "Ongoing Adverse Event", "flag", ("Y", "N", "U"), codelist="NY"),
                Question("aetoxscl", "Toxicity Scale", "code", ("CTCAE", "ASTCT 2019"), codelist="TOXSCALE"),
            ),
        ),
        CrfForm(
            "toxicity_observation",
            "toxicity-observations",
            "Toxicity Observation",
            "FA",
            "What CRS grading needs.",
            (
                Question("visit", "Visit Name", "text", hint="a visit of the study"),
                Question("temp", "Highest Temperature", "number", hint="at least 30, at most 115"),
                Question("hypotens", "Hypotension by the Investigator", "flag", ("Y", "N", "U"), codelist="NY"),
            ),
        ),
        CrfForm(
            "assessment",
            "assessments/SLEDAI-2K",
            "SLEDAI-2K",
            "RS",
            "Asked about the last 30 days.",
            (
                Question("rsdtc", "Date/Time of Assessment", "date", hint="ISO 8601, as far as known"),
                *(
                    Question(key, label, "code", ("PRESENT", "ABSENT"), testcd=testcd, group="ALL")
                    for key, testcd, label in ITEMS
                ),
            ),
        ),
        CrfForm(
            "product_lot",
            "lots",
            "Product Lot",
            "DI",
            "A lot.",
            (
                Question("eclot", "Lot Number", "text", required=True),
                Question("lotstat", "Release Status", "code", ("RELEASED", "REJECTED"), required=True),
            ),
        ),
    ),
    (
        CrfVisit("SCREENING", ("assessments/SLEDAI-2K",)),
        CrfVisit("INFUSION 1", ("toxicity-observations",)),
        CrfVisit("M1", ("toxicity-observations", "assessments/SLEDAI-2K")),
    ),
)
