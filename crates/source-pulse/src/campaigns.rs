//! The rows of `Campaigns.csv` as records: whom a campaign reached, and when.

use mapping_core::source::Reading;

use crate::cells::Cells;
use crate::dated::Kind;
use crate::ids::Seen;
use crate::practice::Practice;
use crate::text;

const KIND: Kind = Kind {
    what: "touch",
    id: "touch_id",
    repeated: (
        "repeated-touch",
        "the same patient, day, time, campaign and channel as a row before it; see whether it is the same",
    ),
    anew: None,
};

pub(crate) fn read(practice: &Practice, seen: &mut Seen, mut cells: Cells<'_>) -> Reading {
    let dated = match KIND.read(practice, &mut cells) {
        Ok(dated) => dated,
        Err(refused) => return refused.reading(cells),
    };
    let campaign = cells.text("campaign");
    if campaign.is_none() {
        cells.flag("no-campaign", "the touch names no campaign; it is moved without one", "campaign");
    }
    let channel = cells.text("channel");
    let [of, by] = [&campaign, &channel].map(|text| text::slug(text.as_deref().unwrap_or_default()));
    let id = match KIND.id(dated, [&of, &by], seen, &mut cells) {
        Ok(id) => id,
        Err(refused) => return refused.reading(cells),
    };

    cells.put("campaign", campaign);
    cells.put("channel", channel);
    cells.put_texts(&["patient_name", "status", "message", "clinic"]);
    cells.put_moment("last_modified", "last_modified_text", &practice.zone);
    cells.record(id)
}
