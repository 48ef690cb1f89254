"""Insurance policies: buildings, contents and life cover around a mortgage."""

from __future__ import annotations

from smartcat.cli.samples.kind import Kind
from smartcat.cli.samples.sheet import parse_sheet

_GERMAN = """
== titles
Versicherungsschein Wohngebäudeversicherung
Versicherungsschein Nr. {contract}
Police zur Risikolebensversicherung
Nachtrag zum Versicherungsschein
Wohngebäudeversicherung: Versicherungsbestätigung für die Bank
== openings
Vielen Dank für Ihr Vertrauen, {person}. Wir bestätigen den Versicherungsschutz für {property}.
Dieser Versicherungsschein ersetzt den bisherigen vom {date}.
Sicherungsbestätigung zugunsten der {bank} als Grundpfandgläubigerin.
Grundlage sind Ihr Antrag vom {date} und unsere Bedingungen.
== fields
Versicherungsschein-Nr.: {contract}
Versicherungsnehmer: {person}
Versicherungsort: {property}
Versicherungssumme: {big}
Versicherungssumme 1914: {folio} Mark
Jahresbeitrag: {small}
Beitrag einschließlich Versicherungsteuer: {small}
Zahlweise: vierteljährlich
Versicherungsbeginn: {date}, 12 Uhr
Ablauf: {future}
Selbstbeteiligung je Schadenfall: {small}
Versicherte Gefahren: Feuer, Leitungswasser, Sturm, Hagel
Elementarschäden: eingeschlossen
Wohnfläche: {living} m²
Baujahr: {built}
Bezugsberechtigt: {partner}
Versicherte Person: {person}, geb. {birth}
Einzug von Konto {iban}
== heads
Gefahr | Versichert | Selbstbeteiligung | Beitrag
Baustein | Summe | Jahresbeitrag
Leistung | Höchstbetrag
== rows
Feuer, Blitzschlag, Explosion | ja | {small} | {plain}
Leitungswasser | ja | {small} | {plain}
Sturm und Hagel | ja | {small} | {plain}
Überschwemmung und Rückstau | ja | {small} | {plain}
Glasbruch | nein | | 0,00
Aufräumungs- und Abbruchkosten | {big} | {plain}
Mietausfall | {amount} | {plain}
Todesfallleistung | {big} | {plain}
Haus- und Grundbesitzerhaftpflicht | {big} | {plain}
Photovoltaikanlage | {amount} | {plain}
Versicherungsteuer | 19 % | {plain}
== clauses
Versichert ist das Gebäude zum gleitenden Neuwert; Grundlage ist die ermittelte Versicherungssumme von
  {big}.
Der Versicherungsnehmer hat jeden Schaden unverzüglich anzuzeigen und den Anweisungen des Versicherers zu
  folgen.
Nicht versichert sind Schäden durch Krieg, Kernenergie oder vorsätzliches Handeln.
Der Beitrag ist jährlich im Voraus zu entrichten; bei Verzug entfällt der Versicherungsschutz nach Mahnung.
Der Vertrag verlängert sich um ein Jahr, wenn er nicht drei Monate vor Ablauf gekündigt wird.
Zugunsten der {bank} besteht ein Sicherungsschein; Leistungen über {amount} werden nur mit ihrer Zustimmung
  gezahlt.
Bei Veräußerung des Gebäudes tritt der Erwerber mit der Umschreibung im Grundbuch in den Vertrag ein.
Leitungswasserschäden sind auch bei Bruch von Rohren außerhalb des Gebäudes bis {amount} gedeckt.
Obliegenheiten vor dem Schadenfall: Wasserleitungen in leerstehenden Gebäuden sind abzusperren und zu
  entleeren.
Im Todesfall der versicherten Person {person} zahlen wir {big} an {partner}.
Bei Berufsunfähigkeit übernehmen wir den Beitrag für die Dauer der Leistungspflicht.
Eine Unterversicherung wird nicht eingewendet, wenn die Angaben zur Wohnfläche zutreffen.
Die Selbstbeteiligung von {small} gilt für jeden Versicherungsfall einmal.
Gefahrerhöhungen, etwa ein Umbau oder eine gewerbliche Nutzung, sind dem Versicherer anzuzeigen.
Über das Widerrufsrecht und die Beschwerdestelle unterrichtet das beigefügte Merkblatt.
== closings
{insurer}, der Vorstand
Mit freundlichen Grüßen, Ihre {insurer}
Schadenmeldung Tag und Nacht unter {phone}
"""

_ENGLISH = """
== titles
Home insurance policy schedule
Policy no. {contract}
Buildings insurance certificate
Term life assurance policy
Endorsement to your policy
== openings
Thank you for choosing {insurer}. We confirm the cover for {property}.
This schedule replaces the one dated {date}.
Confirmation of cover for {bank} as mortgagee.
It is based on your proposal of {date} and on our policy wording.
== fields
Policy number: {contract}
Policyholder: {person}
Insured property: {property}
Sum insured: {big}
Rebuilding cost: {big}
Annual premium: {small}
Premium including tax: {small}
Payment: by quarterly direct debit
Period of insurance: from {date}
Renewal date: {future}
Excess each claim: {small}
Perils: fire, escape of water, storm, subsidence
Accidental damage: included
Floor area: {living} sq m
Year built: {built}
Beneficiary: {partner}
Life assured: {person}, born {birth}
Collected from account {iban}
== heads
Peril | Covered | Excess | Premium
Section | Sum insured | Premium
Benefit | Limit
== rows
Fire, lightning, explosion | yes | {small} | {plain}
Escape of water | yes | {small} | {plain}
Storm and flood | yes | {small} | {plain}
Subsidence and heave | yes | {amount} | {plain}
Accidental damage | no | | 0.00
Alternative accommodation | {amount} | {plain}
Loss of rent | {amount} | {plain}
Death benefit | {big} | {plain}
Property owner's liability | {big} | {plain}
Solar panels | {amount} | {plain}
Insurance premium tax | 12 % | {plain}
== clauses
We insure the buildings on a full rebuilding basis up to the sum insured of {big}.
You must tell us about a loss as soon as you can and follow the instructions of the insurer.
We do not cover loss caused by war, nuclear risks or a deliberate act.
The premium is payable in advance; cover ends when it remains unpaid after a reminder.
The policy renews for one year unless it is cancelled before the renewal date.
The interest of {bank} as mortgagee is noted; claims above {amount} are paid with its consent only.
On the sale of the home the buyer has the benefit of the policy until completion.
Damage by water from burst pipes outside the building is covered up to {amount}.
Conditions before a loss: in an empty home the water must be turned off and drained.
On the death of the life assured {person} we pay {big} to {partner}.
We waive the premium while the life assured is unable to work.
We will not reduce a claim for underinsurance if the floor area was stated correctly.
The excess of {small} applies once to each claim.
Changes that increase the risk, such as building work or business use, must be reported to us.
The enclosed leaflet explains your right to cancel and how to complain.
== closings
For and on behalf of {insurer}
Yours sincerely, {insurer}
Claims line, day and night: {phone}
"""

KIND = Kind(
    label="insurance_policy",
    issuer="insurer",
    neighbours=("loan_offer", "bank_statement", "purchase_contract"),
    pages=(2, 5),
    page_chars=(1400, 3000),
    table_share=0.18,
    german=parse_sheet(_GERMAN),
    english=parse_sheet(_ENGLISH),
)
