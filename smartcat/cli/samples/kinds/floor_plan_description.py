"""Descriptions that come with floor plans: rooms, areas, construction."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Grundrissbeschreibung
Baubeschreibung und Wohnflächenberechnung
Erläuterung zum Grundriss, Wohnung Nr. {n}
Wohnflächenaufstellung {property}
Grundriss Erdgeschoss M 1:100
== openings
Das Gebäude {property} wurde {built} errichtet und umfasst {rooms} Zimmer.
Die Flächen wurden nach der Wohnflächenverordnung ermittelt.
Die Wohnung liegt im {n}. Obergeschoss und ist über das Treppenhaus zu erreichen.
Grundlage sind die Bauzeichnungen von {engineer}.
== fields
Wohnfläche gesamt: {living} m²
Nutzfläche Keller: {area} m²
Grundstücksfläche: {plot} m²
Anzahl Zimmer: {rooms}
Baujahr: {built}
Geschosse: {n}
Raumhöhe: 2,{percent} m
Maßstab 1:100
Planverfasser: {engineer}
Objekt: {property}
Bauweise: massiv, Ziegel
Dachform: Satteldach
Ausrichtung Balkon: Süd
Stellplatz Nr. {n}
Blatt Nr. {n}, Index B
Lage: {district}
Heizung: Gas-Zentralheizung
== heads
Raum | Länge | Breite | Fläche m²
Geschoss | Raum | Fläche | Bodenbelag
Nr. | Bezeichnung | m²
== rows
Wohnzimmer | {n},{percent} | {n},{percent} | {area}
Schlafzimmer | {n},{percent} | {n},{percent} | {area}
Küche | {n},{percent} | 2,{percent} | {area}
Bad/WC | 2,{percent} | 1,{percent} | {area}
Kinderzimmer | 3,{percent} | 3,{percent} | {area}
Flur | {n},{percent} | 1,{percent} | {area}
Balkon zu 25 % | | | {area}
Keller | {area} | | {area}
Erdgeschoss | Arbeitszimmer | {area} | Parkett
Dachgeschoss | Abstellraum | {area} | Estrich
Hauswirtschaftsraum | | | {area}
== clauses
Vom Flur aus gelangt man in das Wohnzimmer mit {area} m² und Zugang zum Südbalkon.
Die Küche ist vom Essbereich durch eine Schiebetür getrennt und hat ein Fenster zum Hof.
Das Bad ist mit Dusche, Wanne und Handtuchheizkörper ausgestattet und raumhoch gefliest.
Die Außenwände bestehen aus Mauerwerk mit {percent} cm Stärke und einer Dämmung von {n} cm.
Im Dachgeschoss sind Flächen unter zwei Metern lichter Höhe nur zur Hälfte angerechnet.
Zur Wohnung gehören ein Kellerraum und der Stellplatz Nr. {n} in der Tiefgarage.
Die Decken sind als Stahlbetonplatten, das Treppenhaus ist mit Natursteinstufen ausgeführt.
Schlafzimmer und Kinderzimmer liegen auf der ruhigen Gartenseite des Hauses.
Die Fenster sind aus Kunststoff mit Zweifachverglasung und Rollläden, Baujahr {built}.
Tragende Wände sind im Plan schraffiert, Leichtbauwände als Doppellinie dargestellt.
Die Heizung versorgt alle Räume über Heizkörper, im Bad über eine Fußbodenheizung.
Sämtliche Maße sind Rohbaumaße und vor Ort zu prüfen; Möblierung ist nur ein Vorschlag.
Terrasse und Balkon wurden mit einem Viertel ihrer Grundfläche angesetzt.
Der Hauseingang ist ebenerdig, die Türen haben eine lichte Breite von {percent} cm.
== closings
{engineer}, Planverfasser
Summe Wohnfläche {living} m²
Änderungen in Ausführung und Ausstattung bleiben vorbehalten.
"""

_ENGLISH = """
== titles
Floor plan description
Description of the floor plan, flat {n}
Schedule of rooms and areas
Ground floor plan, scale 1:100
Particulars of {property}
== openings
The building at {property} was erected in {built} and has {rooms} rooms.
Areas were measured to the inside face of the walls.
The flat is on floor {n} and is reached by the main staircase.
The description is based on drawings by {engineer}.
== fields
Total floor area: {living} sq m
Cellar storage: {area} sq m
Plot: {plot} sq m
Number of rooms: {rooms}
Year of construction: {built}
Storeys: {n}
Ceiling height: 2.{percent} m
Scale 1:100
Drawn by: {engineer}
Property: {property}
Construction: brick, solid
Roof: pitched, tiled
Balcony faces south
Parking space no. {n}
Sheet no. {n}, revision B
Location: {district}
Heating: gas boiler and radiators
== heads
Room | Length | Width | Area sq m
Floor | Room | Area | Covering
No. | Name | sq m
== rows
Living room | {n}.{percent} | {n}.{percent} | {area}
Bedroom 1 | {n}.{percent} | {n}.{percent} | {area}
Kitchen | {n}.{percent} | 2.{percent} | {area}
Bathroom | 2.{percent} | 1.{percent} | {area}
Bedroom 2 | 3.{percent} | 3.{percent} | {area}
Hall | {n}.{percent} | 1.{percent} | {area}
Balcony at one quarter | | | {area}
Cellar | {area} | | {area}
Ground floor | Study | {area} | Oak boards
Attic | Store | {area} | Screed
Utility room | | | {area}
== clauses
The hall leads to the living room of {area} sq m with a door to the south facing balcony.
The kitchen is parted from the dining area by a sliding door and has a window to the yard.
The bathroom is fitted with a shower, a bath and a towel rail and is tiled to the ceiling.
The outer walls are of brickwork {percent} cm thick with insulation of {n} cm.
Attic space with a clear height below two metres is counted at one half.
A cellar room and parking space no. {n} in the underground garage belong to the flat.
The ceilings are slabs of reinforced concrete, the staircase has stone treads.
The bedrooms lie on the quiet garden side of the house.
The windows have plastic frames with double glazing and shutters, year {built}.
Load bearing walls are hatched in the plan, partitions are drawn as a double line.
Radiators heat all rooms, the bathroom has underfloor heating.
All dimensions are structural and must be checked on site; furniture is a suggestion only.
Terrace and balcony were taken at one quarter of their area.
The entrance is level and the doors have a clear width of {percent} cm.
== closings
{engineer}, author of the plan
Total floor area {living} sq m
We reserve the right to change design and fittings.
"""

KIND = Kind(
    label="floor_plan_description",
    issuer="engineer",
    neighbours=("energy_certificate", "purchase_contract", "rental_agreement"),
    pages=(1, 3),
    page_chars=(1000, 2400),
    table_share=0.3,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
