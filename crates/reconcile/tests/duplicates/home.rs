//! Where people live, and how an address is put down.

use crate::random::Random;

const INDIAN_STREETS: [&str; 24] = [
    "MG Road",
    "Karve Road",
    "Station Road",
    "Tilak Road",
    "Laxmi Road",
    "Park Street",
    "Anna Salai",
    "Nehru Nagar",
    "Shivaji Nagar",
    "Gandhi Chowk",
    "Subhash Marg",
    "Church Street",
    "Temple Lane",
    "Model Colony",
    "Ram Mandir Road",
    "Jail Road",
    "College Road",
    "Ring Road",
    "Lake Road",
    "Azad Nagar",
    "Patel Colony",
    "Sector 7",
    "Sector 21",
    "Canal Road",
];
const INDIAN_HOUSES: [&str; 20] = [
    "Ganga Apartments",
    "Shanti Niwas",
    "Lake View Society",
    "Om Sai CHS",
    "Rose Villa",
    "Sai Krupa",
    "Matruchhaya Building",
    "Green Park Society",
    "Silver Oak Apartments",
    "Gokul Dham",
    "Sunrise Towers",
    "Vasant Vihar",
    "Anand Bhavan",
    "Krishna Kunj",
    "Pearl Residency",
    "Palm Court",
    "Swastik Building",
    "Sneh Sadan",
    "Golden Nest",
    "Hill Top Apartments",
];
const US_STREETS: [&str; 20] = [
    "Maple Street",
    "Oak Avenue",
    "2nd Street",
    "Lincoln Boulevard",
    "Cedar Lane",
    "Main Street",
    "Washington Avenue",
    "Elm Street",
    "Park Avenue",
    "Lake Drive",
    "Hill Road",
    "Church Street",
    "River Road",
    "Pine Street",
    "Walnut Street",
    "5th Avenue",
    "Sunset Boulevard",
    "Highland Avenue",
    "Jackson Street",
    "Mill Road",
];
const LANDMARKS: [&str; 8] = [
    "Near Bus Stand",
    "Opp. Ganesh Mandir",
    "Behind Post Office",
    "Nr. Petrol Pump",
    "Opp. City Hospital",
    "Near Railway Station",
    "Above State Bank",
    "Behind Town Hall",
];

/// A home: those who live in it have the same.
#[derive(Clone, PartialEq)]
pub(crate) struct Home {
    indian: bool,
    /// A few have none: a village, a lane.
    number: Option<usize>,
    house: Option<&'static str>,
    street: &'static str,
    landmark: Option<&'static str>,
    place: usize,
}

/// How the desk put it down.
#[derive(Clone, PartialEq)]
pub(crate) struct Address {
    pub(crate) home: Home,
    pub(crate) text: String,
    pub(crate) city: Option<&'static str>,
    pub(crate) pincode: Option<String>,
}

impl Home {
    /// Most patients of a clinic come from its own town, and there from the quarters around it.
    pub(crate) fn new(random: &mut Random, indian: bool) -> Self {
        let streets: &[&str] = if indian { &INDIAN_STREETS } else { &US_STREETS };
        // Quarters nearby send more than those farther off.
        let nearby = 4 + random.below(20);
        let place = if random.percent(85) { random.below(nearby) } else { 24 + random.below(60) };
        Self {
            indian,
            number: (!random.percent(10)).then(|| 1 + random.below(400)),
            house: (indian && random.percent(60)).then(|| random.pick(&INDIAN_HOUSES)),
            street: random.pick(streets),
            landmark: (indian && random.percent(30)).then(|| random.pick(&LANDMARKS)),
            place,
        }
    }

    /// As a desk puts it down: one leaves out what another writes.
    pub(crate) fn written(&self, random: &mut Random) -> Address {
        let street = if random.percent(40) { shortened(self.street) } else { self.street.to_owned() };
        let number = self.number.map(|number| match (self.indian, self.house) {
            (true, Some(_)) => match random.below(4) {
                0 => format!("Flat No. {number}"),
                1 => format!("Flat {number}"),
                2 => format!("#{number}"),
                _ => number.to_string(),
            },
            (true, None) if random.percent(30) => format!("H.No. {number}"),
            _ => number.to_string(),
        });
        let house =
            self.house.map(|house| if random.percent(30) { shortened(house) } else { house.to_owned() });
        // The house is known by its name, or by its street.
        let street = (house.is_none() || !random.percent(15)).then_some(street);
        let landmark = self.landmark.filter(|_| random.percent(60)).map(str::to_owned);
        let parts: Vec<String> = if self.indian {
            [number, house, street, landmark].into_iter().flatten().collect()
        } else {
            let street = street.unwrap_or_default();
            vec![number.map_or(street.clone(), |number| format!("{number} {street}"))]
        };
        let between = random.pick(&[", ", ", ", " ", "\n"]);
        let text = parts.join(between);
        let text = if random.percent(15) { text.to_uppercase() } else { text };
        let city = random.percent(85).then(|| self.city());
        let text = match city {
            Some(city) if random.percent(15) => format!("{text}, {city}"),
            _ => text,
        };
        Address { home: self.clone(), text, city, pincode: random.percent(70).then(|| self.pincode(random)) }
    }

    fn city(&self) -> &'static str {
        match (self.indian, self.place) {
            (true, ..24) => "Pune",
            (true, ..44) => "Pimpri-Chinchwad",
            (true, ..60) => "Lonavala",
            (true, _) => "Mumbai",
            (false, ..24) => "Austin",
            (false, ..44) => "Round Rock",
            (false, _) => "San José",
        }
    }

    fn pincode(&self, random: &mut Random) -> String {
        let code = if self.indian { 411_001 + self.place } else { 78_701 + self.place };
        let code = code.to_string();
        match code.split_at(3) {
            (head, tail) if self.indian && random.percent(15) => format!("{head} {tail}"),
            _ => code,
        }
    }
}

fn shortened(text: &str) -> String {
    const SHORT: [(&str, &str); 11] = [
        (" Road", " Rd"),
        (" Street", " St."),
        (" Avenue", " Ave"),
        (" Boulevard", " Blvd"),
        (" Lane", " Ln"),
        (" Drive", " Dr"),
        (" Apartments", " Apts"),
        (" Society", " Soc."),
        (" Building", " Bldg"),
        (" Colony", " Col."),
        ("Sector ", "Sec-"),
    ];
    SHORT.iter().fold(text.to_owned(), |text, (long, short)| text.replace(long, short))
}
