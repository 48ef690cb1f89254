"""Employment contracts: duties, pay, leave and notice."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Arbeitsvertrag
Unbefristeter Anstellungsvertrag
Dienstvertrag zwischen {employer} und {person}
Änderungsvertrag zum Arbeitsvertrag vom {past}
== openings
Zwischen {employer}, nachfolgend Arbeitgeber, und {person}, wohnhaft {address}, wird Folgendes vereinbart.
Der Arbeitnehmer wird ab dem {date} als {job} eingestellt.
Beide Seiten schließen den nachstehenden Vertrag auf unbestimmte Zeit.
Kopie für die Finanzierungsunterlagen.
== fields
Arbeitgeber: {employer}
Arbeitnehmer: {person}
Tätigkeit: {job}
Beginn des Arbeitsverhältnisses: {date}
Probezeit: {n} Monate
Wochenarbeitszeit: {percent} Stunden
Bruttogehalt monatlich: {salary}
Urlaub: {percent} Arbeitstage
Kündigungsfrist: {n} Wochen
Arbeitsort: {city}
Personalnummer: {num}
Entgeltgruppe: E{n}
Geburtsdatum: {birth}
Befristung: keine
Bankverbindung für das Gehalt: {iban}
== heads
Vergütungsbestandteil | Zeitraum | Betrag
Anlage | Inhalt | Stand
== rows
Grundgehalt | monatlich | {salary}
Weihnachtsgeld | jährlich | {amount}
Urlaubsgeld | jährlich | {amount}
Leistungszulage | monatlich | {small}
Fahrtkostenzuschuss | monatlich | {small}
Anlage {n} | Stellenbeschreibung {job} | {date}
Anlage {n} | Betriebsvereinbarung Arbeitszeit | {date}
== clauses
Der Arbeitnehmer erhält ein monatliches Bruttogehalt von {salary}, zahlbar zum Ende des Kalendermonats.
Die ersten {n} Monate gelten als Probezeit, in der mit einer Frist von zwei Wochen gekündigt werden kann.
Die regelmäßige Arbeitszeit beträgt {percent} Stunden in der Woche; Lage und Verteilung bestimmt der
  Arbeitgeber.
Überstunden werden durch Freizeit ausgeglichen oder mit einem Zuschlag vergütet.
Der Arbeitnehmer hat Anspruch auf {percent} Arbeitstage Erholungsurlaub im Kalenderjahr.
Arbeitsverhinderungen sind unverzüglich anzuzeigen; ab dem vierten Tag ist eine ärztliche Bescheinigung
  vorzulegen.
Jede Nebentätigkeit bedarf der vorherigen Zustimmung des Arbeitgebers.
Der Arbeitnehmer bewahrt über Betriebsgeheimnisse Stillschweigen, auch nach dem Ende des
  Arbeitsverhältnisses.
Das Arbeitsverhältnis endet ohne Kündigung mit Erreichen der Regelaltersgrenze.
Ansprüche aus dem Arbeitsverhältnis verfallen, wenn sie nicht binnen drei Monaten schriftlich geltend
  gemacht werden.
Der Arbeitgeber kann dem Arbeitnehmer andere zumutbare Aufgaben an einem anderen Ort zuweisen.
Zusätzlich wird mit dem Gehalt für November eine Sonderzahlung von {amount} gewährt.
Die Abtretung oder Verpfändung von Lohnansprüchen an die {bank} oder andere ist nur mit Zustimmung wirksam.
Auf das Arbeitsverhältnis finden die Tarifverträge in ihrer jeweils gültigen Fassung Anwendung.
Erfindungen, die der Arbeitnehmer während der Arbeitszeit macht, stehen dem Arbeitgeber zu.
Der Dienstwagen darf privat genutzt werden; der geldwerte Vorteil wird versteuert.
== closings
Ort, Datum, Unterschrift Arbeitgeber {employer}, Unterschrift Arbeitnehmer {person}
Eine Ausfertigung dieses Vertrages habe ich erhalten: {person}
Für die Geschäftsleitung: {name}
"""

_ENGLISH = """
== titles
Contract of employment
Employment agreement
Statement of terms of employment
Service agreement between {employer} and {person}
== openings
This agreement is made between {employer}, the employer, and {person} of {address}, the employee.
The employee is engaged as {job} from {date}.
Both parties enter into the following contract for an indefinite time.
Copy for the mortgage file.
== fields
Employer: {employer}
Employee: {person}
Job title: {job}
Employment begins: {date}
Probation: {n} months
Weekly hours: {percent}
Gross salary: {salary} a month
Holiday: {percent} working days
Notice: {n} weeks
Place of work: {city}
Employee number: {num}
Grade: {n}
Date of birth: {birth}
Fixed term: no
Salary paid to: {iban}
== heads
Element of pay | Period | Amount
Appendix | Content | Date
== rows
Basic salary | monthly | {salary}
Christmas bonus | yearly | {amount}
Holiday pay | yearly | {amount}
Performance allowance | monthly | {small}
Travel allowance | monthly | {small}
Appendix {n} | Job description {job} | {date}
Appendix {n} | Staff handbook, working time | {date}
== clauses
The employee receives a gross salary of {salary} a month, payable in arrears on the last working day.
The first {n} months are a probationary period during which either side may give one week's notice.
Normal hours are {percent} a week; the employer sets their pattern.
Overtime is made up by time off or paid at a premium.
The employee is entitled to {percent} working days of paid holiday in each calendar year.
Absence must be reported at once; from the fourth day a doctor's note is needed.
Other paid work requires the prior consent of the employer.
The employee shall keep confidential information secret, also after the employment has ended.
The employment ends without notice when the employee reaches the state pension age.
Grievances should be raised first with the line manager in writing.
The employer may ask the employee to work at another place within reasonable distance.
A bonus of {amount} is paid with the salary for November at the discretion of the employer.
Salary may not be assigned to {bank} or to others without the consent of the employer.
The collective agreements apply as amended from time to time.
Inventions made by the employee in the course of duty belong to the employer.
The company car may be used privately; the benefit is taxed through payroll.
== closings
Place, date, signed for the employer {employer}, signed by the employee {person}
I have received a copy of this agreement: {person}
For the management: {name}
"""

KIND = Kind(
    label="employment_contract",
    issuer="employer",
    neighbours=("payslip", "rental_agreement", "insurance_policy"),
    pages=(2, 5),
    page_chars=(1500, 3200),
    table_share=0.07,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
