"""
Enough lupus activity to enter, as far as the criteria of a study ask it of a score.

A SLEDAI-2K and a PGA lie above a limit, or reach it; a BILAG-2004 has so many grades A, or so many grades B. A check holds each
such criterion, as it was answered, beside the score of that time: the last form made on the day of the answer or before it. It
asks where the two differ, whichever way, and is not evaluable where what is missing of the form could decide it.

Rulings. An incomplete SLEDAI-2K proves that there is too little where even all the missing descriptors would not make it
enough; it never proves that there is enough. Grades A or B that are there are enough, whatever was not graded. A score on the
limit is not above it. Limits are the study's: the trial of KN5601 in children asks for a SLEDAI-2K above 6.

Source: registry entry of the trial in children (SLEDAI-2K above 6); study documents, the scores of their criteria.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from app.rules.dates import days_between
from app.rules.efficacy import bilag, pga, sledai
from app.rules.efficacy.visits import NO_BASELINE, Form, in_order
from app.rules.facts import EntryAnswer, Facts, VisitFacts
from app.rules.study import GradeLimit, ScoreLimit
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Verdict, answered, check, judge

RULE = Rule("eligible_sledai", "1", "SLEDAI-2K above 6 at baseline", "Registry entry of the KN5601 trial in children")
ENTRY = Rule("check_entry_score", "1", "Criterion of entry beside its score", "Study document: scores of its criteria")
RULES = (RULE, ENTRY)
ABOVE_6 = ScoreLimit("SLEDAI-2K", Decimal(6), included=False)


def active_enough(baseline: VisitFacts | None) -> Verdict:
    """Whether the baseline SLEDAI-2K is above 6, about the subject; `baseline`: the visit that holds it, if any does."""
    visit = baseline or NO_BASELINE
    holds = _sledai(visit, ABOVE_6)
    return judge(RULE, "subject", (Criterion("sledai2k_above_6", holds, (sledai.points(visit),), sledai.missing(visit)),))


def _reaches(score: int | Fraction, asked: ScoreLimit) -> bool:
    return score > Fraction(asked.limit) or (asked.included and score == Fraction(asked.limit))


def _sledai(visit: VisitFacts, asked: ScoreLimit) -> Truth:
    found = sledai.score(sledai.items_of(visit))
    if found.total is None:
        return None if _reaches(found.highest, asked) else False
    return _reaches(found.total, asked)


def _pga(visit: VisitFacts, asked: ScoreLimit) -> Truth:
    mark = pga.on_0_3(visit.pga)
    return None if mark is None else _reaches(mark, asked)


def _bilag(visit: VisitFacts, asked: GradeLimit) -> Truth:
    grades = [bilag.grade(visit, domain) for domain in bilag.DOMAINS]
    unknown = grades.count(None)

    def enough(more: int) -> bool:
        return grades.count("A") + more >= asked.a_grades or grades.count("B") + more >= asked.b_grades

    return True if enough(0) else None if enough(unknown) else False


_FORMS: Mapping[str, Callable[[VisitFacts], Form | None]] = {
    "SLEDAI-2K": lambda visit: visit.sledai,
    "PGA": lambda visit: visit.pga,
    "BILAG-2004": lambda visit: visit.bilag,
}


def _at_entry(facts: Facts, instrument: str, at: str | None) -> VisitFacts | None:
    """The visit with the last form of an instrument that was made on a day or before it."""
    made = [(form.at or visit.at, visit) for visit in in_order(facts.visits) if (form := _FORMS[instrument](visit))]
    by_then = [visit for on, visit in made if (days := days_between(on, at)) is not None and days >= 0]
    return by_then[-1] if by_then else None


def _scored(visit: VisitFacts, asked: ScoreLimit | GradeLimit) -> tuple[Truth, Evidence, tuple[str, ...]]:
    """Whether the form of a visit has what is asked, the form as evidence, and what is missing of it."""
    if isinstance(asked, GradeLimit):
        return _bilag(visit, asked), bilag.form_shown(visit), bilag.missing(visit)
    if asked.instrument == "PGA":
        return _pga(visit, asked), pga.shown(visit), pga.missing(visit)
    return _sledai(visit, asked), sledai.points(visit), sledai.missing(visit)


def entry_scores(facts: Facts) -> Iterator[Verdict]:
    """Each answer to a criterion that asks for a score beside the score of that time; about the answer."""
    for answer in sorted(facts.entry_answers, key=lambda answer: answer.id):
        asked = facts.settings.entry.get(answer.criterion)
        if asked is not None and answer.holds is not None:
            yield _entry(facts, answer, asked)


def _entry(facts: Facts, answer: EntryAnswer, asked: ScoreLimit | GradeLimit) -> Verdict:
    said = answered(f"{answer.criterion} ({asked.words})", answer.holds, answer.at, answer.source)
    instrument = "BILAG-2004" if isinstance(asked, GradeLimit) else asked.instrument
    visit = _at_entry(facts, instrument, answer.at)
    if visit is None:
        return check(ENTRY, answer.id, None, (said,), (f"{instrument} by the day of the answer",))
    holds, shown, lacking = _scored(visit, asked)
    return check(ENTRY, answer.id, None if holds is None else holds != answer.holds, (said, shown), lacking)
