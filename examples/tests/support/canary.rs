//! An export in which every cell that says something about a patient holds a word of its own, to be looked for afterwards.

use std::fs;
use std::path::Path;

/// How many there are.
pub(crate) const CANARIES: usize = 200;

/// What no cell, no secret and no page may leave behind, whatever its case.
pub(crate) const MARK: &str = "canary";

const PATIENTS: [&str; 20] = [
    "Patient ID",
    "Patient Name",
    "Mobile Number",
    "Alternate Number",
    "Email",
    "Gender",
    "Date of Birth",
    "Age",
    "Blood Group",
    "Address",
    "City",
    "Pincode",
    "Allergy Notes",
    "Medical History",
    "Referring Physician",
    "Insurance Carrier",
    "Clinic",
    "Registered On",
    "Last Modified",
    "Shoe Size",
];

const APPOINTMENTS: [&str; 11] = [
    "Appointment ID",
    "Patient ID",
    "Patient Name",
    "Date",
    "Time",
    "Duration",
    "Type",
    "Notes",
    "Clinic",
    "Created On",
    "Told By",
];

struct Nest {
    next: usize,
}

impl Nest {
    fn canary(&mut self) -> String {
        self.next += 1;
        format!("CANARY-{:03}", self.next)
    }

    /// A row: the given cells as they are, a canary in every other; or, where the row is `blank`, nothing.
    fn row(&mut self, columns: &[&str], given: &[(&str, &str)], blank: bool) -> String {
        let cell = |column: &&str| match given.iter().find(|(known, _)| known == column) {
            Some((_, cell)) => (*cell).to_owned(),
            None if blank => String::new(),
            None => self.canary(),
        };
        columns.iter().map(cell).collect::<Vec<_>>().join(",") + "\n"
    }
}

/// Writes the export into `dir`. `P-1` to `P-5` and `P-7` can be moved, `A-1` to `A-4` and `A-9`; the other rows are refused.
pub(crate) fn write(dir: &Path) {
    let mut nest = Nest { next: 0 };
    let mut patients = PATIENTS.join(",") + "\n";
    let id = "Patient ID";
    for given in [
        &[(id, "P-1")][..],
        &[(id, "P-2"), ("Date of Birth", "31/12/1990"), ("Registered On", "01/02/2020")],
        &[(id, "P-3"), ("Date of Birth", "31/02/1990")],
        &[(id, "P-4"), ("Last Modified", "")],
        &[(id, "P-5")],
        // Refused: without an id, without a name, and an id a second time.
        &[(id, "")],
        &[(id, "P-6"), ("Patient Name", "")],
        &[(id, "P-1")],
    ] {
        patients += &nest.row(&PATIENTS, given, false);
    }
    // Flagged: a quote that is none, no address of e-mail, a formula, a control character, and at the end two cells too many.
    let name = format!("{} \"{}", nest.canary(), nest.canary());
    let (email, formula) = (format!("{}@", nest.canary()), format!("={}", nest.canary()));
    let (bell, lines) =
        (format!("{}\u{7}", nest.canary()), format!("\"{}\n{}\"", nest.canary(), nest.canary()));
    let odd = [
        (id, "P-7"),
        ("Patient Name", &name),
        ("Mobile Number", "98765 43210 / 98765 43211"),
        ("Email", &email),
        ("Gender", &formula),
        ("City", &bell),
        ("Allergy Notes", &lines),
    ];
    let odd = nest.row(&PATIENTS, &odd, true);
    patients += &format!("{},{},{}\n", odd.trim_end(), nest.canary(), nest.canary());

    let mut appointments = APPOINTMENTS.join(",") + "\n";
    let visit = "Appointment ID";
    for given in [
        &[(visit, "A-1"), (id, "P-1"), ("Date", "31/12/2024")][..],
        &[(visit, "A-2"), (id, "P-2"), ("Date", "31/12/2024")],
        &[(visit, "A-3"), (id, "P-3"), ("Date", "30/12/2024"), ("Time", "10:30"), ("Duration", "30")],
        &[(visit, "A-4"), (id, "P-5"), ("Date", "30/12/2024")],
        // Refused: an id a second time.
        &[(visit, "A-4"), (id, "P-5"), ("Date", "29/12/2024")],
    ] {
        appointments += &nest.row(&APPOINTMENTS, given, false);
    }
    // Refused: an unreadable date, a patient who is not there, one who was refused, no patient at all.
    for given in [
        &[(visit, "A-5"), (id, "P-4"), ("Date", &*nest.canary())][..],
        &[(visit, "A-6"), (id, "P-99"), ("Date", "28/12/2024"), ("Notes", &*nest.canary())],
        &[(visit, "A-7"), (id, "P-6"), ("Date", "28/12/2024"), ("Notes", &*nest.canary())],
        &[(visit, "A-8"), ("Date", "28/12/2024"), ("Notes", &*nest.canary())],
    ] {
        appointments += &nest.row(&APPOINTMENTS, given, true);
    }
    let rest: Vec<String> = (nest.next..CANARIES).map(|_| nest.canary()).collect();
    let last = [(visit, "A-9"), (id, "P-7"), ("Date", "27/12/2024"), ("Notes", &*rest.join(" "))];
    appointments += &nest.row(&APPOINTMENTS, &last, true);
    assert_eq!((different(&patients) + different(&appointments), nest.next), (CANARIES, CANARIES));
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join("Patients.csv"), patients).unwrap();
    fs::write(dir.join("Appointments.csv"), appointments).unwrap();
}

/// The first place in a text where there is one, with what stands around it.
pub(crate) fn found(text: &[u8]) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let at = text.windows(MARK.len()).position(|window| window == MARK.as_bytes())?;
    let around = &text[at.saturating_sub(200)..text.len().min(at + 60)];
    Some(String::from_utf8_lossy(around).into_owned())
}

/// How many different ones a text holds.
pub(crate) fn different(text: &str) -> usize {
    let text = text.to_lowercase();
    let numbers = text.split("canary-").skip(1).filter_map(|rest| rest.get(..3)?.parse::<usize>().ok());
    numbers.collect::<std::collections::BTreeSet<_>>().len()
}
