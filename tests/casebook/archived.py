"""What an archive in ODM says, read as whoever has the standard would read it, and what the API says of the same study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import odmlib
from lxml import etree  # type: ignore[import-untyped]

from cdisc.odm.metadata import NAMESPACE
from seed.client import API
from tests.casebook import build
from tests.casebook.build import DEMO, SUBJECT, Service

Json = dict[str, Any]
NS = {"o": NAMESPACE}
SCHEMA = Path(odmlib.__file__).parent / "schemas" / "odm" / "1.3.2" / "ODM1-3-2.xsd"
OF_THE_MOVE = (
    ".//o:Annotation[o:Flag/o:FlagType='IMPORTED BY']",
    ".//o:CryptoBindingManifest",
    ".//*[o:Annotation/o:Flag/o:FlagType='QUERY']/o:AuditRecord",
)
"""What a file tells of the system it comes from: who imported, the digest of what was signed there, when the system asked."""


def ask(service: Service, token: str = "", study: str = DEMO, **at: str) -> httpx2.Response:
    """The archive, as the data manager gets it unless another token is given."""
    headers = {"Authorization": f"Bearer {token or service.sponsor.token}"}
    return service.http.get(f"{API}/studies/{study}/odm", params=at, headers=headers)


def archive(service: Service, token: str = "", study: str = DEMO, **at: str) -> Any:
    """The archive, read; checked against the schema of the standard."""
    answer = ask(service, token, study, **at)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/xml"
    return valid(answer.content)


def valid(raw: bytes) -> Any:
    """A file, read; checked against the schema of the standard."""
    root = etree.fromstring(raw)
    schema().assertValid(root)
    return root


@cache
def schema() -> Any:
    """The schema of ODM 1.3.2, as odmlib ships it."""
    return etree.XMLSchema(etree.parse(SCHEMA))


def every(root: Any, path: str) -> list[Any]:
    """The elements at a path, in the order of the file."""
    found: list[Any] = root.xpath(path, namespaces=NS)
    return found


def acts(root: Any, subject: str = SUBJECT) -> list[Any]:
    """The acts on a subject's forms."""
    return every(root, f"//o:SubjectData[@SubjectKey='{subject}']//o:FormData")


def key(form: Any) -> tuple[str | None, ...]:
    """Which record a form in the file is."""
    event = form.getparent()
    return event.get("StudyEventOID"), event.get("StudyEventRepeatKey"), form.get("FormOID"), form.get("FormRepeatKey")


def standing(root: Any, subject: str = SUBJECT) -> list[tuple[str, dict[str, str]]]:
    """What the file says that stands: every act done over again, as whoever reads the standard would; table and items."""
    records: dict[tuple[str | None, ...], dict[str, str]] = {}
    for form in acts(root, subject):
        match form.get("TransactionType"):
            case "Remove":
                del records[key(form)]
            case "Insert" | "Update":
                said = records.setdefault(key(form), {})
                for item in every(form, ".//o:ItemData"):
                    said.pop(item.get("ItemOID"), None)
                    if item.get("IsNull") is None:
                        said[item.get("ItemOID")] = item.get("Value")
    return in_order((str(form).split(".")[1].lower(), values) for (_, _, form, _), values in records.items())


def in_order(records: Iterable[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    """Records by table and what they say, whichever order they were told in."""
    return sorted(records, key=lambda record: (record[0], sorted(record[1].items())))


def captured(service: Service, subject: str = SUBJECT, study: str = DEMO, **at: str) -> list[tuple[str, dict[str, str]]]:
    """What the API says that stands, under the same names."""
    told = service.get(build.below(subject, study), **at)["casebook"]
    return in_order((table, dict(named(table, record))) for table, records in told.items() for record in records)


def named(table: str, record: Json) -> Iterator[tuple[str, str]]:
    """The values of a record as the file names and writes them."""
    about = {"record_id", "version", "withdrawn", "origin", "source", "form"}
    about |= set() if table == "visit" else {"visit"}
    for name, value in record.items():
        if name == "answers":
            of = f"I.{record['instrument']}.{record['instrver']}"
            yield from ((f"{of}.{item}", written(answer)) for item, answer in (value or {}).items() if answer is not None)
        elif name not in about and value is not None:
            yield f"I.{table.upper()}.{name.upper()}", written(value)


def written(value: Any) -> str:
    """A value as text; a list that was recorded as empty is NONE."""
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) or "NONE" if isinstance(value, list) else str(value)


def clinical(root: Any) -> list[str]:
    """Everything that a file tells of the study and of its subjects but what is of the system that it comes from; as text."""
    parts = [deepcopy(part) for part in every(root, "/o:ODM/o:ReferenceData | /o:ODM/o:ClinicalData")]
    for part in parts:
        for gone in every(part, " | ".join(OF_THE_MOVE)):
            gone.getparent().remove(gone)
    return [etree.canonicalize(part, strip_text=True) for part in parts]


def concluded(service: Service) -> list[str]:
    """What the rules say of the first subject, whichever records they name."""
    return sorted(f"{rule} {said['value']} {said['amount']}" for (rule, _), said in build.verdicts(service).items())
