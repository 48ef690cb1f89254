"""German names and formats. Invented people, companies and streets; resemblance is chance."""

from __future__ import annotations

from smartcat.cli.samples.vocabulary import Vocabulary

GERMAN = Vocabulary(
    first_names=(
        "Anna", "Bernd", "Carla", "Dieter", "Elif", "Frank", "Greta", "Holger", "Ines", "Jonas",
        "Katrin", "Lukas", "Maren", "Nils", "Olga", "Paul", "Renate", "Sven", "Tanja", "Uwe", "Vera",
        "Wolfgang", "Yusuf", "Zoe", "Hannelore", "Matthias", "Jürgen", "Birgit", "Özlem", "Gökhan",
        "Marlies",
    ),
    last_names=(
        "Albers", "Brückner", "Conradi", "Dörfler", "Eberhardt", "Fuchs", "Gräfe", "Hillebrand",
        "Imhoff", "Jäger", "Kröger", "Lindemann", "Mörike", "Naumann", "Oertel", "Petersen", "Quandt",
        "Rößler", "Schönfeld", "Thiele", "Uhlig", "Vogt", "Wernicke", "Yilmaz", "Zander", "Büttner",
        "Kaya", "Nowak", "Weißmann", "Hermsdorf",
    ),
    streets=(
        "Ahornweg", "Am Kirchplatz", "Bachgasse", "Birkenallee", "Dorfstraße", "Eichendorffstraße",
        "Feldrain", "Gartenstraße", "Hauptstraße", "Industriestraße", "Kastanienweg", "Lerchenweg",
        "Mühlenstraße", "Neuer Markt", "Obere Gasse", "Parkstraße", "Rosenweg", "Schillerplatz",
        "Talblick", "Uferpromenade", "Wiesengrund", "Ziegeleiweg",
    ),
    towns=(
        "Altenrode", "Bergfeld", "Buchenhain", "Dornstadt", "Eschenau", "Falkenberg", "Grünwalde",
        "Hochstetten", "Kirchdorf", "Lindenau", "Moorbach", "Neuburg", "Oberried", "Ravenstein",
        "Seehausen", "Talheim", "Unterweiler", "Waldkirch", "Ziegelheim",
    ),
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
        "November", "Dezember",
    ),
    banks=(
        "Sparkasse Talheim", "Volksbank Bergfeld eG", "Norddeutsche Bau- und Bodenbank AG",
        "Hanse Hypothekenbank AG", "Stadtsparkasse Neuburg", "Genossenschaftsbank Eschenau eG",
        "Direktbank Süd AG", "Landesbodenkredit Anstalt", "Wüstenau Bausparkasse AG",
        "Merkur Privatbank KG",
    ),
    insurers=(
        "Allsicher Versicherung AG", "Nordstern Gebäudeschutz VVaG", "Concordis Lebensversicherung AG",
        "Feuersozietät Seehausen", "Heimstatt Versicherungsgruppe", "Rheinbund Allgemeine AG",
    ),
    employers=(
        "Stadtwerke Neuburg GmbH", "Maschinenbau Rößler KG", "Klinikum Bergfeld gGmbH",
        "Sparkasse Talheim", "Logistik Nord SE", "Kröger Elektrotechnik GmbH", "Universität Ravenstein",
        "Allsicher Versicherung AG", "Bäckerei Thiele OHG", "Landkreis Waldkirch",
        "Softwarehaus Quellcode GmbH", "Autohaus Petersen",
    ),
    firms=(
        "Frischmarkt", "Tankstelle Talblick", "Drogerie Linde", "Elektro Vogt", "Buchhandlung am Markt",
        "Stadtwerke Neuburg", "Telefonhaus Nord", "Apotheke zum Adler", "Möbelhof Seehausen",
        "Baumarkt Hammer", "Bäckerei Thiele", "Reisebüro Sonnig", "Fitnesswerk", "Gaststätte Krone",
    ),
    notaries=(
        "Dr. Hartmut Weißmann", "Sabine Oertel", "Dr. Philipp Conradi", "Gisela Hillebrand",
        "Jens Uhlig",
    ),
    offices=("Finanzamt", "Stadtverwaltung", "Bürgeramt", "Landratsamt", "Gemeindeverwaltung"),
    courts=(
        "Amtsgericht Talheim", "Amtsgericht Neuburg", "Amtsgericht Ravenstein", "Amtsgericht Seehausen",
    ),
    brokers=(
        "Baugeld Kontor GmbH", "Finanzhaus Lindemann", "Hypothekenbörse Nord",
        "Zinsvergleich Talheim GmbH",
    ),
    engineers=(
        "Ingenieurbüro Schönfeld", "Architekturbüro Gräfe + Partner", "Energieberatung Vogt",
        "Planungsgruppe Uferpromenade", "Sachverständigenbüro Imhoff",
    ),
    landlords=(
        "Wohnbau Neuburg GmbH", "Hausverwaltung Dörfler", "Baugenossenschaft Eschenau eG",
        "Immobilien Jäger KG",
    ),
    jobs=(
        "Sachbearbeiter", "Pflegefachkraft", "Softwareentwicklerin", "Industriemechaniker",
        "Buchhalterin", "Lagerleiter", "Lehrkraft", "Kundenberaterin", "Elektriker", "Projektleiter",
    ),
    districts=("Altstadt", "Nordend", "Südhang", "Am See", "Westviertel", "Mühlenvorstadt"),
    eyes=("BLAU", "BRAUN", "GRÜN", "GRAU"),
    houses=("Mehrfamilienhaus", "freistehendes Einfamilienhaus", "Doppelhaushälfte", "Reihenhaus"),
    fuels=("Erdgas", "Fernwärme", "Heizöl", "Strom", "Holzpellets"),
    currency=("{} EUR", "{} €", "EUR {}", "{} Euro"),
    thousands=".",
    decimal=",",
    date_formats=("{d:02d}.{m:02d}.{y}", "{d:02d}.{m:02d}.{y}", "{d}. {name} {y}", "{d}.{m}.{y}"),
    day_format="{d:02d}.{m:02d}.",
    street_format="{street} {number}",
    postcode_format="{:05d}",
    iban_prefix="DE",
    phone_prefix="0",
)  # fmt: skip
