"""Energy certificates: demand, consumption, rating, and advice on the building."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Energieausweis für Wohngebäude
ENERGIEAUSWEIS gemäß Gebäudeenergiegesetz
Energiebedarfsausweis
Energieverbrauchsausweis, Registriernummer {ref}
== openings
Ausgestellt am {issued}, gültig bis {future}.
Berechneter Energiebedarf des Gebäudes {property}.
Erfasster Energieverbrauch des Gebäudes in den letzten drei Jahren.
Der Ausweis dient allein der Information und dem überschlägigen Vergleich von Gebäuden.
== fields
Gebäudetyp: {house}
Adresse: {property}
Baujahr Gebäude: {built}
Baujahr Wärmeerzeuger: {built}
Anzahl der Wohnungen: {n}
Gebäudenutzfläche: {living} m²
Wohnfläche: {living} m²
Wesentlicher Energieträger: {fuel}
Endenergiebedarf: {kwh} kWh/(m²·a)
Primärenergiebedarf: {kwh} kWh/(m²·a)
Energieeffizienzklasse: {grade}
Treibhausgasemissionen: {percent} kg/(m²·a)
Registriernummer: {ref}
Aussteller: {engineer}
Gültig bis: {future}
Anlass der Ausstellung: Verkauf
== heads
Zeitraum | Energieträger | Verbrauch kWh | Klimafaktor
Nr. | Bau- oder Anlagenteil | Empfehlung
Bauteil | Fläche | U-Wert
== rows
{date} - {date} | Erdgas | {plain} | 1,{n}
{date} - {date} | Fernwärme | {plain} | 1,{n}
{n} | Dach | Dämmung der obersten Geschossdecke
{n} | Außenwand | Wärmedämmverbundsystem prüfen
{n} | Fenster | Austausch gegen Dreifachverglasung
{n} | Heizung | Hydraulischer Abgleich
Außenwand gegen Erdreich | {area} | 0,{percent}
Kellerdecke | {area} | 0,{percent}
Fenster Südseite | {area} | 1,{n}
Warmwasser zentral | {plain} | {kwh}
== clauses
Der Endenergiebedarf gibt die nach technischen Regeln berechnete jährlich benötigte Energiemenge für
  Heizung, Lüftung und Warmwasser an.
Der Primärenergiebedarf berücksichtigt neben der Endenergie auch die Vorkette der eingesetzten
  Energieträger.
Die Vergleichswerte der Skala gelten für Gebäude mit Warmwasser; Abweichungen sind im Einzelfall möglich.
Maßnahmen zur kostengünstigen Verbesserung der Energieeffizienz sind möglich: Dämmung der Kellerdecke.
Die Heizungsanlage aus dem Jahr {built} unterliegt der Pflicht zum Austausch nach dreißig Jahren.
Der Verbrauchskennwert wurde witterungsbereinigt aus den Abrechnungen der Jahre {lastyear} und {year}
  ermittelt.
Die Fenster weisen eine Zweifachverglasung aus dem Jahr {built} auf, der Wärmeverlust ist
  überdurchschnittlich.
Leerstand von {percent} % wurde bei der Ermittlung rechnerisch berücksichtigt.
Erneuerbare Energien werden zur Warmwasserbereitung durch eine Solaranlage genutzt.
Die Lüftung erfolgt über die Fenster, eine Anlage zur Kühlung ist nicht vorhanden.
Der Aussteller {engineer} hat die Daten vom Eigentümer {person} erhalten und nicht vor Ort geprüft.
Der Ausweis ist bei Verkauf oder Vermietung spätestens zur Besichtigung vorzulegen.
Nach dem Effizienzhaus-Standard kann die {bank} ein Förderdarlehen gewähren.
== closings
{engineer}, Unterschrift des Ausstellers
Erläuterungen zum Energieausweis siehe Seite {n}
Die Modernisierungsempfehlungen sind ein Ausschnitt und ersetzen keine Beratung.
"""

_ENGLISH = """
== titles
Energy performance certificate
Energy certificate for a dwelling
ENERGY PERFORMANCE CERTIFICATE reference {ref}
Energy report and recommendations
== openings
Assessed on {issued}, valid until {future}.
Calculated energy use of the dwelling at {property}.
Measured consumption of the building over the last three years.
The certificate serves for information and for a rough comparison of homes.
== fields
Dwelling type: {house}
Address: {property}
Year of construction: {built}
Boiler installed: {built}
Total floor area: {living} sq m
Main fuel: {fuel}
Primary energy use: {kwh} kWh/m² a year
Current rating: {percent} {grade}
Potential rating: {percent} B
Carbon emissions: {n} tonnes a year
Certificate number: {ref}
Assessor: {engineer}
Valid until: {future}
Estimated heating cost: {small} a year
Reason for assessment: marketed sale
Main heating controls: programmer and room thermostat
== heads
Element | Description | Rating
Recommended step | Typical cost | Yearly saving
Period | Fuel | kWh
== rows
Walls | Cavity wall, as built, partial insulation | fair
Roof | Pitched, {percent} mm loft insulation | good
Windows | Double glazed, year {built} | average
Main heating | Boiler and radiators, mains gas | good
Hot water | From main system | poor
Lighting | Low energy in {percent} % of fixed outlets | good
Loft insulation | {small} | {small}
Cavity wall insulation | {amount} | {small}
Solar photovoltaic panels | {amount} | {small}
{date} - {date} | gas | {plain}
Condensing boiler | {amount} | {small}
== clauses
Primary energy use is worked out from heating, hot water, ventilation and lighting in standard conditions of
  use.
The rating runs from A, very efficient, to G, not efficient; the average for a dwelling is D.
Low cost measures could lift the rating: insulate the cylinder and the floor above the cellar.
The boiler dates from {built} and could be replaced by a condensing one or a heat pump.
Consumption was corrected for weather on the bills of {lastyear} and {year}.
The windows are double glazed and date from {built}; loss of heat is above the average.
Vacancy of {percent} per cent was taken into account in the calculation.
Solar panels on the roof provide part of the hot water.
The dwelling is ventilated through the windows and has no fixed cooling.
The assessor {engineer} received the data from the owner {person} and visited on {date}.
The certificate must be shown to buyers and tenants no later than at the viewing.
A green loan may be offered by {bank} when the rating reaches B.
Savings are estimates and depend on the habits of the people who live in the home.
== closings
{engineer}, signature of the assessor
Notes on the certificate are on page {n}
The recommendations are a summary and do not replace advice.
"""

KIND = Kind(
    label="energy_certificate",
    issuer="engineer",
    neighbours=("floor_plan_description", "purchase_contract", "rental_agreement"),
    pages=(2, 4),
    page_chars=(1300, 2600),
    table_share=0.25,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
