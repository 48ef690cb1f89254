"""Tax assessments: the office's computation and its reasons."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Bescheid für {lastyear} über Einkommensteuer und Solidaritätszuschlag
Einkommensteuerbescheid {lastyear}
Steuerbescheid für {lastyear}
{office}: Bescheid über Einkommensteuer
== openings
Der Bescheid ergeht nach § 164 AO unter dem Vorbehalt der Nachprüfung.
Festgesetzt werden für {person} und {partner} zusammen veranlagt die folgenden Beträge.
Dieser Bescheid ändert den Bescheid vom {date}.
Abrechnung nach dem Stand vom {issued}.
== fields
Steuernummer: {n}/{folio}/{num}
Identifikationsnummer: {taxid}
Finanzamt: {office}
Festgesetzte Einkommensteuer: {amount}
Zu versteuerndes Einkommen: {big}
Bruttoarbeitslohn: {big}
Werbungskosten: {amount}
Sonderausgaben: {amount}
Bereits gezahlt: {amount}
Erstattungsbetrag: {amount}
Noch zu zahlen: {small}
Fällig am {date}
Solidaritätszuschlag: {small}
Kirchensteuer: {small}
Veranlagungsjahr: {lastyear}
Auszahlung auf Konto {iban}
Arbeitgeber: {employer}
Bescheid vom {issued}
== heads
Berechnung | Ehemann | Ehefrau | Insgesamt
Besteuerungsgrundlagen | EUR
Abrechnung | Einkommensteuer | Solidaritätszuschlag | Kirchensteuer
== rows
Einkünfte aus nichtselbständiger Arbeit | {plain} | {plain}
Bruttoarbeitslohn | {big} | {plain}
ab Werbungskosten | {plain} | {plain}
Einkünfte aus Vermietung und Verpachtung | {plain} | {plain}
Gesamtbetrag der Einkünfte | {big} | {big}
Beschränkt abziehbare Sonderausgaben | {plain} | {plain}
Versicherungsbeiträge | {plain} | {plain}
Lohnsteuerabzug | {plain} | {plain}
Abzug vom Lohn | {plain} | {plain}
Kinderfreibetrag | {plain} | {plain}
Verbleibender Betrag | {plain} | {plain}
Handwerkerleistungen | {plain} | {plain}
== clauses
Die Festsetzung ist vorläufig hinsichtlich des Abzugs von Beiträgen zur Rentenversicherung als
  Werbungskosten.
Gegen diesen Bescheid ist der Einspruch gegeben, der innerhalb eines Monats beim {office} einzulegen ist.
Durch einen Einspruch wird die Zahlung des angeforderten Betrags nicht aufgehoben.
Die Aufwendungen für das häusliche Arbeitszimmer konnten nur mit {small} berücksichtigt werden.
Für die Fahrten zwischen Wohnung und erster Tätigkeitsstätte bei {employer} wurden {percent} Kilometer
  anerkannt.
Der Erstattungsbetrag von {amount} wird auf das Konto {iban} überwiesen.
Vorauszahlungen sind zum 10. {monthname} in Höhe von {small} zu leisten.
Schuldzinsen für das Darlehen bei der {bank} wurden bei den Einkünften aus Vermietung des Objekts {property}
  abgezogen.
Die Günstigerprüfung ergab, dass das Kindergeld vorteilhafter ist als der Freibetrag.
Die Beiträge zur Krankenversicherung wurden nach der elektronischen Meldung der {insurer} angesetzt.
Steuerabzugsbeträge aus der Lohnsteuerbescheinigung wurden in Höhe von {amount} angerechnet.
Zinsen zur Einkommensteuer nach § 233a AO werden mit {small} festgesetzt.
Die eingereichten Belege wurden geprüft und erhalten Sie gegebenenfalls getrennt zurück.
== closings
Rechtsbehelfsbelehrung siehe Rückseite. {office}
Dieser Bescheid wurde maschinell erstellt und ist ohne Unterschrift gültig.
Ende der Erläuterungen zur Festsetzung
"""

_ENGLISH = """
== titles
Notice of tax assessment {lastyear}
Income tax calculation for {lastyear}
Assessment notice, {office}
Tax year overview {lastyear}
== openings
This notice is issued subject to later review.
The following amounts are assessed for {person} for the tax year {lastyear}.
This notice amends the one dated {date}.
Position of your account as at {issued}.
== fields
Taxpayer reference: {taxid}
Tax office: {office}
Total income received: {big}
Taxable income: {big}
Personal allowance: {amount}
Pay from all employments: {big}
Income tax due: {amount}
Tax deducted at source: {amount}
Overpaid, to be refunded: {amount}
Balance to pay: {small}
Due date: {date}
Allowable expenses: {small}
Tax year: {lastyear}
Refund to account {iban}
Employer: {employer}
Notice dated {issued}
Property income: {amount}
== heads
Calculation | Amount | Tax
Source of income | Gross | Expenses | Taxable
Account | Charged | Paid | Balance
== rows
Pay from employment {employer} | {big} | {plain}
Less allowable expenses | {plain} | {plain}
Profit from land and property | {plain} | {plain}
Interest from banks | {plain} | {plain}
Less personal allowance | {plain} | {plain}
Taxable at basic rate {n} % | {big} | {plain}
Taxable at higher rate {percent} % | {big} | {plain}
Tax deducted by employer | {plain} | {plain}
Relief for pension payments | {plain} | {plain}
Payment on account | {plain} | {plain}
Dividends | {plain} | {plain}
== clauses
The assessment is provisional as regards relief for pension contributions.
You may appeal against this notice within thirty days by writing to the {office}.
An appeal does not put off the date on which the tax becomes due.
Expenses for working at home were allowed in the amount of {small} only.
Travel between your home and {employer} is not an allowable expense.
The refund of {amount} will be sent to account {iban}.
Payments on account of {small} are due on the last day of {monthname}.
Finance costs on the loan from {bank} were relieved against the rent of {property}.
Interest is charged on tax paid late at {rate} per cent a year.
Income reported by {insurer} was included in the calculation.
Tax taken off under the code operated by your employer came to {amount}.
Penalties for late filing of {small} have been cancelled.
The evidence you sent was examined and is returned under separate cover.
== closings
Notes on how to appeal are overleaf. {office}
This notice was produced automatically and needs no signature.
End of the explanatory notes to the assessment
"""

KIND = Kind(
    label="tax_assessment",
    issuer="office",
    neighbours=("payslip", "bank_statement", "rental_agreement"),
    pages=(2, 4),
    page_chars=(1400, 2800),
    table_share=0.3,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
