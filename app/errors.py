"""
Every refusal, as a problem of RFC 9457: one class, one status, a stable code, a pointer, and words a coordinator understands.

    Problem
     ├── NotSignedIn   401   no token, or one that is unknown, expired or revoked
     ├── NotAllowed    403   the role may not do this
     ├── NotFound      404   it does not exist, or lies outside the caller's study and sites
     ├── NotSupported  405   the path does not take this method
     ├── Conflict      409   it contradicts what stands in the casebook
     ├── Stale         412   somebody changed it since the caller read it
     ├── TooLarge      413   the body is longer than one entry may be
     ├── Invalid       422   what the form says is not acceptable, a missing reason for change included
     ├── NoVersion     428   the change does not say which version it saw
     └── NotReady      503   the service cannot vouch for its database
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

TYPE_BASE = "https://casebook.example/problems/"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where in the body (RFC 6901 pointer), a stable code, and what is allowed instead."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """A refusal. Nothing of the request was stored."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "The request could not be served"

    def __init__(self, code: str, detail: str, *, faults: Iterable[Fault] = (), **more: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.faults = tuple(faults)
        self.more = more

    def as_json(self) -> Mapping[str, Any]:
        """The members of the problem document."""
        faults = [{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in self.faults]
        return {
            "type": TYPE_BASE + self.code.replace("_", "-"),
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **({"errors": faults} if faults else {}),
            **self.more,
        }


class NotSignedIn(Problem):
    status, title = 401, "Sign in first"


class NotAllowed(Problem):
    status, title = 403, "Your role may not do this"


class NotFound(Problem):
    status, title = 404, "Not found"


class NotSupported(Problem):
    status, title = 405, "Method not supported"


class Conflict(Problem):
    status, title = 409, "This contradicts what stands in the casebook"


class Stale(Problem):
    status, title = 412, "Somebody changed this since you read it"


class TooLarge(Problem):
    status, title = 413, "The body is too long"


class Invalid(Problem):
    status, title = 422, "What was sent is not acceptable"


class NoVersion(Problem):
    status, title = 428, "Say which version you saw"


class NotReady(Problem):
    status, title = 503, "The service is not ready"
