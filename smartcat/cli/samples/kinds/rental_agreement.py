"""Rental agreements: rent, charges, deposit and house rules."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Mietvertrag über Wohnraum
Wohnungsmietvertrag
Mietvertrag zwischen {landlord} und {person}
Nachtrag zum Mietvertrag vom {past}
== openings
Zwischen {landlord} als Vermieter und {person} als Mieter wird folgender Mietvertrag geschlossen.
Vermietet wird die Wohnung {property}, {rooms} Zimmer, Küche, Bad.
Das Mietverhältnis beginnt am {date} und läuft auf unbestimmte Zeit.
Nachweis der Mieteinnahmen für die finanzierende Bank.
== fields
Vermieter: {landlord}
Mieter: {person} und {partner}
Mietobjekt: {property}
Wohnfläche: {living} m²
Anzahl Zimmer: {rooms}
Grundmiete: {rent}
Vorauszahlung Betriebskosten: {small}
Vorauszahlung Heizkosten: {small}
Gesamtmiete monatlich: {rent}
Kaution: {amount}
Mietbeginn: {date}
Kündigungsfrist: {n} Monate
Konto des Vermieters: {iban}
Stellplatz Nr. {n}
Zahl der Schlüssel: {n}
Baujahr: {built}
== heads
Betriebskostenart | Verteilerschlüssel | Betrag
Raum | Zustand | Bemerkung
Mietbestandteil | monatlich
== rows
Grundmiete | monatlich | {rent}
Wasser und Abwasser | Personen | {plain}
Müllabfuhr | Personen | {plain}
Gebäudeversicherung | Wohnfläche | {plain}
Grundsteuer | Wohnfläche | {plain}
Hausmeister | Einheiten | {plain}
Heizung und Warmwasser | Verbrauch | {plain}
Wohnzimmer | gut | Parkett
Küche | renoviert | Herd vorhanden
Bad | gut | Fliese gesprungen
== clauses
Die Grundmiete beträgt {rent} im Monat und ist spätestens am dritten Werktag im Voraus zu zahlen.
Der Mieter leistet eine Kaution von {amount}, die der Vermieter getrennt von seinem Vermögen anlegt.
Neben der Miete trägt der Mieter die Betriebskosten, über die jährlich abgerechnet wird.
Schönheitsreparaturen führt der Mieter nach dem Grad der Abnutzung aus.
Die Haltung von Hunden bedarf der Zustimmung des Vermieters; Kleintiere sind erlaubt.
Eine Untervermietung ist nur mit Erlaubnis des Vermieters gestattet.
Der Mieter kann das Mietverhältnis mit einer Frist von drei Monaten schriftlich kündigen.
Bei Auszug ist die Wohnung geräumt und mit allen {n} Schlüsseln zurückzugeben.
Der Vermieter darf die Wohnung nach Anmeldung besichtigen, wenn ein Verkauf oder ein Schaden es erfordert.
Kleinreparaturen bis {small} im Einzelfall trägt der Mieter.
Die Hausordnung ist Bestandteil des Vertrages; die Treppenreinigung wechselt wöchentlich.
Die Miete bleibt {n} Jahre unverändert, danach gilt die vereinbarte Staffel.
Bauliche Veränderungen darf der Mieter nur mit schriftlicher Zustimmung vornehmen.
Der Energieausweis wurde dem Mieter bei der Besichtigung vorgelegt.
Dem Mieter wird ein Hausrat- und Haftpflichtschutz, etwa bei der {insurer}, empfohlen.
Die Abrechnung der Heizkosten erfolgt zu {percent} % nach Verbrauch, im Übrigen nach Wohnfläche.
Mängel der Mietsache hat der Mieter unverzüglich der Hausverwaltung zu melden.
== closings
Ort, Datum, Unterschrift Vermieter {landlord}, Unterschrift Mieter {person}
Übergabeprotokoll als Anlage {n}
Wohnungsgeberbestätigung wurde ausgehändigt.
"""

_ENGLISH = """
== titles
Tenancy agreement
Assured tenancy agreement
Residential lease between {landlord} and {person}
Rental agreement, {property}
== openings
This agreement is made between {landlord}, the landlord, and {person}, the tenant.
The landlord lets the flat at {property}, {rooms} rooms, kitchen and bathroom.
The tenancy begins on {date} and continues from month to month.
Evidence of rental income for the lender.
== fields
Landlord: {landlord}
Tenant: {person} and {partner}
Premises: {property}
Floor area: {living} sq m
Number of rooms: {rooms}
Rent: {rent} a month
Service charge: {small}
Heating charge: {small}
Total monthly payment: {rent}
Deposit: {amount}
Tenancy begins: {date}
Notice: {n} months
Rent payable to: {iban}
Parking space no. {n}
Keys handed over: {n}
Year built: {built}
== heads
Charge | Shared by | Amount
Room | Condition | Remark
Part of the rent | Monthly
== rows
Rent | monthly | {rent}
Water and drains | persons | {plain}
Refuse collection | persons | {plain}
Buildings insurance | floor area | {plain}
Council tax | tenant | {plain}
Caretaker | units | {plain}
Heating and hot water | meter | {plain}
Living room | good | oak floor
Kitchen | renewed | cooker present
Bathroom | good | one tile cracked
== clauses
The rent is {rent} a month, payable in advance by the third working day.
The tenant pays a deposit of {amount}, which is held in a protected scheme.
The tenant also pays the service charge, for which an account is rendered each year.
The tenant keeps the interior in good decorative repair, fair wear and tear excepted.
Dogs may be kept with the consent of the landlord; small pets are allowed.
The tenant shall not sublet or part with possession without permission.
The tenant may end the tenancy by giving two months' notice in writing.
At the end of the tenancy the premises are returned cleared, with all {n} keys.
The landlord may enter to inspect on twenty-four hours' notice when a sale or damage requires it.
Minor repairs up to {small} each are borne by the tenant.
The house rules form part of this agreement; the stairs are cleaned by turns.
The rent remains unchanged for {n} years and is reviewed after that.
Alterations to the premises need the landlord's consent in writing.
The energy performance certificate was given to the tenant at the viewing.
The tenant is advised to insure the contents, for example with {insurer}.
Heating is charged at {percent} per cent by meter and otherwise by floor area.
The tenant must report defects of the premises to the managing agent at once.
== closings
Place, date, signed by the landlord {landlord}, signed by the tenant {person}
Inventory and check-in report: appendix {n}
The prescribed information on the deposit was handed over.
"""

KIND = Kind(
    label="rental_agreement",
    issuer="landlord",
    neighbours=("purchase_contract", "floor_plan_description", "bank_statement", "employment_contract"),
    pages=(2, 6),
    page_chars=(1500, 3300),
    table_share=0.1,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
