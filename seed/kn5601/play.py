"""Playing the acts of a casebook to the service, as the site would."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from seed.client import Body, Client, Refused
from seed.kn5601.steps import UNSCHEDULED, Correction, Entry, Step, Withdrawal


def play(client: Client, study: str, subject: str, steps: Iterable[Step], done: Callable[[], None]) -> None:
    """
    Every act in order; `done` is called after each. A load that was interrupted may be played again from its start: what
    stands already is answered as it was at first.
    """
    kept: dict[str, tuple[str, list[Body]]] = {}
    unscheduled = ""
    for step in steps:
        if isinstance(step, Entry):
            records = client.enter(study, subject, step.path, _placed(step.body, unscheduled))["records"]
            kept[step.name] = (step.path, records)
            if step.path == "visits" and "visit" not in step.body:
                unscheduled = records[0]["visit"]
        else:
            path, records = kept[step.of]
            _change(client, study, subject, path, records[step.row], step)
        done()


def _change(client: Client, study: str, subject: str, path: str, record: Body, step: Correction | Withdrawal) -> None:
    """Correct or withdraw a record at its first version; one that is past it was changed by an earlier play."""
    try:
        if isinstance(step, Correction):
            client.correct(study, subject, path, record, step.changes, step.why)
        else:
            client.withdraw(study, subject, path, record, step.why)
    except Refused as refusal:
        if refusal.code != "stale_version":
            raise


def _placed(body: Body | list[Body], unscheduled: str) -> Body | list[Body]:
    """The body with the service's own name of the unscheduled visit."""
    if isinstance(body, list):
        return [_named(each, unscheduled) for each in body]
    return _named(body, unscheduled)


def _named(body: Body, unscheduled: str) -> Body:
    return body | {"visit": unscheduled} if body.get("visit") == UNSCHEDULED else body
