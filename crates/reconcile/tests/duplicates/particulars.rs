//! What else a desk writes of a patient: age, blood group, doctor, who sent them, history, allergies.

use jiff::civil::Date;

use crate::random::Random;

const BLOOD_GROUPS: [(&str, usize); 8] =
    [("B+", 32), ("O+", 30), ("A+", 21), ("AB+", 8), ("B-", 3), ("O-", 3), ("A-", 2), ("AB-", 1)];
const DOCTORS: [(&str, usize); 7] = [
    ("Dr. Meera Joshi", 35),
    ("Dr. S. Kulkarni", 25),
    ("Dr. Anil Deshmukh", 15),
    ("Dr. Emily Carter", 10),
    ("Dr. Vikram Rao", 7),
    ("Dr. Farida Khan", 5),
    ("Dr. Robert Lee", 3),
];
const REFERRERS: [&str; 30] = [
    "Dr. A. Shah",
    "Dr. B. Mehta",
    "Dr. C. Pillai",
    "Dr. D. Nair",
    "Dr. E. Thomas",
    "Dr. F. Ansari",
    "Dr. G. Menon",
    "Dr. H. Iyer",
    "Dr. I. Qureshi",
    "Dr. J. Fernandes",
    "Dr. K. Bose",
    "Dr. L. Das",
    "Dr. M. Sen",
    "Dr. N. Ghosh",
    "Dr. O. Cook",
    "Dr. P. Reed",
    "Dr. Q. Adams",
    "Dr. R. Hill",
    "Dr. S. Green",
    "Dr. T. Baker",
    "Google",
    "Google",
    "Practo",
    "Friend",
    "Friend",
    "Relative",
    "Walk-in",
    "Walk-in",
    "Newspaper",
    "Self",
];
const HISTORIES: [(&str, usize); 14] = [
    ("Hypertension", 20),
    ("Type 2 diabetes", 15),
    ("Hypertension; Type 2 diabetes", 10),
    ("Asthma since childhood", 8),
    ("Hypothyroidism", 10),
    ("Migraine, on and off", 7),
    ("Appendectomy 2009", 3),
    ("Fracture of left wrist", 3),
    ("Family history of heart disease", 6),
    ("None", 10),
    ("Low back pain", 8),
    ("Caesarean section 2015", 3),
    ("Kidney stone 2018", 2),
    ("Tuberculosis, treated", 2),
];
const ALLERGIES: [(&str, usize); 8] = [
    ("No known allergies", 40),
    ("Penicillin", 15),
    ("Sulfa drugs", 12),
    ("Dust", 12),
    ("Peanuts", 6),
    ("Latex", 4),
    ("Aspirin", 6),
    ("Ibuprofen", 5),
];

/// As put down; each may be blank.
#[derive(Clone)]
pub(crate) struct Particulars {
    pub(crate) age: Option<i16>,
    pub(crate) blood: Option<&'static str>,
    pub(crate) doctor: Option<&'static str>,
    pub(crate) referrer: Option<&'static str>,
    pub(crate) history: Option<&'static str>,
    pub(crate) allergies: Option<&'static str>,
}

/// The year in which the desk writes.
const NOW: i16 = 2025;

impl Particulars {
    /// Of somebody born on that day, whether or not the desk wrote the day.
    pub(crate) fn new(random: &mut Random, truly_born: Date) -> Self {
        Self {
            age: random.percent(60).then(|| NOW - truly_born.year()),
            blood: random.percent(35).then(|| random.weighted(&BLOOD_GROUPS)),
            doctor: random.percent(85).then(|| random.weighted(&DOCTORS)),
            referrer: random.percent(25).then(|| random.pick(&REFERRERS)),
            history: random.percent(35).then(|| random.weighted(&HISTORIES)),
            allergies: random.percent(20).then(|| random.weighted(&ALLERGIES)),
        }
    }

    /// Of the same person once more: some is asked again, some is not; an age is a year off now and then, a blood group is
    /// remembered wrongly three times in a hundred, and the doctor is whoever is there that day.
    pub(crate) fn again(&self, random: &mut Random, truly_born: Date) -> Self {
        let fresh = Self::new(random, truly_born);
        let age = fresh.age.map(|age| if random.percent(20) { age - 1 } else { age });
        Self {
            age,
            blood: match self.blood {
                Some(_) if random.percent(3) => fresh.blood,
                Some(blood) => random.percent(50).then_some(blood),
                None => fresh.blood,
            },
            doctor: if random.percent(60) { self.doctor } else { fresh.doctor },
            referrer: if random.percent(40) { self.referrer } else { fresh.referrer },
            history: if random.percent(50) { self.history } else { fresh.history },
            allergies: if random.percent(50) { self.allergies } else { fresh.allergies },
        }
    }
}
