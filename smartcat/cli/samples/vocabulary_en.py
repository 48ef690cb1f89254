"""English names and formats. Invented people, companies and streets; resemblance is chance."""

from __future__ import annotations

from smartcat.cli.samples.vocabulary import Vocabulary

ENGLISH = Vocabulary(
    first_names=(
        "Alice", "Ben", "Charlotte", "Daniel", "Eleanor", "Fiona", "George", "Harriet", "Isaac",
        "Joanna", "Kenneth", "Lydia", "Martin", "Nadia", "Oliver", "Priya", "Quentin", "Rosemary",
        "Samuel", "Theresa", "Ursula", "Victor", "Wendy", "Yasmin", "Zachary", "Deborah", "Malcolm",
        "Aisha",
    ),
    last_names=(
        "Ashworth", "Barnes", "Clifton", "Dunmore", "Ellery", "Farrow", "Goodwin", "Hargreave",
        "Irving", "Jessop", "Kirkby", "Lomax", "Merrill", "Norbury", "Oakley", "Pemberton", "Quigley",
        "Rowntree", "Selby", "Thornhill", "Underhill", "Vickers", "Whitlock", "Yardley", "Patel",
        "Okafor", "Kowalski", "Brannigan",
    ),
    streets=(
        "Alder Close", "Bridge Street", "Canal Row", "Chapel Lane", "Elm Grove", "Ferry Road",
        "Garden Walk", "High Street", "Ivy Terrace", "King's Parade", "Lime Avenue", "Market Place",
        "Mill Lane", "North Road", "Orchard Drive", "Park Crescent", "Quarry Hill", "River View",
        "Station Road", "Tanner's Yard", "Victoria Gardens", "Windmill Rise",
    ),
    towns=(
        "Ashbourne Vale", "Brackwell", "Carlow Heath", "Dunsby", "Eastmere", "Fernhill", "Greyford",
        "Holmbridge", "Kingsmarsh", "Langdale", "Mallowfield", "Northwick", "Otterham", "Penbury",
        "Ravensby", "Stoneleigh Cross", "Thornbury Park", "Westerham Bay",
    ),
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    banks=(
        "Northwick Building Society", "Kingsmarsh Bank plc", "Harbour & County Bank",
        "First Langdale Bank", "Penbury Mutual", "Greyford Savings Bank", "Crown Mortgage Company Ltd",
        "Union Home Loans plc",
    ),
    insurers=(
        "Anchor Assurance plc", "Westerham Mutual Insurance", "Guardline Home Insurance Ltd",
        "Fernhill Life Office", "Three Rivers Insurance Company", "Harbour & County Insurance",
    ),
    employers=(
        "Northwick Water Services Ltd", "Selby Engineering Works", "Kingsmarsh Hospital Trust",
        "Kingsmarsh Bank plc", "Lomax Freight Ltd", "University of Ravensby", "Anchor Assurance plc",
        "Greyford Borough Council", "Bright Pixel Software Ltd", "Oakley Motors", "Merrill Foods Ltd",
    ),
    firms=(
        "Fresh Basket", "Quarry Hill Fuel", "Corner Chemist", "Northwick Water", "Meridian Telecom",
        "Page & Ink Books", "Furnish House", "Hammer DIY", "Oven Door Bakery", "Sunny Travel",
        "Iron Gym", "The Crown Inn", "City Rail Tickets", "Bright Power",
    ),
    notaries=(
        "Farrow & Selby Solicitors", "Whitlock Conveyancing LLP", "Irving Dunmore Legal",
        "Margaret Ellery LLP",
    ),
    offices=("Revenue Office", "Borough Council", "District Council", "Passport and Identity Office"),
    courts=(
        "Land Registry, Northwick Office", "Land Registry, Greyford Office",
        "Land Registry, Penbury Office",
    ),
    brokers=(
        "Keystone Mortgage Brokers", "Homepath Advice Ltd", "Lomax & Barnes Finance",
        "Clear Rate Brokers",
    ),
    engineers=(
        "Vickers Surveyors", "Goodwin Architects", "Green Gauge Assessors", "Thornhill Design Studio",
        "Rowntree Building Consultants",
    ),
    landlords=(
        "Langdale Lettings Ltd", "Clifton Estates", "Jessop Property Management", "Holmbridge Homes",
    ),
    jobs=(
        "Claims Handler", "Staff Nurse", "Software Developer", "Fitter", "Bookkeeper",
        "Warehouse Manager", "Lecturer", "Customer Adviser", "Electrician", "Project Manager",
    ),
    districts=("Old Town", "North End", "South Bank", "Lakeside", "West Quarter", "Mill Ward"),
    eyes=("BLUE", "BROWN", "GREEN", "GREY"),
    houses=("semi-detached house", "mid-floor flat", "detached house", "terraced house"),
    fuels=("mains gas", "electricity", "heating oil", "district heating", "wood pellets"),
    currency=("£{}", "£{}", "GBP {}", "£ {}"),
    thousands=",",
    decimal=".",
    date_formats=(
        "{d} {name} {y}", "{d:02d}/{m:02d}/{y}", "{d:02d}/{m:02d}/{y}", "{d:02d}-{m:02d}-{y}",
    ),
    day_format="{d:02d}/{m:02d}",
    street_format="{number} {street}",
    postcode_format="NW{:05d}",
    iban_prefix="GB",
    phone_prefix="01",
)  # fmt: skip
