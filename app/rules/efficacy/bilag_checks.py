"""
Edit checks on the grades of BILAG-2004: beside those before them, and beside the SLEDAI-2K of the visit.

A check is flagged, clear, or not evaluable where what it needs is missing; where it does not apply it says nothing. The grade
is the record, and none is changed.

| check | asks where |
| --- | --- |
| E | a domain is "never involved" although an earlier assessment graded it A to D |
| D | a domain was "involved before" although every earlier assessment graded it E: it needs a reason |
| incomplete | some of the nine domains were graded and others were not |
| A or B | no descriptor of that organ is present in the visit's SLEDAI-2K; the gut has none to compare |
| D or E | a SLEDAI-2K descriptor of 8 points is present and the domain that it belongs to is inactive |

Rulings. An earlier assessment is one that is certainly earlier. Where one of them did not grade a domain that is D now, or one
of unknown order graded it otherwise than E, the D may have its reason there: not evaluable. A first assessment is held beside
nothing. Of the descriptors of 8 points a disturbance of vision belongs to the eye and the others to the nervous system, but
for a vasculitis, which BILAG-2004 has in five domains: it is asked about where all five are inactive. SLEDAI-2K looks back as
many days as the study says, BILAG-2004 four weeks: what lies between is an answer.

Source: Isenberg DA et al. Rheumatology 2005;44:902-906 (grades); Gladman DD et al. J Rheumatol 2002;29:288-291 (descriptors);
which of them contradict each other is a ruling of the trial's design.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from app.rules.dates import before
from app.rules.efficacy import bilag, sledai
from app.rules.efficacy.visits import in_order
from app.rules.facts import Facts, VisitFacts
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of, any_of, check

_SOURCE = "Isenberg DA et al. Rheumatology 2005;44:902-906"
NEVER_INVOLVED = Rule("check_bilag_never_involved", "1", "BILAG E after the domain was involved", _SOURCE)
NEWLY_INACTIVE = Rule("check_bilag_newly_inactive", "1", "BILAG D although every earlier assessment was E", _SOURCE)
INCOMPLETE = Rule("check_bilag_incomplete", "1", "BILAG of which some domains were not graded", _SOURCE)
ORGAN = Rule("check_bilag_organ", "1", "BILAG A or B without a SLEDAI-2K descriptor of the organ", _SOURCE)
SEVERE = Rule("check_bilag_severe", "1", "SLEDAI-2K descriptor of 8 points in a BILAG domain D or E", _SOURCE)
RULES = (NEVER_INVOLVED, NEWLY_INACTIVE, INCOMPLETE, ORGAN, SEVERE)

_ORGANS = {
    "constitutional": ("constitution",),
    "mucocutaneous": ("skin and mucosa", "vessels"),
    "neuropsychiatric": ("nervous system", "eye"),
    "musculoskeletal": ("joints and muscles",),
    "cardiorespiratory": ("serosa",),
    "ophthalmic": ("eye",),
    "renal": ("kidney",),
    "haematological": ("blood",),
}
_WITH_VASCULITIS = ("mucocutaneous", "neuropsychiatric", "cardiorespiratory", "gastrointestinal", "ophthalmic")
SEVERE_POINTS = 8
DOMAINS_OF: Mapping[str, tuple[str, ...]] = {
    each.key: {"eye": ("ophthalmic",), "vessels": _WITH_VASCULITIS}.get(each.organ, ("neuropsychiatric",))
    for each in sledai.DESCRIPTORS
    if each.weight == SEVERE_POINTS
}
"""The domains in one of which a descriptor of 8 points is active."""
_QUIET = frozenset({"D", "E", bilag.INACTIVE})


def _about(visit: VisitFacts) -> str:
    return visit.bilag.source.record if visit.bilag and visit.bilag.source else visit.name


def _done(facts: Facts) -> list[VisitFacts]:
    return [visit for visit in in_order(facts.visits) if visit.bilag]


def never_involved(facts: Facts) -> Iterator[Verdict]:
    """A domain graded E (never involved) although an earlier assessment graded it A to D; about the later assessment."""
    done = _done(facts)
    for visit in done[1:]:
        earlier = [prior for prior in done if before(prior.at, visit.at)]
        because = [
            fact
            for domain in bilag.DOMAINS
            if bilag.grade(visit, domain) == "E"
            for prior in [prior for prior in earlier if bilag.grade(prior, domain) in bilag.INVOLVED][-1:]
            for fact in (bilag.shown(prior, domain), bilag.shown(visit, domain))
        ]
        yield check(NEVER_INVOLVED, _about(visit), bool(because), because or [bilag.form_shown(visit)])


def newly_inactive(facts: Facts) -> Iterator[Verdict]:
    """A domain graded D (involved before) although every earlier assessment graded it E; about the later assessment."""
    done = _done(facts)
    for visit in done:
        order = [(prior, before(prior.at, visit.at)) for prior in done if prior is not visit]
        earlier, perhaps = ([prior for prior, first in order if first is truth] for truth in (True, None))
        inactive = [domain for domain in bilag.DOMAINS if bilag.grade(visit, domain) == "D"]
        if earlier and inactive:
            yield _newly_inactive(visit, inactive, earlier, perhaps)


def _newly_inactive(
    visit: VisitFacts, inactive: Iterable[str], earlier: list[VisitFacts], perhaps: list[VisitFacts]
) -> Verdict:
    unexplained = {domain: _never_before(domain, earlier, perhaps) for domain in inactive}
    asked = [domain for domain, truth in unexplained.items() if truth is not False]
    because = [fact for domain in asked for fact in (bilag.shown(visit, domain), bilag.shown(earlier[-1], domain))]
    told = {prior.name: [domain for domain in asked if bilag.grade(prior, domain) != "E"] for prior in (*earlier, *perhaps)}
    lacking = [bilag.shown(prior, domain).what for prior in earlier for domain in told[prior.name]]
    lacking += [f"whether {prior.name} came before {visit.name}" for prior in perhaps if told[prior.name]]
    question = Evidence("question", "When was the domain involved? Give the reason, or correct a grade")
    flagged = any_of(unexplained.values())
    shown = [question, *because] if flagged else because or [bilag.form_shown(visit)]
    return check(NEWLY_INACTIVE, _about(visit), flagged, shown, lacking)


def _never_before(domain: str, earlier: Iterable[VisitFacts], perhaps: Iterable[VisitFacts]) -> Truth:
    """Whether a domain was never involved by all earlier assessments; unknown where one of them does not say."""
    certain = [bilag.grade(prior, domain) for prior in earlier]
    if any(grade in bilag.INVOLVED for grade in certain):
        return False
    return True if {*certain, *(bilag.grade(prior, domain) for prior in perhaps)} == {"E"} else None


def incomplete(facts: Facts) -> Iterator[Verdict]:
    """A form on which some of the nine domains were graded and others were not; a form of items has none to be left out."""
    for visit in _done(facts):
        if visit.bilag and visit.bilag.items is None:
            lacking = bilag.missing(visit)
            partly = 0 < len(lacking) < len(bilag.DOMAINS)
            question = Evidence("question", "Grade these domains too, or say why they could not be assessed")
            without = (bilag.shown(visit, domain) for domain in bilag.DOMAINS if bilag.grade(visit, domain) is None)
            yield check(INCOMPLETE, _about(visit), partly, (question, *without) if partly else (bilag.form_shown(visit),))


def organ_without_descriptor(facts: Facts) -> Iterator[Verdict]:
    """A BILAG A or B in an organ of which no SLEDAI-2K descriptor is present at that visit; the gut has none to compare."""
    for visit in in_order(facts.visits):
        active = [domain for domain in _ORGANS if bilag.grade(visit, domain) in bilag.ACTIVE]
        if visit.sledai is None or not active:
            continue
        keys = {domain: sledai.of_organs(*_ORGANS[domain]) for domain in active}
        none = {domain: _all_absent(visit, keys[domain]) for domain in active}
        lacking = [name for domain in active if none[domain] is None for name in sledai.missing(visit, keys[domain])]
        because = [bilag.shown(visit, domain) for domain in active if none[domain] is not False]
        shown = (*(because or [bilag.form_shown(visit)]), sledai.points(visit))
        yield check(ORGAN, _about(visit), any_of(none.values()), shown, lacking)


def _all_absent(visit: VisitFacts, keys: frozenset[str]) -> Truth:
    found = sledai.score(sledai.items_of(visit), keys)
    return False if found.lowest else None if found.highest else True


def severe_in_a_quiet_domain(facts: Facts) -> Iterator[Verdict]:
    """A SLEDAI-2K descriptor of 8 points that is present while the domain of its organ is D or E; about the BILAG form."""
    for visit in _done(facts):
        items = sledai.items_of(visit)
        possible = [key for key in DOMAINS_OF if visit.sledai and items.get(key) is not False]
        apart = {key: all_of((items.get(key), *_inactive(visit, DOMAINS_OF[key]))) for key in possible}
        if possible:
            yield check(SEVERE, _about(visit), any_of(apart.values()), *_severe(visit, apart))


def _inactive(visit: VisitFacts, domains: Iterable[str]) -> Iterator[Truth]:
    for domain in domains:
        grade = bilag.grade(visit, domain)
        yield None if grade is None else grade in _QUIET


def _severe(visit: VisitFacts, apart: Mapping[str, Truth]) -> tuple[list[Evidence], list[str]]:
    """What the check rests on, and what is missing of the descriptors and domains that it leaves open."""
    asked = [key for key, truth in apart.items() if truth is not False]
    domains = [domain for domain in bilag.DOMAINS if any(domain in DOMAINS_OF[key] for key in asked)]
    because = [bilag.shown(visit, domain) for domain in domains] + [sledai.shown(visit, key) for key in asked]
    return because or [bilag.form_shown(visit)], [
        *sledai.missing(visit, frozenset(asked)),
        *bilag.missing(visit, tuple(domains)),
    ]


def checks(facts: Facts) -> Iterator[Verdict]:
    """All of them, in the order of the table."""
    for ask in (never_involved, newly_inactive, incomplete, organ_without_descriptor, severe_in_a_quiet_domain):
        yield from ask(facts)
