"""Extracts from the land register: inventory, owners, encumbrances, charges."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Grundbuchauszug
Grundbuch von {city} Blatt {folio}
Amtlicher Ausdruck aus dem Grundbuch
{court} Grundbuchamt: Wohnungsgrundbuch Blatt {folio}
Beglaubigte Abschrift, Grundbuch von {city}
== openings
Letzte Änderung {date}, Ausdruck vom {issued}, enthält {n} Seiten.
Der Ausdruck gibt den Inhalt des Grundbuchs am {issued} wieder.
Dieser Auszug wird zur Vorlage bei der {bank} erteilt.
Bestandsverzeichnis, Erste Abteilung, Zweite Abteilung, Dritte Abteilung.
== fields
Grundbuchamt: {court}
Gemarkung: {city}
Flur {n}, Flurstück {folio}/{n}
Blatt: {folio}
Band: {n}
Größe: {plot} m²
Wirtschaftsart und Lage: Gebäude- und Freifläche, {property}
Eigentümer: {person}, geb. {birth}
Miteigentumsanteil: {percent}/1000
Laufende Nummer der Eintragung: {n}
Abteilung I: Eigentümer
Abteilung II: Lasten und Beschränkungen
Abteilung III: Hypotheken, Grundschulden
Eingetragen am {past}
Gelöscht am {past}
Auflassung vom {past}
Geschäftszeichen: {ref}
== heads
Lfd. Nr. | Gemarkung | Flurstück | Wirtschaftsart und Lage | Größe
Nr. der Eintragung | Betrag | Hypotheken, Grundschulden, Rentenschulden
Lfd. Nr. | Eigentümer | Grundlage der Eintragung
== rows
{n} | {town} | {folio}/{n} | Gebäude- und Freifläche {otherstreet} | {area} a
{n} | {big} | Grundschuld ohne Brief für {otherbank} | {past}
{n} | {big} | Buchgrundschuld mit {n} % Jahreszinsen | {past}
{n} | {name} | Auflassung vom {past} | {past}
{n} | {name} | Erbschein des Amtsgerichts {town} | {past}
{n} | | Wegerecht für Flurstück {folio} | {past}
{n} | | Auflassungsvormerkung für {name} | {past}
{n} | | Leitungsrecht für {firm} | {past}
{n} | {town} | {folio} | Landwirtschaftsfläche | {area} a
== clauses
Grundschuld ohne Brief zu {big} nebst {n} % Jahreszinsen für die {bank}, vollstreckbar nach § 800 ZPO, gemäß
  Bewilligung vom {past} eingetragen am {past}.
Beschränkte persönliche Dienstbarkeit (Leitungsrecht) für die Stadtwerke, gemäß Bewilligung vom {past},
  eingetragen am {past}.
Auflassungsvormerkung für {person}, unter Bezug auf die Bewilligung vom {past} des Notars {notary},
  eingetragen am {past}.
Wegerecht zugunsten des jeweiligen Eigentümers des Flurstücks {folio}, Flur {n}, Gemarkung {town}.
Das Grundstück ist aus Blatt {folio} hierher übertragen und am {past} eingetragen worden.
Die Eigentümer {person} und {partner} sind in Erbengemeinschaft eingetragen aufgrund Erbscheins.
Reallast auf Zahlung einer monatlichen Rente an {name}, löschbar mit Todesnachweis.
Ein Zwangsversteigerungsvermerk wurde am {past} eingetragen und am {past} wieder gelöscht.
Die Rangstelle der Grundschuld geht dem Recht Abteilung II Nr. {n} vor.
Sanierungsvermerk: Das Sanierungsverfahren wird durchgeführt, eingetragen auf Ersuchen der Stadt {town}.
Dem Sondereigentum ist der Kellerraum Nr. {n} und der Stellplatz Nr. {n} laut Aufteilungsplan zugeordnet.
Rötungen kennzeichnen gelöschte Eintragungen; der Schwarzdruck gibt sie unterstrichen wieder.
== closings
Dieser Ausdruck wird nicht unterschrieben und gilt als beglaubigte Abschrift. {court}
Urkundsbeamter der Geschäftsstelle, {court}
Ende des Grundbuchblatts {folio}
"""

_ENGLISH = """
== titles
Official copy of register of title
Land register extract, title number {ref}
Title register: {property}
Register view, edition date {issued}
== openings
This copy shows the entries in the register on {issued}.
The register is kept in three parts: property, proprietorship and charges.
This extract is issued for presentation to {bank}.
Applications pending on the day of the search are not shown.
== fields
Title number: {ref}
Registry office: {court}
Tenure: freehold
Class of title: absolute
Administrative area: {city}
Edition date: {issued}
Registered proprietor: {person} of {address}
Price stated on {date}: {price}
Parcel {folio}/{n}, sheet {n}
Area of the land: {plot} sq m
A: Property register
B: Proprietorship register
C: Charges register
Entry no. {n} dated {past}
Charge dated {past} in favour of {bank}
Filed plan reference: {ref}
Folio: {folio}
== heads
Entry | Date | Particulars
No. | Amount secured | Charge and chargee | Registered
Parcel | Situation | Use | Area
== rows
{n} | {past} | Freehold land shown edged red, {otherstreet} | {area}
{n} | {past} | Proprietor: {name} | {n}
{n} | {big} | Registered charge in favour of {otherbank} | {past}
{n} | {past} | Restriction: no disposition without consent of {otherbank} | {n}
{n} | {past} | Right of way over the track at parcel {folio} | {n}
{n} | {past} | Easement for pipes and cables for {firm} | {n}
{n} | {past} | Transfer dated {past} by {name} | {n}
{folio} | {otherstreet} | Dwelling and garden | {area}
== clauses
Registered charge dated {past} to secure the moneys mentioned in it, proprietor {bank}, entered on {past}.
The land has the benefit of a right of way on foot and with vehicles over the track leading to
  {otherstreet}.
Restriction: no disposition of the registered estate by the proprietor is to be registered without the
  written consent of {otherbank}.
A transfer of the land dated {past} made between {name} and {name} contains restrictive covenants.
The freehold land shown edged with red on the filed plan and known as {property}.
The land is subject to rights of drainage granted by a deed of {past}.
Title absolute. {person} and {partner} are registered as proprietors since {past}.
The value stated as at {past} was {big}.
Where a charge has been discharged the entry is cancelled and no longer forms part of the register.
The mines and minerals together with ancillary powers of working are excepted.
A notice of a unilateral claim by {name} was entered on {past} and withdrawn on {past}.
The parking space numbered {n} and the cellar numbered {n} on the plan are included in the title.
== closings
End of register. {court}
This official copy is admissible in evidence to the same extent as the original.
Note: no entry is omitted from folio {folio}
"""

KIND = Kind(
    label="land_register_extract",
    issuer="court",
    neighbours=("purchase_contract", "loan_offer", "floor_plan_description"),
    pages=(2, 5),
    page_chars=(1400, 2900),
    table_share=0.3,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
