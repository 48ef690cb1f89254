"""Bank statements: balances, bookings, and notes of the bank."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Kontoauszug Nr. {n}/{year}
Kontoauszug vom {issued}
Auszug Girokonto Blatt {n}
Umsatzübersicht {month} {year}
Tagesgeldkonto: Auszug {n}
== openings
Umsätze seit dem letzten Auszug vom {date}.
Guten Tag {person}, hier sehen Sie die Buchungen Ihres Kontos im {month}.
Alter Kontostand vom {date}: {amount}
Nachweis des Eigenkapitals, Auszug für das Konto {iban}.
== fields
Alter Saldo: {amount} H
Neuer Saldo: {amount} H
Kontonummer: {num}{num}
IBAN: {iban}
BIC: {bic}
Dispositionskredit: {amount}
Kontoinhaber: {person}
Summe Gutschriften: {amount}
Summe Belastungen: {amount}
Auszug Nr. {n}, Blatt {n}
Sollzinssatz: {rate} % p. a.
Übertrag: {amount}
Verfügbarer Betrag: {amount}
Freistellungsauftrag: {small}
Auszugsdatum: {issued}
Geldeingang {employer}: {net}
== heads
Buchung | Wert | Vorgang | Betrag
Datum | Erläuterung | Soll | Haben
Buch.-Tag | Wertstellung | Verwendungszweck | Umsatz in EUR
== rows
{day} | {day} | Lohn/Gehalt {employer} | {net} +
{day} | {day} | Kartenzahlung {firm} {town} | {plain}-
{day} | {day} | Kartenzahlung {firm} | {plain}-
{day} | {day} | Lastschrift {firm} Mandat {num} | {plain}-
{day} | {day} | Dauerauftrag Miete {landlord} | {rent} -
{day} | {day} | Überweisung an {name} | {plain}-
{day} | {day} | Gutschrift von {name} | {plain}+
{day} | {day} | Bargeldauszahlung Automat {town} | {plain}-
{day} | {day} | Lastschrift {insurer} Beitrag | {plain}-
{day} | {day} | Darlehensrate {otherbank} {num} | {plain}-
{day} | {day} | Entgelt Kontoführung | {plain}-
{day} | {day} | Kindergeld Familienkasse | {plain}+
{day} | {day} | Erstattung {office} Steuer-Nr. {num} | {plain}+
{day} | {day} | Sparplan Umbuchung | {plain}-
== clauses
Der neue Kontostand beträgt {amount}. Einwendungen gegen den Abschluss erheben Sie bitte innerhalb von sechs
  Wochen.
Gutschriften aus Schecks und Lastschriften schreiben wir unter dem Vorbehalt des Eingangs gut.
Der eingeräumte Dispositionskredit beläuft sich auf {amount}, der Sollzins auf {rate} % im Jahr.
Rechnungsabschluss zum Quartal: Habenzinsen {small}, Sollzinsen {small}, Entgelte {small}.
Ihr Guthaben ist nach dem Gesetz bis {big} über die Einlagensicherung geschützt.
Bitte beachten Sie, dass Umsätze nach Buchungsschluss erst auf dem nächsten Auszug erscheinen.
Ein Übertrag von {amount} wurde auf das nächste Blatt vorgetragen.
Kartenverfügungen im Ausland wurden zum Kurs des Buchungstages umgerechnet.
Nicht eingelöst wurde die Lastschrift von {firm} über {small} mangels Deckung.
Auf Ihrem Sparkonto wurden Zinsen in Höhe von {small} gutgeschrieben.
Den Kontoauszug stellen wir Ihnen auch im elektronischen Postfach bereit.
== closings
Ihre {bank}
Bitte Rückseite beachten. Kontostand am {issued}: {amount}
Ende des Auszugs, Saldo {amount}
"""

_ENGLISH = """
== titles
Statement of account no. {n}
Your current account statement
Statement {month} {year}, sheet {n}
Savings account statement
Account summary {date} to {issued}
== openings
Transactions since your last statement of {date}.
Hello {person}, here is what went in and out of your account in {month}.
Balance brought forward {date}: {amount}
Evidence of deposit, statement for account {iban}.
== fields
Opening balance: {amount}
Closing balance: {amount}
Account number: {num}{n}
Sort code: {n}-{n}-{n}
IBAN: {iban}
BIC: {bic}
Arranged overdraft: {amount}
Account holder: {person}
Total paid in: {amount}
Total paid out: {amount}
Statement {n}, sheet {n}
Overdraft rate: {rate} % EAR
Balance carried forward: {amount}
Available funds: {amount}
Statement date: {issued}
Payment in {employer}: {net}
== heads
Date | Type | Details | Amount
Date | Description | Paid out | Paid in
Posted | Value | Particulars | Balance
== rows
{day} | BGC | Salary {employer} | {net}
{day} | DEB | {firm} {town} | {plain}
{day} | DEB | {firm} | {plain}
{day} | DD | {firm} mandate {num} | {plain}
{day} | SO | Rent {landlord} | {rent}
{day} | FPO | Transfer to {name} | {plain}
{day} | FPI | Received from {name} | {plain}
{day} | ATM | Cash machine {town} | {plain}
{day} | DD | {insurer} premium | {plain}
{day} | DD | Mortgage instalment {otherbank} {num} | {plain}
{day} | CHG | Account fee | {plain}
{day} | BGC | Child benefit | {plain}
{day} | BGC | Tax refund {office} ref {num} | {plain}
{day} | TFR | To savings | {plain}
== clauses
Your closing balance is {amount}. Please tell us within sixty days if an entry looks wrong to you.
Cheques and direct debits are credited on condition that we receive the funds.
Your arranged overdraft is {amount}; the debit interest rate is {rate} per cent a year.
Interest for the quarter: credit {small}, debit {small}, charges {small}.
Eligible deposits are protected up to {big} by the deposit guarantee scheme.
Items that arrive after the cut off will be shown on the next statement.
A balance of {amount} was carried forward to the next sheet.
Card purchases abroad were converted at the rate of the posting day.
The direct debit of {firm} for {small} was returned unpaid because of insufficient funds.
Interest of {small} was added to your savings account.
You also find this statement in the online mailbox of {bank}.
== closings
Thank you for banking with {bank}
Please turn over. Balance on {issued}: {amount}
End of statement, balance {amount}
"""

KIND = Kind(
    label="bank_statement",
    issuer="bank",
    neighbours=("payslip", "loan_offer", "rental_agreement"),
    pages=(1, 5),
    page_chars=(1200, 3000),
    table_share=0.72,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
