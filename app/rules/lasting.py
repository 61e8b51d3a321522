"""
How long something lasted, in hours or in calendar days, from dates that may be partial or missing.

The length is a span: at least what is certain, at most what the dates may mean, without an upper end where a start or an end is
missing. What overlaps is counted once. A day is counted whole, the first and the last included; hours are counted from moment
to moment. An end that lies before the start is none.

Source: ISO 8601:2004 (partial dates, see `dates`); the counting of days is a ruling.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from fractions import Fraction

from app.rules.dates import earliest, latest
from app.rules.spans import Span

Dated = tuple[str | None, str | None]
"""When something began and when it ended; None is not recorded."""
Stretch = tuple[datetime, datetime]
_SECOND, _HOUR, _DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def hours(certain: Iterable[Dated], possible: Iterable[Dated] = ()) -> Span:
    """The hours of what certainly was, at most together with what possibly was."""
    return _lasted(list(certain), list(possible), _HOUR)


def days(certain: Iterable[Dated], possible: Iterable[Dated] = ()) -> Span:
    """The calendar days of what certainly was, at most together with what possibly was; what began took one at least."""
    return _lasted(list(certain), list(possible), _DAY)


def either(lengths: Sequence[Span]) -> Span:
    """A length that is one of several: from the least that one may be to the most."""
    highs = [length.high for length in lengths if length.high is not None]
    return Span(min(length.low for length in lengths), max(highs) if len(highs) == len(lengths) else None)


def _lasted(certain: list[Dated], possible: list[Dated], unit: timedelta) -> Span:
    least = [stretch for dated in certain if (stretch := _least(dated, unit)) is not None]
    most = [_most(dated, unit) for dated in (*certain, *possible)]
    known = [stretch for stretch in most if stretch is not None]
    return Span(_together(least, unit), _together(known, unit) if len(known) == len(most) else None)


def _least(dated: Dated, unit: timedelta) -> Stretch | None:
    """The time that was certainly taken: without an end, the start alone."""
    began, ended = _ends(dated, unit)
    return None if began is None else _whole(began[1], began[1] if ended is None else ended[0], unit)


def _most(dated: Dated, unit: timedelta) -> Stretch | None:
    began, ended = _ends(dated, unit)
    return None if began is None or ended is None else _whole(began[0], ended[1], unit)


def _ends(dated: Dated, unit: timedelta) -> tuple[Stretch | None, Stretch | None]:
    began, ended = (_bounds(text, unit) for text in dated)
    impossible = began is not None and ended is not None and ended[1] < began[0]
    return began, None if impossible else ended


def _whole(first: datetime, last: datetime, unit: timedelta) -> Stretch:
    return (first, last + unit) if unit == _DAY else (first, last)


def _bounds(text: str | None, unit: timedelta) -> Stretch | None:
    """The first and the last moment that a date may mean; of days, their beginnings."""
    known = [moment for moment in (earliest(text), latest(text)) if moment is not None] if text else []
    if not known:
        return None
    first, last = known
    if unit == _DAY:
        return datetime.combine(first, time()), datetime.combine(last, time())
    return first, last if first == last else last + _SECOND


def _together(stretches: Iterable[Stretch], unit: timedelta) -> Fraction:
    """How many units some stretches cover together."""
    covered, reached = timedelta(0), None
    for first, last in sorted(stretches):
        start = max(first, reached or first)
        covered, reached = covered + max(last - start, timedelta(0)), max(start, last)
    return Fraction(covered // _SECOND, unit // _SECOND)
