"""Studies that differ from the demonstration in some lines of their document, open beside it."""

from __future__ import annotations

from seed.load import DEMO, instrument_documents, study_document
from tests.casebook import build
from tests.casebook.build import Service


def variant(service: Service, name: str, *lines: tuple[str, str], levels: bool = True) -> str:
    """Publish the demonstration under another name with lines replaced, its `levels` open; the study's identifier."""
    study = f"{DEMO}-{name}"
    if study in {stands["study_id"] for stands in service.sponsor.studies()}:
        return study
    document = study_document(DEMO).replace(f'id = "{DEMO}"', f'id = "{study}"')
    for find, replace in lines:
        assert find in document
        document = document.replace(find, replace, 1)
    service.sponsor.publish_study(document)
    for instrument in instrument_documents():
        service.sponsor.publish_instrument(study, instrument)
    if levels:
        build.open_levels(service, study)
    return study
