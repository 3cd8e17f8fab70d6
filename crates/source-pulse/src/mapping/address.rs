//! An address in one cell, as the parts Odoo has fields for.

/// The parts of an address. Nothing of the text is lost: what is not understood stays in the street.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) street: String,
    pub(crate) street2: String,
    pub(crate) city: String,
    pub(crate) zip: String,
    /// The country's code, where it was named or follows from the state.
    pub(crate) country: Option<&'static str>,
    /// The state's code in that country.
    pub(crate) state: Option<&'static str>,
}

/// Splits an address, given what other cells say of city and postcode.
///
/// From the end of the text, pieces that are a country, a state, a postcode or the city already named are taken for that; the
/// first line of the rest is the street, the others the second line of it. A country is never guessed.
pub(crate) fn split(text: &str, city: &str, zip: &str) -> Address {
    let mut address = Address { city: city.trim().into(), zip: zip.trim().into(), ..Address::default() };
    let mut pieces: Vec<&str> =
        text.split(['\n', ',']).map(str::trim).filter(|piece| !piece.is_empty()).collect();
    // One piece alone is a street, even where it reads like a state.
    while pieces.len() > 1 && pieces.last().is_some_and(|last| address.takes(last)) {
        pieces.pop();
    }
    // The lines as they were written, up to where the pieces end.
    let taken = pieces.len();
    let mut seen = 0;
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let left: Vec<&str> = line.split(',').map(str::trim).filter(|piece| !piece.is_empty()).collect();
        let keep = left.len().min(taken - seen);
        seen += keep;
        if keep > 0 {
            lines.push(if keep == left.len() { line.trim().to_owned() } else { left[..keep].join(", ") });
        }
    }
    let mut lines = lines.into_iter();
    address.street = lines.next().unwrap_or_default();
    address.street2 = lines.collect::<Vec<_>>().join(", ");
    address
}

impl Address {
    /// Takes a piece for what it is, if it is something and that is not taken yet.
    fn takes(&mut self, piece: &str) -> bool {
        let (words, digits) = postcode(piece);
        let fits = digits.is_none_or(|digits| self.zip.is_empty() || self.zip == digits);
        if !fits {
            return false;
        }
        let understood = if words.is_empty() {
            digits.is_some()
        } else if let Some(code) =
            country(words).filter(|code| self.country.is_none_or(|known| known == *code))
        {
            // "IN" may be Indiana and India: a country once known decides.
            self.country = Some(code);
            true
        } else if let Some((country, code)) = state(words, self.country).filter(|_| self.state.is_none()) {
            (self.country, self.state) = (Some(country), Some(code));
            true
        } else {
            words.eq_ignore_ascii_case(&self.city)
        };
        if let (true, Some(digits)) = (understood, digits) {
            self.zip = digits.to_owned();
        }
        understood
    }
}

/// A piece without the postcode at its end, and the postcode: `Maharashtra 400050`, `TX 78701-1234`, `400 050` alone.
fn postcode(piece: &str) -> (&str, Option<&str>) {
    let start = piece
        .rfind(|c: char| !(c.is_ascii_digit() || c == '-'))
        .map_or(0, |at| at + piece[at..].chars().next().map_or(1, char::len_utf8));
    let (words, digits) = piece.split_at(start);
    let count = digits.chars().filter(char::is_ascii_digit).count();
    let whole = matches!((digits.len(), count), (5, 5) | (6, 6) | (10, 9));
    let apart = words.is_empty() || words.ends_with([' ', '-']);
    if whole && apart { (words.trim_end_matches([' ', '-']), Some(digits)) } else { (piece, None) }
}

fn country(words: &str) -> Option<&'static str> {
    let folded: String = words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match folded.as_str() {
        "india" | "bharat" => Some("IN"),
        "usa" | "us" | "unitedstates" | "unitedstatesofamerica" => Some("US"),
        "unitedkingdom" | "uk" => Some("GB"),
        "unitedarabemirates" | "uae" => Some("AE"),
        "nepal" => Some("NP"),
        "bangladesh" => Some("BD"),
        "srilanka" => Some("LK"),
        "singapore" => Some("SG"),
        _ => None,
    }
}

/// A state by its name, or by its code where the country is known: codes alone are too short to mean one thing.
fn state(words: &str, country: Option<&str>) -> Option<(&'static str, &'static str)> {
    let lists = [("IN", &INDIAN[..]), ("US", &AMERICAN[..])];
    for (code, states) in lists.into_iter().filter(|(code, _)| country.is_none_or(|known| known == *code)) {
        let known = country.is_some();
        let same = |(short, name): &&(&str, &str)| {
            name.eq_ignore_ascii_case(words) || (known && short.eq_ignore_ascii_case(words))
        };
        if let Some((short, _)) = states.iter().find(same) {
            return Some((code, short));
        }
    }
    // "TX 78701": two capitals before a postcode are written so in America alone.
    let american = AMERICAN.iter().find(|(short, _)| country.is_none() && *short == words);
    american.map(|(short, _)| ("US", *short))
}

/// India's states and territories by Odoo's codes.
const INDIAN: [(&str, &str); 36] = [
    ("AN", "Andaman and Nicobar"),
    ("AP", "Andhra Pradesh"),
    ("AR", "Arunachal Pradesh"),
    ("AS", "Assam"),
    ("BR", "Bihar"),
    ("CH", "Chandigarh"),
    ("CG", "Chhattisgarh"),
    ("DN", "Dadra and Nagar Haveli"),
    ("DD", "Daman and Diu"),
    ("DL", "Delhi"),
    ("GA", "Goa"),
    ("GJ", "Gujarat"),
    ("HR", "Haryana"),
    ("HP", "Himachal Pradesh"),
    ("JK", "Jammu and Kashmir"),
    ("JH", "Jharkhand"),
    ("KA", "Karnataka"),
    ("KL", "Kerala"),
    ("LA", "Ladakh"),
    ("LD", "Lakshadweep"),
    ("MP", "Madhya Pradesh"),
    ("MH", "Maharashtra"),
    ("MN", "Manipur"),
    ("ML", "Meghalaya"),
    ("MZ", "Mizoram"),
    ("NL", "Nagaland"),
    ("OR", "Odisha"),
    ("PY", "Puducherry"),
    ("PB", "Punjab"),
    ("RJ", "Rajasthan"),
    ("SK", "Sikkim"),
    ("TN", "Tamil Nadu"),
    ("TS", "Telangana"),
    ("TR", "Tripura"),
    ("UP", "Uttar Pradesh"),
    ("WB", "West Bengal"),
];

/// The states of America and its capital.
const AMERICAN: [(&str, &str); 51] = [
    ("AL", "Alabama"),
    ("AK", "Alaska"),
    ("AZ", "Arizona"),
    ("AR", "Arkansas"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DE", "Delaware"),
    ("DC", "District of Columbia"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("HI", "Hawaii"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("IA", "Iowa"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("ME", "Maine"),
    ("MD", "Maryland"),
    ("MA", "Massachusetts"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MS", "Mississippi"),
    ("MO", "Missouri"),
    ("MT", "Montana"),
    ("NE", "Nebraska"),
    ("NV", "Nevada"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NY", "New York"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VT", "Vermont"),
    ("VA", "Virginia"),
    ("WA", "Washington"),
    ("WV", "West Virginia"),
    ("WI", "Wisconsin"),
    ("WY", "Wyoming"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, city: &str, zip: &str) -> [String; 6] {
        let Address { street, street2, city, zip, country, state } = split(text, city, zip);
        [street, street2, city, zip, state.unwrap_or_default().into(), country.unwrap_or_default().into()]
    }

    #[test]
    fn lines_are_street_and_the_rest_of_it() {
        let text = "Flat 138, Lake View Society\nAnna Salai\nNear Bus Stand";
        assert_eq!(
            parts(text, "Bengaluru", "560001"),
            ["Flat 138, Lake View Society", "Anna Salai, Near Bus Stand", "Bengaluru", "560001", "", ""]
        );
        assert_eq!(parts("106 Park Street", "", ""), ["106 Park Street", "", "", "", "", ""]);
    }

    #[test]
    fn what_can_be_told_apart_is() {
        assert_eq!(
            parts("12 MG Road, Pune, Maharashtra 411001, India", "Pune", ""),
            ["12 MG Road", "", "Pune", "411001", "MH", "IN"]
        );
        assert_eq!(
            parts("9 Oak Avenue\nAustin, TX 78701", "Austin", ""),
            ["9 Oak Avenue", "", "Austin", "78701", "TX", "US"]
        );
        assert_eq!(parts("9 Oak Avenue, Georgia", "", ""), ["9 Oak Avenue", "", "", "", "GA", "US"]);
    }

    #[test]
    fn what_contradicts_other_cells_stays_where_it_was() {
        assert_eq!(
            parts("12 MG Road, Kerala 695001", "Pune", "411001"),
            ["12 MG Road, Kerala 695001", "", "Pune", "411001", "", ""]
        );
        assert_eq!(parts("Goa", "", ""), ["Goa", "", "", "", "", ""]);
        assert_eq!(parts("", "", ""), ["", "", "", "", "", ""]);
    }
}
