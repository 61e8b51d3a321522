"""
define.xml 2.1: what every dataset, variable, code and derivation of the package means.

Built from the datasets as they are sent, so it cannot name what is not there. Each item and codelist says whether it is
the standard's or the sponsor's. Source: CDISC Define-XML 2.1.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import odmlib.define_2_1.model as define
import pandas as pd

from cdisc import specs
from cdisc.acrf import pages
from cdisc.define import define_html
from cdisc.define.codelists import CodelistBook, text_in_english
from cdisc.define.items import ACRF, Items
from cdisc.specs import SDTM, Standard
from cdisc.terminology import ADAM_CT_VERSION, CT_VERSION
from cdisc.trial import Trial

TERMS = {
    "SDTM": define.Standard(
        OID="STD.CT", Name="CDISC/NCI", Type="CT", PublishingSet="SDTM", Version=CT_VERSION, Status="Final"
    ),
    "ADaM": define.Standard(
        OID="STD.CT.ADAM", Name="CDISC/NCI", Type="CT", PublishingSet="ADaM", Version=ADAM_CT_VERSION, Status="Final"
    ),
}
GUIDE = "LF.GUIDE"
GUIDES = {
    "SDTMIG": ("../csdrg.pdf", "Clinical Study Data Reviewer's Guide"),
    "ADaMIG": ("adrg.pdf", "Analysis Data Reviewer's Guide"),
}
"""Where the reviewer's guide of a standard lies from its define.xml, and its title."""
PROLOG = f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="{define_html.STYLESHEET.name}"?>
""".encode()
"""A browser that still transforms XML shows the document by the stylesheet beside it; the others have the HTML."""
NAMESPACES = {
    "": "http://www.cdisc.org/ns/odm/v1.3",
    "def": "http://www.cdisc.org/ns/def/v2.1",
    "xlink": "http://www.w3.org/1999/xlink",
}


def encode(datasets: dict[str, pd.DataFrame], trial: Trial, standard: Standard = SDTM) -> bytes:
    """The define.xml of the datasets of one standard, as bytes; the same datasets and trial give the same bytes."""
    version = _metadata(datasets, trial, standard)
    study = define.Study(OID=f"STUDY.{trial.study_id}")
    study.GlobalVariables = _global(trial)
    study.MetaDataVersion = version
    at = f"{trial.cut_at:%Y-%m-%dT%H:%M:%S}"
    document = define.ODM(
        FileOID=f"{trial.study_id}.{trial.cut_name}.DEFINE",
        FileType="Snapshot",
        ODMVersion="1.3.2",
        CreationDateTime=at,
        AsOfDateTime=at,
        Originator="Casebook",
        SourceSystem="Casebook",
        SourceSystemVersion=trial.build,
        Context="Submission",
    )
    document.Study = study
    return _indented(document.to_xml_string())


def _indented(text: str) -> bytes:
    for prefix, uri in NAMESPACES.items():
        ElementTree.register_namespace(prefix, uri)
    root = ElementTree.fromstring(text)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="UTF-8")
    return PROLOG + written + b"\n"


def _global(trial: Trial) -> Any:
    return define.GlobalVariables(
        StudyName=define.StudyName(_content=trial.study_id),
        StudyDescription=define.StudyDescription(_content=trial.title),
        ProtocolName=define.ProtocolName(_content=trial.protocol),
    )


def _metadata(datasets: dict[str, pd.DataFrame], trial: Trial, standard: Standard) -> Any:
    codelists = CodelistBook(datasets, trial.crf.offered if standard == SDTM else {})
    items = Items(codelists, pages.references(trial.crf) if standard == SDTM else {})
    groups = [_group(name, frame, items) for name, frame in datasets.items()]
    version = define.MetaDataVersion(
        OID=f"MDV.{trial.study_id}.{trial.study_version}",
        Name=f"Study {trial.study_id}, {standard.name.removesuffix('IG')} at cut {trial.cut_name}",
        Description=f"Version {trial.study_version} of the study document; origin of the data: {trial.origin}",
        DefineVersion="2.1.0",
    )
    guide = define.Standard(OID=_oid(standard), Name=standard.name, Type="IG", Version=standard.version, Status="Final")
    version.Standards = define.Standards(Standard=[guide, *(TERMS[name] for name in standard.terminology)])
    if standard == SDTM:
        version.AnnotatedCRF = define.AnnotatedCRF(DocumentRef=[define.DocumentRef(leafID=ACRF)])
        version.leaf = [_leaf(ACRF, "../acrf.pdf", "Annotated CRF")]
    version.SupplementalDoc = define.SupplementalDoc(DocumentRef=[define.DocumentRef(leafID=GUIDE)])
    version.leaf = [*version.leaf, _leaf(GUIDE, *GUIDES[standard.name])]
    version.ItemGroupDef = groups
    version.ItemDef = items.definitions
    version.ValueListDef = items.value_lists
    version.WhereClauseDef = items.where_clauses
    version.CodeList = codelists.definitions()
    version.MethodDef = items.methods
    version.CommentDef = items.comments
    return version


def _leaf(oid: str, path: str, title: str) -> Any:
    return define.leaf(ID=oid, href=path, title=define.title(_content=title))


def _oid(standard: Standard) -> str:
    return f"STD.{standard.name.upper()}"


def _group(name: str, frame: pd.DataFrame, items: Items) -> Any:
    about = specs.dataset(name)
    domain = {"Domain": name[4:] if name.startswith("SUPP") else name} if about.standard == SDTM else {}
    group = define.ItemGroupDef(
        OID=f"IG.{name}",
        Name=name,
        Repeating="No" if name == about.standard.subjects else "Yes",
        IsReferenceData="Yes" if about.group == "TRIAL DESIGN" else "No",
        SASDatasetName=name,
        **domain,
        Purpose=about.standard.purpose,
        Structure=about.structure,
        ArchiveLocationID=f"LF.{name}",
        StandardOID=_oid(about.standard),
    )
    group.Description = text_in_english(about.label)
    variables = specs.sent_variables(name, frame)
    keys = [key for key in about.keys if key in frame]
    group.ItemRef = [items.reference(variable, order, keys, frame) for order, variable in enumerate(variables, 1)]
    group.Class = define.Class(Name=about.group, SubClass=[define.SubClass(Name=about.subclass)] if about.subclass else [])
    path = f"{name.lower()}.xpt"
    group.leaf = _leaf(f"LF.{name}", path, path)
    return group
