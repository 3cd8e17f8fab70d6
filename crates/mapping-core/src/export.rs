//! The files of an export: a folder, a zip archive of one, or a workbook.

mod walk;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use unicode_normalization::UnicodeNormalization;

use crate::error::{Error, Result, Retry};
use crate::export::walk::Walk;
use crate::table::{Column, Table, TableOptions, Workbook};
use crate::unpack::{UnpackLimits, Unpacked};

/// The endings of tables, which are text.
const TEXTS: [&str; 3] = ["csv", "tsv", "txt"];

/// An export, wherever its tables are: each in a file of its own, or as sheets of workbooks; in a folder or a zip archive.
///
/// A table is asked for by its name, without an ending and in any case: `Patients` is `patients.csv`, `Patients.tsv`, `PATIENTS.txt`, the
/// workbook `patients.xlsx` with one sheet, or the sheet `Patients` of any workbook there. Two tables of one name are an error, since
/// nobody can know which is meant.
///
/// # Example
///
/// ```
/// use mapping_core::export::Export;
/// use mapping_core::table::{Column, TableOptions};
///
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("patients.CSV"), "Patient ID\nP-1\n")?;
/// let export = Export::open(dir.path())?;
/// let columns = [Column::new("id", ["Patient ID"])];
/// assert!(export.table("Patients", &TableOptions::default(), &columns)?.is_some());
/// assert!(export.table("Staff", &TableOptions::default(), &columns)?.is_none());
/// assert_eq!(export.file("scans/17.pdf")?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Export {
    root: PathBuf,
    tables: Vec<(String, Place)>,
    workbooks: Vec<Workbook>,
    /// The files that the tables are in.
    taken: HashSet<PathBuf>,
    /// Whether it is a workbook alone, whose neighbours may be anything.
    alone: bool,
    /// What is in folders in which a file was looked for in vain under its very name.
    folders: Mutex<HashMap<PathBuf, Names>>,
    /// What the archive was unpacked to; it goes with this.
    _unpacked: Option<Unpacked>,
}

type Names = HashMap<String, Option<PathBuf>>;

/// Where a table is.
#[derive(Debug)]
enum Place {
    Text(PathBuf),
    /// The number of the workbook, and the sheet.
    Sheet(usize, String),
}

impl Export {
    /// Opens a folder, a zip archive or a workbook. An archive is unpacked into a folder among the system's temporary ones.
    ///
    /// # Errors
    ///
    /// There is none of these there, or it cannot be read. See [`Unpacked`] and [`Workbook`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_within(path, &UnpackLimits::default())
    }

    /// The same, with other limits for an archive.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_within(path: impl AsRef<Path>, limits: &UnpackLimits) -> Result<Self> {
        let path = path.as_ref();
        let is_zip = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
        if path.is_file() && is_zip {
            let unpacked = Unpacked::new(path, limits)?;
            let mut export = Self::of_folder(unpacked.root())?;
            export._unpacked = Some(unpacked);
            return Ok(export);
        }
        if path.is_file() && Workbook::is_named(path) {
            let root = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let mut export = Self::empty(root.unwrap_or(Path::new(".")).to_owned());
            export.alone = true;
            export.take_workbook(path)?;
            return Ok(export);
        }
        Self::of_folder(path)
    }

    /// Opens a table; none where the export has no such table.
    ///
    /// # Errors
    ///
    /// There are two of that name, or it cannot be opened. See [`Table::open`].
    pub fn table(&self, name: &str, options: &TableOptions, columns: &[Column]) -> Result<Option<Table>> {
        let wanted = folded(name);
        let mut found = self.tables.iter().filter(|(known, _)| *known == wanted);
        let Some((_, place)) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            let message = "the export has this table twice, in other files or other case; leave one";
            return Err(Error::config(message).at("table", name));
        }
        match place {
            Place::Text(path) => Table::open(path, options, columns),
            Place::Sheet(at, sheet) => match self.workbooks.get(*at) {
                Some(workbook) => workbook.table(sheet, options, columns),
                None => return Ok(None),
            },
        }
        .map(Some)
    }

    /// Every table once, with each name it answers to; a workbook's only sheet also has the file's. In the order of the files.
    ///
    /// Names are as they are compared: composed, in small letters.
    pub fn tables(&self) -> impl Iterator<Item = Vec<&str>> {
        let same = |a: &Place, b: &Place| match (a, b) {
            (Place::Text(one), Place::Text(other)) => one == other,
            (Place::Sheet(at, one), Place::Sheet(other_at, other)) => at == other_at && one == other,
            _ => false,
        };
        self.tables
            .chunk_by(move |(_, a), (_, b)| same(a, b))
            .map(|names| names.iter().map(|(name, _)| name.as_str()).collect())
    }

    /// A file beside the tables, by the path that a table names: with either slash, in any script, in any case and composition where
    /// there is one such file alone. None where it is not there.
    ///
    /// # Errors
    ///
    /// The path leads out of the export, or to a link that does; nothing outside is looked at. Or a folder cannot be read.
    pub fn file(&self, path: &str) -> Result<Option<PathBuf>> {
        let outside = || Error::invalid("the path of the file leads out of the export");
        let path = path.trim().replace('\\', "/");
        let mut here = self.root.clone();
        let unreadable = |cause| {
            Error::unavailable("a file of the export cannot be looked at", Retry::Safe).because(cause)
        };
        for part in Path::new(&path).components() {
            let part = match part {
                Component::Normal(part) => part.to_string_lossy(),
                Component::CurDir => continue,
                _ => return Err(outside()),
            };
            match self.entry(&here, &part)? {
                Some(next) => here = next,
                None => return Ok(None),
            }
            if here.is_symlink() {
                // One that leads nowhere has no path.
                let Ok(real) = here.canonicalize() else { return Ok(None) };
                if !real.starts_with(self.root.canonicalize().map_err(unreadable)?) {
                    return Err(outside());
                }
            }
        }
        Ok(here.is_file().then_some(here))
    }

    /// The files in a folder beside the tables, by name: none where there is no such folder. The folder is found as a [`file`](Self::file)
    /// is; hidden files, folders in it and links out of the export are left out.
    ///
    /// # Errors
    ///
    /// The folder leads out of the export, or cannot be read.
    pub fn folder(&self, name: &str) -> Result<Vec<PathBuf>> {
        let Some(dir) = self.entry(&self.root, name)?.filter(|dir| dir.is_dir()) else {
            return Ok(Vec::new());
        };
        let unreadable = |cause| {
            Error::unavailable("a folder of the export cannot be read", Retry::Safe)
                .at("folder", name)
                .because(cause)
        };
        let root = self.root.canonicalize().map_err(unreadable)?;
        let mut files = Vec::new();
        for entry in fs::read_dir(&dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['.', '~']));
            let inside = path.canonicalize().is_ok_and(|real| real.starts_with(&root));
            if path.is_file() && !hidden && inside {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Every file of the export but those its tables are in, at any depth and in no order, one at a time. Hidden files and links are left
    /// out. Of a workbook alone there are those in the folder `beside` it, since its other neighbours may be anything; elsewhere the
    /// name does nothing.
    ///
    /// # Errors
    ///
    /// The folder beside a workbook cannot be looked for. A folder that cannot be read ends the files with an error.
    pub fn files(&self, beside: &str) -> Result<impl Iterator<Item = Result<PathBuf>>> {
        let folder = match self.alone {
            // A link could lead out.
            true => self.entry(&self.root, beside)?.filter(|dir| dir.is_dir() && !dir.is_symlink()),
            false => Some(self.root.clone()),
        };
        Ok(Walk::new(folder, &self.taken))
    }

    /// The entry of a folder with that name; or the only one that has it in other case or composition.
    fn entry(&self, dir: &Path, name: &str) -> Result<Option<PathBuf>> {
        let exact = dir.join(name);
        if exact.exists() {
            return Ok(Some(exact));
        }
        let mut known = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let names = match known.entry(dir.to_owned()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(entries(dir)?),
        };
        Ok(names.get(&folded(name)).cloned().flatten())
    }

    /// Where the files are.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn empty(root: PathBuf) -> Self {
        Self {
            root,
            tables: Vec::new(),
            workbooks: Vec::new(),
            taken: HashSet::new(),
            alone: false,
            folders: Mutex::default(),
            _unpacked: None,
        }
    }

    fn of_folder(dir: &Path) -> Result<Self> {
        let told = |cause: std::io::Error| {
            let message =
                "the export cannot be read; give a folder, a zip archive or a workbook that is there";
            Error::config(message).at("export", dir.display()).because(cause)
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(dir).map_err(told)? {
            let path = entry.map_err(told)?.path();
            let hidden = path.file_name().is_some_and(|name| {
                let name = name.to_string_lossy();
                // Spreadsheet programs leave such files beside one that is open.
                name.starts_with("~$") || name.starts_with('.')
            });
            if path.is_file() && !hidden {
                paths.push(path);
            }
        }
        paths.sort();
        let mut export = Self::empty(dir.to_owned());
        for path in paths {
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
            if ending.is_some_and(|ending| TEXTS.contains(&ending.as_str())) {
                export.taken.insert(path.clone());
                export.tables.push((stem(&path), Place::Text(path)));
            } else if Workbook::is_named(&path) {
                export.take_workbook(&path)?;
            }
        }
        Ok(export)
    }

    /// Each sheet is a table of its name; the only one also of the file's, which is what people name.
    fn take_workbook(&mut self, path: &Path) -> Result<()> {
        let stem = stem(path);
        let workbook = Workbook::open(path)?;
        let at = self.workbooks.len();
        let sheets: Vec<String> = workbook.sheets().map(str::to_owned).collect();
        let only = sheets.len() == 1;
        for sheet in sheets {
            let name = folded(&sheet);
            if only && stem != name {
                self.tables.push((stem.clone(), Place::Sheet(at, sheet.clone())));
            }
            self.tables.push((name, Place::Sheet(at, sheet)));
        }
        self.workbooks.push(workbook);
        self.taken.insert(path.to_owned());
        Ok(())
    }
}

/// The entries of a folder by their folded names; none for a name that several have.
fn entries(dir: &Path) -> Result<Names> {
    let Ok(all) = fs::read_dir(dir) else { return Ok(Names::new()) };
    let mut names = Names::new();
    for entry in all {
        let entry = entry.map_err(|cause| {
            Error::unavailable("a folder of the export cannot be read", Retry::Safe).because(cause)
        })?;
        let path = entry.path();
        names
            .entry(folded(&entry.file_name().to_string_lossy()))
            .and_modify(|one| *one = None)
            .or_insert(Some(path));
    }
    Ok(names)
}

/// A file's name without its ending, as it is compared.
fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| folded(&stem.to_string_lossy())).unwrap_or_default()
}

/// A name as it is compared: composed, in small letters.
fn folded(name: &str) -> String {
    name.trim().nfkc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(export: &Export, table: &str) -> Result<Option<Vec<String>>> {
        let columns = [Column::new("id", ["ID"]).required()];
        let Some(table) = export.table(table, &TableOptions::default(), &columns)? else { return Ok(None) };
        let at = table.position("id").unwrap();
        Ok(Some(table.rows()?.map(|row| row.unwrap().cell(at).to_owned()).collect()))
    }

    fn workbook(path: &Path, sheets: &[&str]) {
        let mut book = rust_xlsxwriter::Workbook::new();
        for name in sheets {
            let sheet = book.add_worksheet().set_name(*name).unwrap();
            sheet.write(0, 0, "ID").unwrap();
            sheet.write(1, 0, format!("{name}-1")).unwrap();
        }
        book.save(path).unwrap();
    }

    #[test]
    fn a_table_is_found_wherever_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("PATIENTS.csv"), "ID\nP-1\n").unwrap();
        fs::write(at("visits.tsv"), "ID\tDay\nA-1\tx\n").unwrap();
        fs::write(at("~$staff.xlsx"), "in use").unwrap();
        workbook(&at("staff.xlsx"), &["Sheet1"]);
        workbook(&at("money.xlsx"), &["Bills", "Payments"]);
        let export = Export::open(dir.path()).unwrap();
        for (table, ids) in [
            ("Patients", "P-1"),
            ("Visits", "A-1"),
            ("Staff", "Sheet1-1"),
            ("bills", "Bills-1"),
            ("payments", "Payments-1"),
        ] {
            assert_eq!(names(&export, table).unwrap(), Some(vec![ids.to_owned()]), "{table}");
        }
        assert_eq!(names(&export, "Messages").unwrap(), None);
        assert_eq!(names(&export, "Money").unwrap(), None, "it has two sheets");
    }

    #[test]
    fn every_table_is_listed_once_with_all_its_names() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("Rules.csv"), "ID\n1\n").unwrap();
        fs::write(dir.path().join("rules.txt"), "ID\n1\n").unwrap();
        workbook(&dir.path().join("money.xlsx"), &["Bills", "Payments"]);
        workbook(&dir.path().join("staff.xlsx"), &["Sheet1"]);
        workbook(&dir.path().join("stock.xlsx"), &["STOCK"]);
        let export = Export::open(dir.path()).unwrap();
        let tables: Vec<_> = export.tables().collect();
        let wanted: [&[&str]; 6] =
            [&["rules"], &["bills"], &["payments"], &["rules"], &["staff", "sheet1"], &["stock"]];
        assert_eq!(tables, wanted);
    }

    #[test]
    fn a_workbook_or_an_archive_alone_is_an_export() {
        let dir = tempfile::tempdir().unwrap();
        let book = dir.path().join("clinic.xlsx");
        workbook(&book, &["Patients", "Staff"]);
        assert_eq!(names(&Export::open(&book).unwrap(), "staff").unwrap(), Some(vec!["Staff-1".to_owned()]));
        let path = dir.path().join("clinic.zip");
        let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
        zip.start_file("Clinic/Patients.csv", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"ID\nP-1\n").unwrap();
        zip.finish().unwrap();
        let export = Export::open(&path).unwrap();
        assert_eq!(names(&export, "Patients").unwrap(), Some(vec!["P-1".to_owned()]));
        let root = export.root().to_owned();
        drop(export);
        assert!(!root.exists());
    }

    #[test]
    fn a_table_twice_is_refused_and_so_is_what_is_no_export() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("Patients.csv"), "ID\n1\n").unwrap();
        fs::write(dir.path().join("patients.txt"), "ID\n1\n").unwrap();
        let export = Export::open(dir.path()).unwrap();
        let error = names(&export, "Patients").unwrap_err();
        assert_eq!(error.place("table"), Some("Patients"), "{error}");
        assert!(Export::open(dir.path().join("gone")).is_err());
        assert!(Export::open(dir.path().join("Patients.csv")).is_err());
    }

    #[test]
    fn all_files_are_told_but_tables_hidden_ones_and_links() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("export");
        fs::create_dir_all(root.join("Files/2024")).unwrap();
        for file in ["Patients.csv", "note.pdf", "Files/a.csv", "Files/2024/b.pdf", "Files/.c", "~$x.xlsx"] {
            fs::write(root.join(file), "x\n").unwrap();
        }
        workbook(&root.join("book.xlsx"), &["Patients", "Staff"]);
        #[cfg(unix)]
        std::os::unix::fs::symlink(dir.path(), root.join("Files/up")).unwrap();
        let told = |path: &Path| {
            let export = Export::open(path).unwrap();
            let mut all: Vec<_> = export
                .files("files")
                .unwrap()
                .map(|file| file.unwrap().strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"))
                .collect();
            all.sort();
            all
        };
        assert_eq!(told(&root), ["Files/2024/b.pdf", "Files/a.csv", "note.pdf"]);
        assert_eq!(told(&root.join("book.xlsx")), ["Files/2024/b.pdf", "Files/a.csv"]);
    }

    #[test]
    fn files_are_found_in_any_script_and_case_and_never_outside() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("export");
        fs::create_dir_all(root.join("files/Scans")).unwrap();
        fs::write(root.join("files/Scans/Rene\u{301} \u{930}\u{93e}\u{935}.pdf"), "x").unwrap();
        fs::write(root.join("files/a.pdf"), "x").unwrap();
        fs::write(dir.path().join("secret.txt"), "x").unwrap();
        let export = Export::open(&root).unwrap();
        for there in [
            "files/Scans/Rene\u{301} \u{930}\u{93e}\u{935}.pdf",
            "FILES\\scans\\ren\u{e9} \u{930}\u{93e}\u{935}.PDF",
            " ./files/A.pdf",
        ] {
            assert!(export.file(there).unwrap().is_some(), "{there}");
        }
        for gone in ["files/b.pdf", "files", "", "files/a.pdf/x"] {
            assert_eq!(export.file(gone).unwrap(), None, "{gone}");
        }
        for outside in ["../secret.txt", "files/../../secret.txt", "/etc/passwd", "..\\secret.txt"] {
            assert!(export.file(outside).is_err(), "{outside}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink(dir.path().join("secret.txt"), root.join("files/link.txt")).unwrap();
            symlink(dir.path(), root.join("files/up")).unwrap();
            symlink(root.join("files/Scans"), root.join("files/Same")).unwrap();
            symlink(root.join("files/gone"), root.join("files/dead")).unwrap();
            // What was in the folders is remembered.
            let export = Export::open(&root).unwrap();
            assert_eq!(export.file("files/DEAD").unwrap(), None);
            for outside in ["files/link.txt", "files/up/secret.txt", "files/up/gone.txt"] {
                assert!(export.file(outside).is_err(), "{outside}");
            }
            assert!(export.file("files/Same/ren\u{e9} \u{930}\u{93e}\u{935}.pdf").unwrap().is_some());
        }
    }
}
