//! A moment of XML-RPC as Odoo's fields want it.

use jiff::civil::DateTime;

/// `20240131T10:20:30` (as XML-RPC writes it) and `2024-01-31T10:20:30` as `2024-01-31 10:20:30`. Nothing for what has a fraction or
/// a zone, or is no moment at all.
pub(crate) fn for_odoo(text: &str) -> Option<String> {
    let forms = ["%Y-%m-%d %H:%M:%S", "%Y%m%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S"];
    let moment = forms.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
    let year = moment.year();
    (1..=9999).contains(&year).then(|| format!("{year:04}{}", moment.strftime("-%m-%d %H:%M:%S")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_get_odoos_form() {
        for written in ["20240131T10:20:30", "2024-01-31T10:20:30", "2024-01-31 10:20:30"] {
            assert_eq!(for_odoo(written).as_deref(), Some("2024-01-31 10:20:30"), "{written}");
        }
        assert_eq!(for_odoo("09990102T00:00:00").as_deref(), Some("0999-01-02 00:00:00"));
        for wrong in ["", "20240131", "20240231T10:20:30", "20240131T10:20:30Z", "2024-01-31 10:20:30.5"] {
            assert_eq!(for_odoo(wrong), None, "{wrong}");
        }
    }
}
