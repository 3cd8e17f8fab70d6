//! How calls are made so that nobody is disturbed.

use crate::client::Context;

/// The field that holds a record's identity, in every model that is written to.
pub(crate) const IDENTITY: &str = "x_migration_key";

/// The context of every call. Keys that a model does not know are ignored (measured on 14 and 19).
///
/// - `tracking_disable`: no message, no follower, no notice of partners and leads.
/// - `mail_activity_quick_update`: no mail to the user an activity is given to; `tracking_disable` does not stop that one.
/// - `mail_auto_subscribe_no_notify`: no mail to the new user of a lead.
/// - `no_reset_password`: no invitation to a new user.
/// - `no_mail_to_attendees`: no invitation to an event.
/// - `image_no_postprocess`: images are stored as they are; 19 shrinks those of more than 1,920 pixels (measured).
/// - `active_test`: archived records count as there.
/// - `tz`: dates and times are UTC.
pub(crate) fn context() -> Context {
    Context::new()
        .with("tracking_disable", true)
        .with("mail_create_nolog", true)
        .with("mail_create_nosubscribe", true)
        .with("mail_notrack", true)
        .with("mail_activity_quick_update", true)
        .with("mail_auto_subscribe_no_notify", true)
        .with("no_reset_password", true)
        .with("no_mail_to_attendees", true)
        .with("image_no_postprocess", true)
        .with("active_test", false)
        .with("tz", "UTC")
}
