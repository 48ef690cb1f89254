"""Payslips: gross, deductions, net, and notes of the payroll office."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Gehaltsabrechnung {month} {year}
Entgeltabrechnung für den Monat {month} {year}
Lohn- und Gehaltsnachweis {month} {year}
Verdienstabrechnung {month}
Abrechnung der Brutto-Netto-Bezüge {month} {year}
== openings
Diese Abrechnung ersetzt alle früheren Abrechnungen für denselben Monat.
Für {person}, beschäftigt als {job}, rechnen wir wie folgt ab.
Bitte prüfen Sie Ihre Daten und melden Sie Abweichungen der Personalabteilung.
Nachweis der Bezüge zur Vorlage bei der finanzierenden Bank.
== fields
Personalnummer: {num}
Steuerklasse: {n}
Kinderfreibeträge: {n},0
Sozialversicherungsnummer: {ref}
Krankenkasse: {insurer}
Eintrittsdatum: {past}
Kostenstelle: {num}
Steuer-ID: {taxid}
Bruttogehalt: {salary}
Auszahlungsbetrag: {net}
Gesamtbrutto: {salary}
Gesetzlicher Abzug: {amount}
Resturlaub in Tagen: {n}
Überweisung auf Konto {iban}
Arbeitgeber: {employer}
Arbeitsstunden im Monat: {plain}
Steuertage: 30  SV-Tage: 30
Konfession: --  Beitragsgruppe 1111
Jahresbrutto kumuliert: {big}
Tarifgruppe: E{n}  Stufe {n}
== heads
Lohnart | Bezeichnung | Menge | Betrag
Nr. | Bezug / Abzug | Steuer | SV | EUR
Position | Monat | Jahr kumuliert
== rows
{num} | Grundgehalt | 1,00 | {salary}
{num} | Lohnsteuer | | {plain}-
{num} | Solidaritätszuschlag | | {plain}-
{num} | Kirchensteuer | | {plain}-
{num} | Krankenversicherung AN-Anteil | | {plain}-
{num} | Rentenversicherung AN-Anteil | | {plain}-
{num} | Arbeitslosenversicherung | | {plain}-
{num} | Pflegeversicherung | | {plain}-
{num} | Vermögenswirksame Leistungen | | {plain}
{num} | Überstunden | {n},00 | {plain}
{num} | Zuschlag Nachtarbeit | {n},50 | {plain}
{num} | Fahrgeld | | {plain}
{num} | Sachbezug Dienstwagen | | {plain}
{num} | Betriebliche Altersvorsorge | | {plain}-
== clauses
Der Nettobetrag von {net} wird zum Monatsende auf das Konto {iban} bei der {bank} überwiesen.
Die Lohnsteuer wurde nach den elektronisch abgerufenen Abzugsmerkmalen berechnet; Änderungen der
  Steuerklasse wirken ab dem Folgemonat.
Im Abrechnungsmonat sind {n} Überstunden enthalten, die mit dem vereinbarten Zuschlag von {percent} Prozent
  vergütet wurden.
Die Beiträge zur Kranken- und Rentenversicherung wurden bis zur Bemessungsgrenze erhoben.
Urlaubsanspruch {n} Tage, davon genommen {n} Tage, verbleibend {n} Tage.
Eine Sonderzahlung in Höhe von {amount} wird mit dem Gehalt für {monthname} ausgezahlt.
Der Arbeitgeber {employer} beteiligt sich mit {small} an den vermögenswirksamen Leistungen.
Aufgelaufene Jahreswerte: Bruttolohn {big}, Lohnsteuer {amount}, Arbeitnehmeranteile {amount}.
Pfändungen oder Abtretungen des Lohns liegen der Abrechnungsstelle nicht vor.
Rückrechnung für {monthname}: Nachzahlung {small} wegen geänderter Tarifgruppe.
Bewahren Sie diesen Nachweis auf, er dient auch als Verdienstbescheinigung für Banken und Behörden.
Der geldwerte Vorteil für den Dienstwagen beträgt {small} und ist im Gesamtbrutto enthalten.
== closings
Maschinell erstellt, ohne Unterschrift gültig. Personalabteilung {employer}
Auszahlung: {net}
Verdienstbescheinigung nach Entgeltbescheinigungsverordnung
"""

_ENGLISH = """
== titles
Payslip {month} {year}
Pay advice for the period ending {issued}
Salary statement {month} {year}
Statement of earnings and deductions
== openings
Please check your details and tell the payroll team about any difference.
Pay for {person}, employed as {job}, is made up as follows.
This advice replaces any earlier one for the same period.
Evidence of earnings for presentation to the mortgage lender.
== fields
Employee number: {num}
Tax code: {num}L
Tax period: {n}
National insurance number: {ref}
Department: {num}
Pay method: bank transfer
Basic pay: {salary}
Gross pay: {salary}
Net pay: {net}
Total deductions: {amount}
Holiday balance in days: {n}
Paid to account {iban}
Employer: {employer}
Hours this period: {plain}
Start date: {past}
Gross earnings year to date: {big}
Tax paid year to date: {amount}
Pension scheme: {insurer}
Grade {n}, point {n}
== heads
Code | Description | Units | Amount
Payments | Rate | Hours | This period | Year to date
Item | This month | To date
== rows
{num} | Basic salary | 1.00 | {salary}
{num} | Income tax | | -{plain}
{num} | National insurance employee | | -{plain}
{num} | Pension contribution | | -{plain}
{num} | Student loan repayment | | -{plain}
{num} | Overtime | {n}.00 | {plain}
{num} | Night shift allowance | {n}.50 | {plain}
{num} | Travel allowance | | {plain}
{num} | Company car benefit | | {plain}
{num} | Bonus | | {plain}
{num} | Union subscription | | -{plain}
{num} | Sick pay | {n}.00 | {plain}
== clauses
Your net pay of {net} reaches account {iban} at {bank} on the last working day of the month.
Income tax was worked out with the code shown above; a new code takes effect in the following period.
This period includes {n} hours of overtime paid at the agreed premium of {percent} per cent.
Pension contributions were taken from qualifying earnings and matched by {employer}.
Leave entitlement {n} days, taken {n} days, remaining {n} days.
A bonus of {amount} will be paid together with the salary for {monthname}.
Year to date: taxable gross {big}, tax {amount}, employee contributions {amount}.
No attachment of earnings order is held by the payroll office.
Back pay for {monthname}: {small} following the change of your grade.
Keep this advice in a safe place, lenders and public offices accept it as proof of income.
The benefit in kind for the company car is {small} and is included in the gross pay.
Statutory deductions were made as the law requires and passed on to the tax office.
== closings
Produced by computer, no signature needed. Payroll, {employer}
Net pay: {net}
End of pay advice
"""

KIND = Kind(
    label="payslip",
    issuer="employer",
    neighbours=("employment_contract", "bank_statement", "tax_assessment"),
    pages=(1, 2),
    page_chars=(1300, 2600),
    table_share=0.35,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
