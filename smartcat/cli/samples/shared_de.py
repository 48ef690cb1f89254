"""German text that every kind of paper may carry."""

from __future__ import annotations

TEXT = """
== letterhead employer
{employer} | Personalabteilung | {otherstreet}, {place}
{employer} | Personalwesen | Telefon {phone}
== letterhead bank
{bank} | Filiale {city} | {otherstreet}
{bank} | Kreditabteilung | Telefon {phone} | BIC {bic}
== letterhead court
{court} | Grundbuchamt
{court} | Justizgebäude, {otherstreet} | Telefon {phone}
== letterhead office
{office} | {otherstreet}, {place}
{office} | Sachgebiet {n} | Zimmer {folio} | Telefon {phone}
== letterhead notary
Notar {notary} | {otherstreet}, {place}
{notary} | Notarin und Rechtsanwältin | Telefon {phone}
== letterhead engineer
{engineer} | {otherstreet}, {place}
{engineer} | Beratende Ingenieure und Architekten | {phone}
== letterhead insurer
{insurer} | Direktion {city} | {otherstreet}
{insurer} | Kundendienst | Telefon {phone}
== letterhead landlord
{landlord} | {otherstreet}, {place}
{landlord} | Verwaltung | Telefon {phone}
== fields
Name: {person}
Anschrift: {address}
Datum: {issued}
Unser Zeichen: {ref}
Ihr Zeichen: {ref}
Ansprechpartner: {name}
Telefon: {phone}
E-Mail: {mail}
IBAN: {iban}
Geburtsdatum: {birth}
Objekt: {property}
Betrag: {amount}
Vorgang: {num}
Ort: {city}
Kunden-Nr.: {num}
Anlagen: {n}
Bankverbindung: {bank}, {iban}
== clauses
Mündliche Nebenabreden bestehen nicht; Änderungen und Ergänzungen bedürfen der Schriftform.
Sollte eine Bestimmung unwirksam sein, so bleibt die Wirksamkeit der übrigen Bestimmungen unberührt.
Ihre personenbezogenen Daten verarbeiten wir nur, soweit dies zur Erfüllung unserer Aufgaben erforderlich
  ist.
Bitte geben Sie bei Rückfragen und Zahlungen stets das oben genannte Zeichen an.
Für Rückfragen steht Ihnen {name} unter der Rufnummer {phone} gern zur Verfügung.
Erfüllungsort und Gerichtsstand ist {city}, soweit das Gesetz nichts anderes bestimmt.
Änderungen Ihrer Anschrift oder Ihrer Bankverbindung teilen Sie uns bitte umgehend mit.
Die Beteiligten erhalten je eine Ausfertigung dieses Schriftstücks.
Alle Beträge verstehen sich in Euro; Rundungsdifferenzen sind möglich.
Zahlungen leisten Sie bitte auf das Konto {iban} bei der {bank}.
Die Angaben beruhen auf den uns vorgelegten Unterlagen; eine Gewähr für ihre Vollständigkeit wird nicht
  übernommen.
Die beigefügten Anlagen sind Bestandteil dieses Schriftstücks.
Widersprüche sind schriftlich innerhalb der genannten Frist an die oben angegebene Anschrift zu richten.
Kosten und Auslagen trägt, soweit nichts anderes bestimmt ist, die Partei, die sie veranlasst hat.
Eine Weitergabe an Dritte ist nur mit Zustimmung der Beteiligten oder auf gesetzlicher Grundlage zulässig.
Dieses Schreiben wurde elektronisch erstellt und ist auch ohne Unterschrift wirksam.
Die Fristen beginnen mit dem Zugang dieses Schreibens; fällt das Ende auf einen Sonntag, gilt der nächste
  Werktag.
Mehrere Personen auf einer Seite haften für die Verpflichtungen als Gesamtschuldner.
Bewahren Sie dieses Dokument bitte sorgfältig bei Ihren Unterlagen auf.
Es gilt das Recht der Bundesrepublik; Übersetzungen dienen nur der Erläuterung.
== letters
anbei übersenden wir Ihnen die angeforderten Unterlagen zur Baufinanzierung {person}, Vorgang {num}.
in der Anlage erhalten Sie die noch fehlenden Nachweise für das Objekt {property}.
bitte leiten Sie die beigefügten Kopien an die {bank} weiter.
Folgende Unterlagen haben wir beigefügt: Gehaltsabrechnung, Kontoauszug, Ausweiskopie.
Folgende Unterlagen haben wir beigefügt: Kaufvertrag, Grundbuchauszug, Energieausweis.
Folgende Unterlagen reichen wir nach: Steuerbescheid, Mietvertrag, Versicherungsschein.
Der Arbeitsvertrag und die Grundrisse folgen mit gesonderter Post.
Das Darlehensangebot haben wir mit Herrn {last} am {date} besprochen.
Wir bitten um kurze Bestätigung des Eingangs bis zum {date}.
Die Originale verbleiben bei unserem Mandanten und können auf Wunsch eingesehen werden.
Bei Rückfragen erreichen Sie mich unter {phone} oder per E-Mail an {mail}.
Den Auszahlungstermin haben wir für den {date} vorgemerkt.
Sobald alle Unterlagen vorliegen, entscheidet die Bank innerhalb von {n} Werktagen.
== greetings
Sehr geehrte Damen und Herren,
Sehr geehrte Frau {last},
Sehr geehrter Herr {last},
Guten Tag,
== farewells
Mit freundlichen Grüßen {name}
Freundliche Grüße, {broker}
i. A. {name}
Hochachtungsvoll {name}
== faxes
FAX VON {phone} AN {phone} {issued} SEITE {n}
Telefax {broker} {issued} {num} S. {n}
TX-BERICHT {issued} OK {num}
== footers
Seite {page} von {pages}
- {page} -
{ref} / {issued} / Blatt {page}
Seite {page}
{bank} Vorstand: {name}, {name}. Sitz {city}, HRB {num}
Vertraulich. Seite {page}/{pages}
== stamps
EINGEGANGEN {issued}
Eingang {broker} {issued} Vorgang {num}
KOPIE
ERLEDIGT {issued} {ref}
Original hat vorgelegen, {name}
"""
