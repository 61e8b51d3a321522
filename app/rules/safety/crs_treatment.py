"""
What a CRS episode was treated with: doses of tocilizumab and of glucocorticoids, days in intensive care, hours of vasopressor.

| rule | number |
| --- | --- |
| `crs_tocilizumab` | doses of tocilizumab |
| `crs_glucocorticoid` | doses of glucocorticoids |
| `crs_intensive_care` | calendar days of stays in intensive care, the first and the last included, each day once |
| `crs_vasopressor` | hours in which one vasopressor ran or more, each hour once |

Beside the doses stands what they come to, drug by drug and unit by unit; one unit is never converted to another. Where an input
is missing the number lies between two bounds, the upper one open where nothing limits it.

Rulings. Episodes are those of `episodes`. A drug or a stay was for CRS where the adverse event that it names is CRS, else where
its indication is a name of CRS; another event or indication is another purpose. What was for CRS belongs to the last episode
that had begun when it began, to the first where none had, and counts whole, beyond the resolution too. What names no purpose
may belong to the episode in whose time it began. A drug at a frequency is given so often on each of its days, the first and
the last included; a drug given as needed or continuously has doses that nobody counted. Milrinone and dobutamine are no
vasopressors.

None on record is not none: doses are 0 where every observation of the episode tells what was given since the last one, and none
of it counts; hours where every observation tells that no vasopressor ran; days where the event says so, else where intensive
care was denied when it was first asked about since the resolution. What is told of and has no record is one dose, or one day,
or more.

Source: Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638 (treatment drives the grade); the counting is a ruling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.rules import lasting
from app.rules.dates import before, days_between, sort_key
from app.rules.exact import decimal, plain
from app.rules.facts import Answer, Facts, GradedEvent, Toxicity, Treatment
from app.rules.lasting import Dated
from app.rules.safety.crs import NOT_VASOPRESSORS
from app.rules.safety.episodes import Episode, course_of
from app.rules.safety.investigator import of_event
from app.rules.safety.kinds import CRS
from app.rules.spans import Span, exact
from app.rules.verdict import Evidence, Rule, Truth, Value, Verdict, all_of, answered, any_of, not_

_SOURCE = "Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638"
TOCILIZUMAB = Rule("crs_tocilizumab", "1", "Number of doses of tocilizumab for CRS", _SOURCE)
GLUCOCORTICOID = Rule("crs_glucocorticoid", "1", "Number of doses of glucocorticoid for CRS", _SOURCE)
INTENSIVE_CARE = Rule("crs_intensive_care", "1", "Time in intensive care for CRS", _SOURCE)
VASOPRESSOR = Rule("crs_vasopressor", "1", "Time on vasopressors for CRS", _SOURCE)
UNITS = {INTENSIVE_CARE.id: "days", VASOPRESSOR.id: "hours"}
EVENT, IN_ALL = "adverse event of the episode", " in all"
"""How the evidence is called that names the event, and how a drug's name goes on where its doses are added up."""
GLUCOCORTICOIDS = frozenset({"DEXAMETHASONE", "HYDROCORTISONE", "METHYLPREDNISOLONE", "PREDNISOLONE", "PREDNISONE"})
STAY = "INTENSIVE CARE"
"""The kind of a treatment that is a stay in intensive care."""

Amount = tuple[Span, tuple[str, ...]]
"""How many doses, days or hours a record stands for, and which of its answers it lacks where that is open."""


@dataclass(frozen=True, slots=True)
class _Course:
    """One episode: its place among those of the subject, the onsets of all in order, the events that are the episode."""

    place: int
    episode: Episode
    onsets: tuple[str, ...]
    events: tuple[GradedEvent, ...]

    @property
    def over(self) -> str | None:
        """When the episode resolved."""
        resolved = self.episode.resolved
        return None if resolved is None else resolved.seen.at

    def holds(self, purpose: Truth, start: str | None) -> Truth:
        """Whether what began at a moment belongs to the episode, by whether it was for CRS."""
        begun = not_(before(start, self.onsets[self.place]))
        if purpose is None:
            within = all_of((begun, self.over is None or not_(before(self.over, start))))
            return False if within is False else None
        later = self.onsets[self.place + 1 :]
        return all_of((purpose, self.place == 0 or begun, not later or before(start, later[0])))


@dataclass(frozen=True, slots=True)
class _Held:
    """A record that belongs to an episode, or may, with its doses, days or hours."""

    one: Treatment
    holds: Truth
    amount: Span
    lacking: tuple[str, ...]

    def missing(self) -> Iterator[str]:
        """What leaves it open, in words."""
        named = f"{self.one.name} of {self.one.start or 'an unknown day'}"
        if self.holds is None:
            yield f"whether {named} was for the episode"
        yield from (f"{what} of {named}" for what in self.lacking)

    def shown(self) -> Evidence:
        """The record as evidence."""
        one = self.one
        dose = "" if one.dose is None else f"{plain(one.dose)} {one.unit or ''}".strip() + ", "
        lasted = f"{one.start or 'an unknown day'} to {one.end or 'no recorded end'}"
        return Evidence(one.name, dose + lasted, None, one.start, one.source)


@dataclass(frozen=True, slots=True)
class _Told:
    """How much of it there was where no record says so: by what is told beside the records, and what would have to be known."""

    total: Span
    because: tuple[Evidence, ...]
    missing: tuple[str, ...]


def crs_treatment(facts: Facts) -> Iterator[Verdict]:
    """The four numbers of each episode, about the episode."""
    _, episodes = course_of(facts.toxicity)
    events = CRS.of(facts.adverse_events)
    onsets = tuple(episode.onset.seen.at for episode in episodes)
    for place, episode in enumerate(episodes):
        course = _Course(place, episode, onsets, tuple(event for event in events if _of_episode(event, episode)))
        yield _doses(TOCILIZUMAB, facts, course, frozenset({"TOCILIZUMAB"}))
        yield _doses(GLUCOCORTICOID, facts, course, GLUCOCORTICOIDS, "GLUCOCORTICOID")
        yield _intensive_care(facts, course)
        yield _vasopressors(facts, course)


def _of_episode(event: GradedEvent, episode: Episode) -> bool:
    return any(of_event(each.seen, event) for each in episode.observations if each.grade.lowest)


def _belonging(
    facts: Facts, course: _Course, counted: Callable[[Treatment], bool], amount: Callable[[Treatment], Amount]
) -> list[_Held]:
    """The records of a kind that belong to an episode, or may, in order of time."""
    own = sorted(filter(counted, facts.treatments), key=lambda one: (sort_key(one.start) if one.start else "~", one.id))
    each = (_Held(one, course.holds(_purpose(one, facts), one.start), *amount(one)) for one in own)
    return [held for held in each if held.holds is not False]


def _purpose(one: Treatment, facts: Facts) -> Truth:
    """Whether something was for CRS; None where it names neither an event of the casebook nor an indication."""
    if one.event is not None:
        return next((event in CRS for event in facts.adverse_events if event.id == one.event), None)
    return None if one.indication is None else CRS.called(one.indication)


def _doses(rule: Rule, facts: Facts, course: _Course, names: frozenset[str], kind: str | None = None) -> Verdict:
    """How many doses there were of the drugs of some names, and of a kind, and what they come to."""
    found = _belonging(facts, course, lambda one: one.name.upper() in names or one.kind == (kind or ""), _number)
    highs = [held.amount.high for held in found if held.amount.high is not None]
    most = sum(highs, Fraction(0)) if len(highs) == len(found) else None
    total = Span(sum((held.amount.low for held in found if held.holds), Fraction(0)), most)
    told = _observed(course, "drugs given", lambda seen: seen.given, names.__contains__, 1)
    return _verdict(rule, course, total, told, found, _in_all(found))


def _number(one: Treatment) -> Amount:
    """How many doses a record stands for, one at least."""
    if one.often is None:
        return Span(Fraction(1), None), ("frequency",)
    if one.often.every_days == 0:
        return exact(Fraction(one.often.times)), ()
    days = lasting.days([one.dated])
    most = None if days.high is None else Fraction(one.often.within(int(days.high)))
    return Span(Fraction(one.often.within(max(int(days.low), 1))), most), _dates(one, days)


def _dates(one: Treatment, length: Span) -> tuple[str, ...]:
    """Which dates of a record leave its length open."""
    absent = tuple(what for what, date in zip(("start", "end"), one.dated, strict=True) if date is None)
    return () if length.known else absent or ("complete dates in their order",)


def _in_all(found: Sequence[_Held]) -> Iterator[Evidence]:
    """What the doses of each drug come to in each unit; without a value where that is not known."""
    for name, unit in dict.fromkeys((held.one.name, held.one.unit) for held in found):
        amounts = [_given(held) for held in found if (held.one.name, held.one.unit) == (name, unit)]
        known = [amount for amount in amounts if amount is not None]
        yield Evidence(name + IN_ALL, plain(sum(known, Decimal(0))) if len(known) == len(amounts) else None, unit)


def _given(held: _Held) -> Decimal | None:
    dose = held.one.dose
    return dose * int(held.amount.low) if dose is not None and held.holds and held.amount.known else None


def _intensive_care(facts: Facts, course: _Course) -> Verdict:
    def days(one: Treatment) -> Amount:
        length = lasting.days([one.dated])
        return length, _dates(one, length)

    found = _belonging(facts, course, lambda one: one.kind == STAY, days)
    told = _asked(facts, course)
    return _verdict(INTENSIVE_CARE, course, lasting.days(*_when(found)), told, found)


def _vasopressors(facts: Facts, course: _Course) -> Verdict:
    def hours(one: Treatment) -> Amount:
        length = lasting.hours([one.dated])
        return length, _dates(one, length)

    found = _belonging(facts, course, _is_vasopressor, hours)
    told = _observed(course, "vasopressors running", lambda seen: seen.vasopressors, _raises_pressure, 0)
    return _verdict(VASOPRESSOR, course, lasting.hours(*_when(found)), told, found)


def _is_vasopressor(one: Treatment) -> bool:
    return one.kind == "VASOPRESSOR" and _raises_pressure(one.name.upper())


def _raises_pressure(name: str) -> bool:
    return name not in NOT_VASOPRESSORS


def _when(found: Sequence[_Held]) -> tuple[list[Dated], list[Dated]]:
    """When what certainly belongs to an episode was, and when all that may."""
    return [held.one.dated for held in found if held.holds], [held.one.dated for held in found]


def _observed(
    course: _Course,
    what: str,
    asked: Callable[[Toxicity], Sequence[str] | None],
    counts: Callable[[str], bool],
    least: int,
) -> _Told:
    """What the observations of an episode tell of some drugs; `least`: of how much, where one tells of any."""
    seen = [each.seen for each in course.episode.observations]
    lists = [asked(each) for each in seen]
    hits = [None if names is None else any(map(counts, names)) for names in lists]
    said = (None if names is None else ", ".join(names) or "none" for names in lists)
    found = any_of(hits)
    lacking = f"record of the {what}" if found else what
    return _Told(
        _alone(found, least),
        tuple(Evidence(what, words, None, each.at, each.source) for each, words in zip(seen, said, strict=True)),
        tuple(f"{lacking} at {each.at}" for each, hit in zip(seen, hits, strict=True) if hit is found),
    )


def _alone(any_: Truth, least: int) -> Span:
    return exact(Fraction(0)) if any_ is False else Span(Fraction(least if any_ else 0), None)


def _asked(facts: Facts, course: _Course) -> _Told:
    """Whether there was intensive care: by the event, else by the first answer since the resolution, where that denies it."""
    by_event = any_of([event.local.intensive_care for event in course.events] or [None])
    since = [each for each in facts.intensive_care if _on_or_after(each, course.over)] if by_event is None else []
    first = sorted(since, key=lambda each: sort_key(each.at))[:1]
    said = False if any(each.yes is False for each in first) else by_event
    own = (
        answered("intensive care for the event", each.local.intensive_care, each.start, each.source) for each in course.events
    )
    asked = (answered("intensive care since the visit before", each.yes, each.at, each.source) for each in first)
    lacking = "record of the stay in intensive care" if said else "whether there was intensive care"
    return _Told(_alone(said, 1), (*own, *asked), (lacking,))


def _on_or_after(answer: Answer, over: str | None) -> bool:
    days = days_between(over, answer.at)
    return days is not None and days >= 0


def _verdict(
    rule: Rule, course: _Course, total: Span, told: _Told, found: Sequence[_Held], beside: Iterable[Evidence] = ()
) -> Verdict:
    """The number of an episode: by its records, where there are any."""
    number = total if found else told.total
    lacking = [name for held in found for name in held.missing()] if found else told.missing
    return Verdict(
        rule,
        f"episode {course.place + 1}",
        Value.COMPUTED if number.known else Value.NOT_EVALUABLE,
        amount=decimal(number.low) if number.known else None,
        lowest=decimal(number.low),
        highest=None if number.high is None else decimal(number.high),
        missing=() if number.known else tuple(dict.fromkeys(lacking)),
        evidence=(*_moments(course), *(held.shown() for held in found), *beside, *(() if found else told.because)),
    )


def _moments(course: _Course) -> Iterator[Evidence]:
    for event in course.events:
        yield Evidence(EVENT, event.id, None, event.start, event.source)
    onset, resolved = course.episode.onset.seen, course.episode.resolved
    yield Evidence("onset", onset.at, None, onset.at, onset.source)
    if resolved is not None:
        yield Evidence("resolution", resolved.seen.at, None, resolved.seen.at, resolved.seen.source)
