"""Copies of identity cards: a few lines of personal data and a machine readable zone."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
PERSONALAUSWEIS
BUNDESREPUBLIK MUSTERLAND PERSONALAUSWEIS
Kopie Personalausweis Vorder- und Rückseite
Reisepass / Ausweisdokument
== openings
IDENTITY CARD / CARTE D'IDENTITE
Kopie entspricht dem Original, {broker}, {issued}
Ausweiskopie zur Legitimation
== fields
Name: {last}
Vornamen: {first}
Geschlecht: {sex}
Geburtstag: {birth}
Geburtsort: {birthplace}
Staatsangehörigkeit: DEUTSCH
Gültig bis: {future}
Ausweisnummer: L{num}{n}
Zugangsnummer: {num}
Anschrift: {address}
Größe: {height} cm
Augenfarbe: {eyes}
Ausstellende Behörde: {office}
Ausgestellt am {past}
Geburtsname: {last}
Unterschrift der Inhaberin / des Inhabers
== heads
Feld | Angabe
== rows
Name | {last}
Vorname | {first}
Geburtstag | {birth}
Gültig bis | {future}
== clauses
IDD<<{last}<<{first}<<<<<<<<<<<<<<<
L{num}{n}<{num}{n}D<<{num}<<<<<<{n}
Legitimationsprüfung durchgeführt von {broker} am {issued}, Original lag vor.
Nur als Kopie zu verwenden, nicht als Ausweis gültig.
== closings
{office}
Für die Richtigkeit der Kopie: {name}
"""

_ENGLISH = """
== titles
IDENTITY CARD
NATIONAL IDENTITY CARD
Copy of identity card front and back
Passport / identity document
== openings
CARTE NATIONALE D'IDENTITE
Certified copy, original seen by {broker} on {issued}
Copy for identification of the borrower
== fields
Surname: {last}
Given names: {first}
Date of birth: {birth}
Place of birth: {birthplace}
Nationality: CITIZEN
Date of expiry: {future}
Document number: L{num}{n}
Card access number: {num}
Address: {address}
Height: {height} cm
Eye colour: {eyes}
Authority: {office}
Date of issue: {past}
Sex: {sex}
Signature of holder
== heads
Field | Entry
== rows
Surname | {last}
Given name | {first}
Born | {birth}
Valid until | {future}
== clauses
IDX<<{last}<<{first}<<<<<<<<<<<<<<<
L{num}{n}<{num}{n}X<<{num}<<<<<<{n}
Identity verified by {broker} on {issued}, the original was produced.
To be used as a copy only, not valid as a document of travel.
== closings
{office}
Certified to be a true copy: {name}
"""

KIND = Kind(
    label="identity_card",
    issuer="office",
    neighbours=("tax_assessment", "employment_contract", "rental_agreement"),
    pages=(1, 1),
    page_chars=(200, 400),
    table_share=0.05,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
