"""Loan offers: rate, term, security and the papers a lender asks for."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Darlehensangebot Baufinanzierung
Angebot über ein Immobiliar-Verbraucherdarlehen
Finanzierungsvorschlag Nr. {contract}
Darlehensvertrag Nr. {contract}
Europäisches Standardisiertes Merkblatt zur Baufinanzierung
== openings
Sehr geehrte Familie {last}, wir freuen uns, Ihnen folgendes Darlehen anbieten zu können.
Vermittelt durch {broker}, gültig bis {future}.
Wir bieten Ihnen zur Finanzierung von {property} die nachstehenden Konditionen.
Dieses Angebot ist freibleibend bis zur Annahme durch die {bank}.
== fields
Darlehensbetrag: {loan}
Nettodarlehensbetrag: {loan}
Sollzinssatz gebunden: {rate} % p. a.
Effektiver Jahreszins: {rate} %
Anfängliche Tilgung: {n},00 %
Sollzinsbindung bis {future}
Monatliche Rate: {amount}
Restschuld am Ende der Zinsbindung: {big}
Beleihungswert: {price}
Beleihungsauslauf: {percent} %
Kaufpreis: {price}
Eigenkapital: {big}
Darlehensnehmer: {person} und {partner}
Beleihungsobjekt: {property}
Bereitstellungszinsen: {rate} % ab {date}
Sondertilgung: {n} % jährlich
Verwendungszweck: Kauf einer Eigentumswohnung
Vermittler: {broker}
Auszahlungskonto: {iban}
== heads
Jahr | Zinsen | Tilgung | Restschuld
Baustein | Betrag | Sollzins | Rate
Termin | Rate | Zinsanteil | Tilgungsanteil | Saldo
== rows
{n} | {plain} | {plain} | {big}
{n} | {plain} | {plain} | {big}
{future} | {amount} | {plain} | {plain} | {big}
{future} | {amount} | {plain} | {plain} | {big}
Annuitätendarlehen | {big} | {rate} % | {amount}
Förderdarlehen | {big} | {rate} % | {amount}
Bausparvertrag | {big} | {rate} % | {amount}
Schätzkosten | | {small}
Kosten der Grundschuldbestellung | | {amount}
== clauses
Der Sollzinssatz von {rate} % ist bis zum {future} fest vereinbart; danach wird ein neuer Zins angeboten.
Das Darlehen wird in gleichbleibenden Monatsraten von {amount} zurückgezahlt, die Zins und Tilgung
  enthalten.
Als Sicherheit dient eine Grundschuld in Höhe von {loan} im ersten Rang auf dem Objekt {property}.
Die Auszahlung setzt voraus, dass die Grundschuld eingetragen und die Gebäudeversicherung nachgewiesen ist.
Vor Auszahlung benötigen wir: Kaufvertrag, Grundbuchauszug, Energieausweis, Gehaltsabrechnungen der letzten
  drei Monate und den letzten Steuerbescheid.
Für noch nicht abgerufene Beträge berechnen wir ab dem {date} Bereitstellungszinsen von {rate} % im Monat.
Sondertilgungen sind jährlich bis zu {n} % der Darlehenssumme ohne Vorfälligkeitsentschädigung möglich.
Bei vorzeitiger Rückzahlung während der Zinsbindung kann die Bank eine Vorfälligkeitsentschädigung
  verlangen.
Die Darlehensnehmer haften als Gesamtschuldner für alle Ansprüche aus diesem Vertrag.
Sie können Ihre Vertragserklärung innerhalb von vierzehn Tagen ohne Angabe von Gründen widerrufen.
Der Beleihungswert wurde mit {price} ermittelt, der Beleihungsauslauf beträgt {percent} %.
Die Ansprüche aus der Risikolebensversicherung bei der {insurer} werden an die Bank abgetreten.
Kommt der Darlehensnehmer mit zwei Raten in Verzug, kann das Darlehen gekündigt werden.
Die Haushaltsrechnung ergibt bei einem Nettoeinkommen von {net} einen freien Betrag von {small}.
Der Vermittler {broker} erhält eine Vergütung von {rate} % der Darlehenssumme.
Der effektive Jahreszins berücksichtigt die Kosten der Grundschuldbestellung und der Wertermittlung.
Die Gehaltszahlungen des Arbeitgebers {employer} sollen über ein Konto der {bank} laufen.
== closings
Ort, Datum, Unterschrift der Darlehensnehmer {person}, {partner}
Mit freundlichen Grüßen {bank}, Baufinanzierung
Annahmeerklärung bitte unterschrieben bis {future} zurücksenden.
"""

_ENGLISH = """
== titles
Mortgage offer
Offer of a home loan
Loan offer no. {contract}
Mortgage illustration for {person}
Facility letter
== openings
Dear {person}, we are pleased to offer you a loan on the terms below.
Arranged by {broker}, valid until {future}.
We offer the following terms to finance {property}.
This offer is not binding until it is accepted by {bank}.
== fields
Loan amount: {loan}
Term: {n} years
Fixed rate: {rate} % until {future}
Annual percentage rate of charge: {rate} %
Monthly instalment: {amount}
Amount outstanding at end of fixed period: {big}
Valuation: {price}
Loan to value: {percent} %
Purchase price: {price}
Own funds: {big}
Borrowers: {person} and {partner}
Security: first charge over {property}
Arrangement fee: {small}
Early repayment charge: {n} % of the balance
Purpose: purchase of a flat
Intermediary: {broker}
Repayment type: capital and interest
Paid out to account {iban}
== heads
Year | Interest | Capital | Balance
Part | Amount | Rate | Instalment
Due | Instalment | Interest | Capital | Balance
== rows
{n} | {plain} | {plain} | {big}
{n} | {plain} | {plain} | {big}
{future} | {amount} | {plain} | {plain} | {big}
{future} | {amount} | {plain} | {plain} | {big}
Repayment loan | {big} | {rate} % | {amount}
Interest only part | {big} | {rate} % | {amount}
Valuation fee | | {small}
Legal fees for the charge | | {amount}
== clauses
The rate of {rate} per cent is fixed until {future}; after that our variable rate applies.
The loan is repaid in equal monthly instalments of {amount}, which include interest and capital.
The loan is secured by a first legal charge over {property}.
Funds are released once the charge can be registered and buildings insurance is in force.
Before release we need: the contract of sale, the title register, the energy performance certificate,
  payslips of the last three months and the last tax assessment.
Amounts not drawn by {date} bear a commitment fee of {rate} per cent.
You may repay up to {n} per cent of the balance each year without an early repayment charge.
If you repay within the fixed period we may ask for an early repayment charge.
The borrowers are jointly and severally liable under this offer.
You have a period of reflection of seven days after you receive the binding offer.
The valuation came to {price}, which gives a loan to value of {percent} per cent.
The life policy with {insurer} is to be assigned to the lender.
If two instalments are missed the lender may call in the loan.
With a net income of {net} the budget leaves {small} a month.
The intermediary {broker} receives a commission of {rate} per cent of the loan.
The annual percentage rate takes account of the arrangement fee and of the valuation.
Your home may be repossessed if you do not keep up repayments on your mortgage.
== closings
Place, date, signature of the borrowers {person}, {partner}
Yours sincerely, {bank}, Mortgage Lending
Please return the signed acceptance by {future}.
"""

KIND = Kind(
    label="loan_offer",
    issuer="bank",
    neighbours=("insurance_policy", "bank_statement", "purchase_contract", "land_register_extract"),
    pages=(2, 6),
    page_chars=(1500, 3600),
    table_share=0.15,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
