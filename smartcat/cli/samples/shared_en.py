"""English text that every kind of paper may carry."""

from __future__ import annotations

TEXT = """
== letterhead employer
{employer} | Human Resources | {otherstreet}, {place}
{employer} | Payroll and People | Telephone {phone}
== letterhead bank
{bank} | {city} branch | {otherstreet}
{bank} | Lending department | Telephone {phone} | BIC {bic}
== letterhead court
{court}
{court} | {otherstreet} | Telephone {phone}
== letterhead office
{office} | {otherstreet}, {place}
{office} | Section {n} | Room {folio} | Telephone {phone}
== letterhead notary
{notary} | {otherstreet}, {place}
{notary} | Property department | Telephone {phone}
== letterhead engineer
{engineer} | {otherstreet}, {place}
{engineer} | Chartered surveyors and architects | {phone}
== letterhead insurer
{insurer} | {city} office | {otherstreet}
{insurer} | Customer service | Telephone {phone}
== letterhead landlord
{landlord} | {otherstreet}, {place}
{landlord} | Management | Telephone {phone}
== fields
Name: {person}
Address: {address}
Date: {issued}
Our reference: {ref}
Your reference: {ref}
Contact: {name}
Telephone: {phone}
Email: {mail}
IBAN: {iban}
Date of birth: {birth}
Property: {property}
Amount: {amount}
Case: {num}
Place: {city}
Customer number: {num}
Enclosures: {n}
Bank details: {bank}, {iban}
== clauses
There are no oral side agreements; changes and additions must be made in writing.
If a provision is found to be invalid the remaining provisions stay in force.
We process your personal data only as far as our duties require it.
Please quote the reference above in all letters and payments.
If you have any questions, {name} will be glad to help you on {phone}.
The courts of {city} have jurisdiction unless the law provides otherwise.
Please let us know at once when your address or bank details change.
Each of the parties receives one copy of this document.
All amounts are in pounds; small differences are due to rounding.
Payments should be made to account {iban} at {bank}.
The statements rest on the papers shown to us; we do not warrant that they are complete.
The schedules and appendices form part of this document.
Objections must be sent in writing to the address above within the time stated.
Costs and expenses are borne by the party that caused them unless stated otherwise.
The contents may be passed to third parties only with the consent of those concerned or where the law
  requires it.
This document was produced electronically and is valid without a signature.
Time runs from the day this document is received; if it ends on a Sunday, the next working day counts.
Where a party consists of more than one person their obligations are joint and several.
Please keep this document in a safe place with your other papers.
Headings are for convenience only and do not affect the meaning of this document.
== letters
please find enclosed the papers you asked for in the matter of {person}, case {num}.
we enclose the evidence that was still missing for the property at {property}.
kindly forward the enclosed copies to {bank}.
Enclosures: payslip, bank statement, copy of the identity card.
Enclosures: contract of sale, title register, energy performance certificate.
To follow: tax assessment, tenancy agreement, insurance policy.
The contract of employment and the floor plans will be sent by separate post.
We discussed the loan offer with our client on {date}.
Please confirm receipt of these papers by {date}.
The originals stay with our client and can be inspected on request.
You can reach me on {phone} or by email at {mail}.
We have noted {date} as the date on which the funds are to be released.
Once all papers are in, the lender decides within {n} working days.
== greetings
Dear Sir or Madam,
Dear Ms {last},
Dear Mr {last},
Good morning,
== farewells
Yours faithfully, {name}
Kind regards, {broker}
p.p. {name}
Yours sincerely, {name}
== faxes
FAX FROM {phone} TO {phone} {issued} PAGE {n}
Facsimile {broker} {issued} {num} p. {n}
TX REPORT {issued} OK {num}
== footers
Page {page} of {pages}
- {page} -
{ref} / {issued} / sheet {page}
Page {page}
{bank} Registered office {city}, company number {num}
Confidential. Page {page}/{pages}
== stamps
RECEIVED {issued}
Received {broker} {issued} case {num}
COPY
DONE {issued} {ref}
Original seen, {name}
"""
