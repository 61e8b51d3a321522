"""
Consent of a child and of the adult the child becomes: a guardian's, the child's own assent, and a consent anew at majority.

| check | asks where |
| --- | --- |
| guardian's consent | the subject was under the local age at the first consent, and no parent or guardian signed one |
| assent | the subject had reached the age of assent at the first consent and was a child, and no assent is recorded |
| consent anew | a visit took place after majority, and no consent that the subject signed since then is recorded |

The ages are the study's: under 18 a guardian consents, from 18 the subject, unless the document says otherwise; an age of
assent is assumed nowhere, and without one nothing is said of assent.

Rulings. Nothing is said before a consent is recorded. Year and month of birth leave the age open within one month: the check
is then not evaluable. A consent without a signer may have been anybody's. Consent anew is asked at the first visit that the
subject certainly made as an adult: no clock is read, so that a cut says the same whenever it is made.

Source: ICH E6(R3) 2025, section 2.8; Personal Information Protection Law of China, articles 28 and 31 (guardian under 14);
Regulation (EU) 536/2014, article 32 (assent, consent at majority).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.rules.dates import reached, sort_key
from app.rules.efficacy.visits import in_order
from app.rules.facts import Consent, Facts
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of, any_of, check, not_

_SOURCE = "ICH E6(R3) 2025, section 2.8; PIPL, articles 28 and 31; Regulation (EU) 536/2014, article 32"
GUARDIAN = Rule("check_guardian_consent", "1", "Consent of a guardian for a child", _SOURCE)
ASSENT = Rule("check_assent", "1", "Assent of a child who has reached the age of it", _SOURCE)
ADULT = Rule("check_adult_consent", "1", "Consent anew of a subject who has come of age", _SOURCE)
RULES = (GUARDIAN, ASSENT, ADULT)
GUARDIANS = frozenset({"PARENT", "GUARDIAN"})
BIRTH = "date of birth"


def _signed(consent: Consent, signers: frozenset[str]) -> Truth:
    return None if consent.signer is None else consent.signer in signers


def _given(facts: Facts, *, assent: bool) -> list[Consent]:
    """The consents, or the assents, by their dates; one without a date last."""
    found = (each for each in facts.consents if each.assent == assent)
    return sorted(found, key=lambda each: sort_key(each.at) if each.at else "~")


def _shown(consents: Iterable[Consent]) -> tuple[Evidence, ...]:
    return tuple(Evidence(each.what, each.signer or "signer not recorded", None, each.at, each.source) for each in consents)


def _age_at(consents: Iterable[Consent]) -> str:
    """What keeps an age at these consents open: the date of one of them or, where all have one, that of birth."""
    return BIRTH if all(each.at for each in consents) else "date of a consent"


def _missing(open_: Iterable[str], consents: Iterable[Consent], signed: Truth) -> tuple[str, ...]:
    unsigned = (f"who signed the consent of {each.at or 'no known date'}" for each in consents if each.signer is None)
    return (*open_, *(unsigned if signed is None else ()))


def _born(facts: Facts) -> Evidence:
    return Evidence(BIRTH, facts.birth, None, None, facts.sources.get("demographics"))


def guardian_consent(facts: Facts) -> Iterator[Verdict]:
    """Whether a parent or guardian consented for a subject under the local age, about the subject."""
    given = _given(facts, assent=False)
    grown = reached(facts.birth, given[0].at, facts.settings.guardian_below) if given else True
    if grown is not True:
        signed = any_of(_signed(each, GUARDIANS) for each in given)
        wrong = all_of((not_(grown), not_(signed)))
        open_ = [_age_at(given[:1])] if grown is None else []
        yield check(GUARDIAN, "subject", wrong, (*_shown(given), _born(facts)), _missing(open_, given, signed))


def assent(facts: Facts) -> Iterator[Verdict]:
    """Whether a child who had reached the age of assent assented, about the subject; nothing where the study states no age."""
    given, assents = _given(facts, assent=False), _given(facts, assent=True)
    if not given or facts.settings.assent_from is None:
        return
    old_enough = reached(facts.birth, given[0].at, facts.settings.assent_from)
    due = all_of((old_enough, not_(reached(facts.birth, given[0].at, facts.settings.adult_from))))
    if due is not False:
        wrong = False if assents else due
        yield check(ASSENT, "subject", wrong, (*_shown([*given, *assents]), _born(facts)), (_age_at(given[:1]),))


def adult_consent(facts: Facts) -> Iterator[Verdict]:
    """Whether a subject who made a visit as an adult consented as one, about the subject; nothing is said of a child."""
    given, years = _given(facts, assent=False), facts.settings.adult_from
    made = [(visit, grown) for visit in in_order(facts.visits) if (grown := reached(facts.birth, visit.at, years)) is not False]
    if not given or not made:
        return
    visit, grown = next((each for each in made if each[1]), made[0])
    own = any_of(all_of((_signed(each, frozenset({"SUBJECT"})), reached(facts.birth, each.at, years))) for each in given)
    wrong = all_of((grown, not_(own)))
    at = Evidence(f"visit {visit.name}", visit.at, None, visit.at, visit.source)
    open_ = [BIRTH] if grown is None else []
    yield check(ADULT, "subject", wrong, (at, *_shown(given), _born(facts)), _missing(open_, given, own) or (_age_at(given),))
