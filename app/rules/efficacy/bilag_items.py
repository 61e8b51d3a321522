"""
BILAG-2004 grades from items, for a study that enters items; where it enters grades, the grade is the investigator's.

Items: 0 absent, 1 improving, 2 same, 3 worse, 4 new, over the last four weeks and because of lupus alone. In six domains
(mucocutaneous, neuropsychiatric, musculoskeletal, cardiorespiratory, gastrointestinal, ophthalmic): A where any A-item is 2 to
4; else B where an A-item is 1 or a B-item 2 to 4; else C where a B-item is 1 or a C-item above 0; else D or E. Constitutional:
A pyrexia 2 to 4 with two of the other items 2 to 4; B pyrexia 2 to 4, or two of the others 2 to 4; C anything else above 0;
else D or E. D is a domain that was ever active, E one that never was. Renal and haematological have rules of their own, see
`bilag_renal` and `bilag_haematology`.

Rulings. An item that was not done leaves the grade unknown where it could change it: the grade is that of both the best and
the worst completion, or none. In a casebook a visit at which the grades were entered too has those. A measurement is held
beside that of the last form of items certainly before it. Of the measures of protein and the dipstick those that were made are
asked; where none was made, all are. A domain was ever active where an earlier form graded it A to D; else the form itself says
so or not. Where nothing but that is open the domain is inactive, D or E, and no criterion that asks for A or B waits for it.

Source: Isenberg DA et al. Rheumatology 2005;44:902-906; Yee CS et al. Rheumatology 2010 (grades). The groups of items are
recalled, their sizes checked against the UK JSLE registry's public tests: unverified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.rules.verdict import Evidence, Rule, Truth, Value, Verdict

RULE = Rule(
    "bilag_items", "1", "BILAG-2004 grade from items", "Isenberg DA et al. Rheumatology 2005;44:902-906 (items unverified)"
)
GRADES = "EDCBA"
ABSENT, NEW = 0, 4
Scores = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a domain by what they can do to its grade."""

    a: tuple[str, ...]
    b: tuple[str, ...]
    c: tuple[str, ...] = ()


DOMAINS: Mapping[str, Items] = {
    "mucocutaneous": Items(
        (
            "skin_eruption_severe",
            "angio_oedema_severe",
            "mucosal_ulceration_severe",
            "panniculitis_bullous_severe",
            "cutaneous_vasculitis_thrombosis_major",
        ),
        ("skin_eruption_mild", "panniculitis_bullous_mild", "digital_infarcts_nodular_vasculitis", "alopecia_severe"),
        (
            "angio_oedema_mild",
            "mucosal_ulceration_mild",
            "alopecia_mild",
            "periungual_erythema_chilblains",
            "splinter_haemorrhages",
        ),
    ),
    "neuropsychiatric": Items(
        (
            "aseptic_meningitis",
            "cerebral_vasculitis",
            "demyelinating_syndrome",
            "myelopathy",
            "acute_confusional_state",
            "psychosis",
            "acute_inflammatory_demyelinating_polyradiculoneuropathy",
            "mononeuropathy",
            "cranial_neuropathy",
            "plexopathy",
            "polyneuropathy",
            "status_epilepticus",
            "cerebellar_ataxia",
        ),
        (
            "seizure_disorder",
            "cerebrovascular_disease",
            "cognitive_dysfunction",
            "movement_disorder",
            "autonomic_disorder",
            "lupus_headache",
            "intracranial_hypertension_headache",
        ),
    ),
    "musculoskeletal": Items(
        ("myositis_severe", "arthritis_severe"),
        ("myositis_mild", "arthritis_moderate_tendonitis_tenosynovitis"),
        ("arthritis_mild_arthralgia_myalgia",),
    ),
    "cardiorespiratory": Items(
        (
            "myocarditis_endocarditis_cardiac_failure",
            "arrhythmia",
            "valvular_dysfunction_new",
            "cardiac_tamponade",
            "pleural_effusion_dyspnoea",
            "pulmonary_haemorrhage_vasculitis",
            "interstitial_alveolitis_pneumonitis",
            "shrinking_lung_syndrome",
            "aortitis",
            "coronary_vasculitis",
        ),
        ("pleurisy_pericarditis", "myocarditis_mild"),
    ),
    "gastrointestinal": Items(
        ("peritonitis", "enteritis_colitis", "pseudo_obstruction", "cholecystitis", "pancreatitis"),
        ("serositis_ascites", "malabsorption", "protein_losing_enteropathy", "hepatitis"),
    ),
    "ophthalmic": Items(
        (
            "orbital_inflammation",
            "keratitis_severe",
            "posterior_uveitis_retinal_vasculitis_severe",
            "scleritis_severe",
            "retinal_choroidal_occlusion",
            "optic_neuritis",
            "anterior_ischaemic_optic_neuropathy",
        ),
        ("keratitis_mild", "anterior_uveitis", "posterior_uveitis_retinal_vasculitis_mild", "scleritis_mild"),
        ("episcleritis", "cotton_wool_spots"),
    ),
}
OTHER_CONSTITUTIONAL = ("weight_loss", "lymphadenopathy_splenomegaly", "anorexia")
CONSTITUTIONAL = ("pyrexia", *OTHER_CONSTITUTIONAL)


def _generic(items: Items, scores: Mapping[str, int]) -> str | None:
    """A, B or C of one complete set of scores; None where no item is present."""
    a, b, c = (max((scores[item] for item in group), default=ABSENT) for group in (items.a, items.b, items.c))
    if a > 1:
        return "A"
    if a == 1 or b > 1:
        return "B"
    return "C" if b or c else None


def _constitutional(scores: Mapping[str, int]) -> str | None:
    others = sum(scores[item] > 1 for item in OTHER_CONSTITUTIONAL) > 1
    if scores["pyrexia"] > 1:
        return "A" if others else "B"
    if others:
        return "B"
    return "C" if any(scores.values()) else None


def items_of(domain: str) -> tuple[str, ...]:
    """The items of a domain that is graded from scores."""
    if domain == "constitutional":
        return CONSTITUTIONAL
    return DOMAINS[domain].a + DOMAINS[domain].b + DOMAINS[domain].c


def quiet(ever_active: Truth, worst: bool = False) -> str:
    """The grade of a domain in which nothing is active; not knowing whether it ever was leaves both, D being the worse."""
    return "D" if ever_active or (ever_active is None and worst) else "E"


def verdict(
    rule: Rule, domain: str, lowest: str, highest: str, because: tuple[Evidence, ...], missing: tuple[str, ...]
) -> Verdict:
    """A grade with its bounds, as the verdict of a rule about a domain; `amount` counts from 0 for E to 4 for A."""
    least, most = (Decimal(GRADES.index(grade)) for grade in (lowest, highest))
    open_ = least != most
    value = Value.NOT_GRADABLE if open_ else Value.GRADED
    found = Evidence("grade", None if open_ else lowest)
    return Verdict(
        rule,
        domain,
        value,
        amount=None if open_ else least,
        lowest=least,
        highest=most,
        missing=missing if open_ else (),
        evidence=(found, *because),
    )


def grade_of(found: Verdict) -> str | None:
    """The grade A to E of a verdict; None where it is not gradable."""
    return None if found.amount is None else GRADES[int(found.amount)]


def bilag_from_items(domain: str, scores: Scores, ever_active: Truth) -> Verdict:
    """The grade of a domain from its items by key: 0 to 4, None not done; an item that is not named was absent."""
    items = items_of(domain)
    of: Callable[[Mapping[str, int]], str | None] = (
        _constitutional if domain == "constitutional" else lambda complete: _generic(DOMAINS[domain], complete)
    )
    entered = {item: scores.get(item, ABSENT) for item in items}
    best, worst = ({item: fill if score is None else score for item, score in entered.items()} for fill in (ABSENT, NEW))
    because = tuple(Evidence(item, str(score), "score") for item, score in entered.items() if score)
    missing = tuple(item for item, score in entered.items() if score is None)
    missing += ("whether the domain was ever active",) if ever_active is None else ()
    return verdict(RULE, domain, of(best) or quiet(ever_active), of(worst) or quiet(ever_active, worst=True), because, missing)
