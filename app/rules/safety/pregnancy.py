"""
Pregnancy tests beside the sex of the subject and the doses: a test of a male, a dose after a positive test, a test that is due.

A test is read from its words, positive or negative, or from its number against the upper limit of the laboratory. A dose is an
infusion, or the first of the lymphodepletion. A dose after a positive test is asked about unless a negative one lies between.
Before the first dose a negative test is due of a female of the age that the study states, within the days that it states;
where it states neither, no test is due.

Rulings. What a test says in other words is open, as is one that cannot be put in order with a dose. Whether a girl has reached
menarche is asked nowhere: the age is the study's choice.

Source: ICH M3(R2) 2009, section 11.3 (women of childbearing potential; recalled, to be verified); ages and days are a study's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.rules.dates import before, days_between, reached, sort_key
from app.rules.facts import Facts, Measurement
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of, any_of, check, not_

_SOURCE = "ICH M3(R2) 2009, section 11.3"
TEST = Rule("check_pregnancy_test", "1", "Pregnancy test beside sex and doses", _SOURCE)
DUE = Rule("check_pregnancy_test_due", "1", "Negative pregnancy test before the first dose", _SOURCE)
RULES = (TEST, DUE)
QUANTITY = "pregnancy_test"
WORDS = {"POSITIVE": True, "NEGATIVE": False}


def positive(test: Measurement) -> Truth:
    """What a test says; None where its words or its limit do not tell."""
    if test.reported.upper() in WORDS:
        return WORDS[test.reported.upper()]
    return None if test.exactly is None or test.upper is None else test.exactly > test.upper


def _tests(facts: Facts) -> list[Measurement]:
    found = (one for one in facts.results if one.quantity == QUANTITY)
    return sorted(found, key=lambda one: (sort_key(one.at), one.id))


def _doses(facts: Facts) -> list[Evidence]:
    """The doses that a pregnancy would be exposed to, the first one first."""
    depletion = Evidence("lymphodepletion", facts.lymphodepletion_start, None, None, facts.sources.get("lymphodepletion"))
    infused = (Evidence("infusion", dose.at, None, None, dose.source) for dose in facts.doses)
    dated = (each for each in (depletion, *infused) if each.value is not None)
    return sorted(dated, key=lambda each: sort_key(each.value or ""))


def _sex(facts: Facts) -> Evidence:
    return Evidence("sex", facts.sex, None, None, facts.sources.get("demographics"))


def pregnancy_tests(facts: Facts) -> Iterator[Verdict]:
    """Each test of a male, and each that is not negative beside the doses after it; about the test."""
    tests = _tests(facts)
    for test in tests:
        says = positive(test)
        if facts.sex == "M":
            yield check(TEST, test.id, True, (test.shown(), _sex(facts)))
        elif says is not False:
            exposed = [(dose, _exposed(test, dose, tests)) for dose in _doses(facts)]
            wrong = all_of((says, any_of(truth for _, truth in exposed)))
            because = (dose for dose, truth in exposed if truth is not False)
            yield check(TEST, test.id, wrong, (test.shown(), *because), ("what the pregnancy test says, and its time",))


def _exposed(test: Measurement, dose: Evidence, tests: Iterable[Measurement]) -> Truth:
    """Whether a dose came after a test without a negative one between the two."""
    cleared = any_of(
        all_of((before(test.at, other.at), before(other.at, dose.value)))
        for other in tests
        if other is not test and positive(other) is False
    )
    return all_of((before(test.at, dose.value), not_(cleared)))


def pregnancy_test_due(facts: Facts) -> Iterator[Verdict]:
    """Whether a negative test lies in the days before the first dose of a female of the age stated, about the subject."""
    doses, years, days = _doses(facts), facts.settings.pregnancy_test_from, facts.settings.pregnancy_test_days
    if not doses or years is None or days is None:
        return
    asked = all_of((_female(facts), reached(facts.birth, doses[0].value, years)))
    if asked is not False:
        near = [test for test in _tests(facts) if (gap := _days(test, doses[0])) is not None and 0 <= gap <= days]
        negative = any_of(not_(positive(test)) for test in near)
        missing = ("sex, age or what a pregnancy test says",)
        evidence = (doses[0], *(test.shown() for test in near), _sex(facts))
        yield check(DUE, "subject", all_of((asked, not_(negative))), evidence, missing)


def _days(test: Measurement, dose: Evidence) -> int | None:
    return days_between(test.at, dose.value)


def _female(facts: Facts) -> Truth:
    return {"F": True, "M": False}.get(facts.sex or "")
