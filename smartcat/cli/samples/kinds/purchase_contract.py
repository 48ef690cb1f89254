"""Purchase contracts for land and flats, as a notary or solicitor drafts them."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Grundstückskaufvertrag
Kaufvertrag über eine Eigentumswohnung
Notarieller Kaufvertrag, Urkundenrolle Nr. {folio}/{year}
Kaufvertrag mit Auflassung
Urkunde des Notars {notary}
== openings
Verhandelt zu {city} am {issued}. Vor mir, dem unterzeichnenden Notar {notary}, erschienen heute {seller}
  und {person}.
Die Erschienenen wiesen sich durch Vorlage ihrer Personalausweise aus und erklärten zur Niederschrift:
Der Verkäufer {seller} verkauft an den Käufer {person} den nachstehend bezeichneten Grundbesitz.
Entwurf zur Durchsicht durch die Beteiligten und die {bank}.
== fields
Verkäufer: {seller}
Käufer: {person} und {partner}
Kaufpreis: {price}
Vertragsobjekt: {property}
Urkundenrolle Nr. {folio}/{year}
Besitzübergang: {future}
Grundbuch von {city} Blatt {folio}
Grundstücksgröße: {plot} m²
Wohnfläche: {living} m²
Fälligkeit des Kaufpreises: {date}
Anderkonto des Notars: {iban}
Mitverkaufte Gegenstände: Einbauküche, {amount}
Finanzierende Bank: {bank}
Maklercourtage: {rate} %
Baujahr: {built}
== heads
Gegenstand | Anzahl | Wert
Rate | Baufortschritt | Prozent | Betrag
Kostenposition | Schuldner | Betrag
== rows
Kaufpreis Grundstück | 1 | {big}
Einbauküche | 1 | {amount}
Markise und Gartenhaus | {n} | {amount}
Rate nach Beginn der Erdarbeiten | {percent} | {big}
Rate nach Rohbaufertigstellung | {percent} | {big}
Rate bei Besitzübergabe | {percent} | {big}
Grunderwerbsteuer | Käufer | {amount}
Notar- und Grundbuchkosten | Käufer | {amount}
Maklerprovision | je zur Hälfte | {amount}
Instandhaltungsrücklage | anteilig | {amount}
== clauses
Der Kaufpreis beträgt {price} und ist fällig binnen {n} Tagen nach Zugang der Mitteilung des Notars, dass
  die Auflassungsvormerkung eingetragen ist und die Lastenfreistellung gesichert ist.
Besitz, Nutzen, Lasten und Gefahr gehen mit vollständiger Zahlung des Kaufpreises auf den Käufer über.
Die Vertragsteile sind über den Eigentumsübergang einig und bewilligen die Eintragung des Käufers im
  Grundbuch.
Der Verkäufer schuldet lastenfreien Eigentumsübergang; die in Abteilung III eingetragene Grundschuld ist zu
  löschen.
Ansprüche des Käufers wegen Sachmängeln sind ausgeschlossen, soweit nicht der Verkäufer arglistig gehandelt
  hat.
Der Käufer unterwirft sich wegen der Zahlung des Kaufpreises der sofortigen Zwangsvollstreckung aus dieser
  Urkunde.
Der Verkäufer bevollmächtigt den Käufer, das Vertragsobjekt schon vor Umschreibung mit Grundschulden
  zugunsten der {bank} zu belasten.
Der Notar hat den Grundbuchinhalt am {date} festgestellt und mit den Beteiligten erörtert.
Die Gemeinde {town} hat auf ihr gesetzliches Vorkaufsrecht zu verzichten; der Notar holt das Negativzeugnis
  ein.
Die Kosten dieser Urkunde und ihres Vollzugs sowie die Grunderwerbsteuer trägt der Käufer.
Erschließungsbeiträge für Anlagen, die bis heute fertiggestellt sind, trägt der Verkäufer.
Der Energieausweis wurde dem Käufer bei der Besichtigung vorgelegt und heute in Kopie übergeben.
Das Objekt ist vermietet; der Käufer tritt in das bestehende Mietverhältnis mit einer Miete von {rent} ein.
Mit verkauft sind die Einbauküche und das Gartenhaus, auf die ein Teilbetrag von {amount} entfällt.
Zahlt der Käufer nicht bei Fälligkeit, so kann der Verkäufer nach fruchtloser Frist vom Vertrag
  zurücktreten.
Die Wohnungseigentümer haben eine Rücklage gebildet, deren Anteil von {amount} auf den Käufer übergeht.
Die Vermittlung erfolgte durch {broker}; die Courtage von {rate} % ist mit Beurkundung verdient.
Die Gebäudeversicherung bei der {insurer} geht kraft Gesetzes auf den Erwerber über.
== closings
Vorgelesen vom Notar, von den Beteiligten genehmigt und eigenhändig unterschrieben: {seller}, {person},
  {notary}
Beglaubigte Abschrift für {person}
gez. {notary}, Notar
"""

_ENGLISH = """
== titles
Contract for the sale of land
Purchase agreement for a residential property
Agreement for sale and purchase dated {issued}
Contract of sale, {property}
== openings
This agreement is made on {issued} between {seller} (the seller) and {person} (the buyer).
The seller agrees to sell and the buyer agrees to buy the property described below.
Draft contract for approval by the parties and by {bank}.
Prepared by {notary} for exchange with the buyer's solicitors.
== fields
Seller: {seller}
Buyer: {person} and {partner}
Purchase price: {price}
Property: {property}
Title number: {ref}
Completion date: {future}
Deposit: {big}
Contract rate: {rate} %
Balance due on completion: {big}
Chattels price: {amount}
Seller's solicitors: {notary}
Buyer's lender: {bank}
Land area: {plot} sq m
Year of construction: {built}
Title guarantee: full
== heads
Item | Quantity | Price
Stage | Event | Per cent | Amount
Cost | Payable by | Amount
== rows
Land and house | 1 | {big}
Fitted kitchen | 1 | {amount}
Carpets and curtains | {n} | {amount}
Deposit on exchange | {percent} | {big}
Stage payment on completion of roof | {percent} | {big}
Balance on completion | {percent} | {big}
Stamp duty | buyer | {amount}
Legal fees and registration | buyer | {amount}
Agent's commission | seller | {amount}
Service charge apportionment | both | {small}
== clauses
The purchase price is {price}; the buyer pays a deposit of {big} on exchange and the balance on completion.
Completion takes place on {future} at the offices of {notary} not later than one o'clock.
The property is sold with vacant possession and free from incumbrances other than those set out in the
  schedule.
The seller shall discharge the registered charge in favour of {otherbank} on or before completion.
Risk in the property remains with the seller until completion, when the buildings policy with {insurer}
  ends.
The buyer has inspected the property and accepts its physical state and condition as at the date of this
  agreement.
If either party fails to complete, the other may serve a notice requiring completion within {n} working
  days.
The buyer authorises {notary} to register the transfer and the mortgage in favour of {bank}.
The seller sells with full title guarantee the land comprised in title number {ref}.
Apportionments of council tax, ground rent and service charge are made at the date of completion.
The chattels listed in the schedule are included in the sale at a price of {amount}.
The energy performance certificate was produced to the buyer before the date of this agreement.
The property is let; the buyer takes subject to the tenancy at a rent of {rent} a month.
Neither party may assign the benefit of this agreement without the written consent of the other.
If the deposit is forfeited the seller may resell the property and claim any loss from the buyer.
The agent's commission of {rate} per cent is payable to {firm} on completion.
Stamp duty and the fees of registration are borne by the buyer.
The parties agree that the boundary towards {otherstreet} runs along the centre of the hedge.
== closings
Signed by the seller {seller} and by the buyer {person} in the presence of {name}
Exchanged on {issued} by {notary}
Executed as an agreement
"""

KIND = Kind(
    label="purchase_contract",
    issuer="notary",
    neighbours=("land_register_extract", "loan_offer", "rental_agreement", "energy_certificate"),
    pages=(2, 6),
    page_chars=(1500, 3900),
    table_share=0.08,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
