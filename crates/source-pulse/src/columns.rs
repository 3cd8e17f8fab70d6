//! Which columns the files have, under which headers.

/// A field that stands in a column, and the usual headers of it.
pub(crate) type Usual = (&'static str, &'static [&'static str]);

pub(crate) const PATIENT_COLUMNS: &[Usual] = &[
    ("patient_id", PATIENT_ID),
    ("name", &["Patient Name", "Name", "Full Name"]),
    ("first_name", &["First Name", "Given Name"]),
    ("last_name", &["Last Name", "Surname", "Family Name"]),
    ("mobile", &["Mobile Number", "Mobile", "Mobile No", "Phone", "Phone Number", "Contact Number"]),
    (
        "alternate_phone",
        &["Alternate Number", "Alternate Phone", "Alternate Mobile", "Secondary Mobile", "Other Phone"],
    ),
    ("email", &["Email", "Email Address", "Email ID"]),
    ("gender", &["Gender", "Sex"]),
    ("date_of_birth", &["Date of Birth", "DOB", "Birth Date"]),
    ("age", &["Age"]),
    ("blood_group", &["Blood Group", "Blood Type"]),
    ("address", &["Address", "Full Address", "Street Address"]),
    ("city", &["City", "Town"]),
    ("pincode", &["Pincode", "PIN", "Postal Code", "Postcode", "Zip", "Zip Code"]),
    ("allergy_notes", &["Allergy Notes", "Allergies", "Allergy"]),
    ("medical_history", &["Medical History", "History"]),
    ("referring_physician", &["Referring Physician", "Referring Doctor", "Referred By"]),
    ("insurance_carrier", &["Insurance Carrier", "Insurance Company", "Insurance"]),
    ("doctor", DOCTOR),
    ("clinic", CLINIC),
    ("registered_on", &["Registered On", "Registration Date", "Registered", "Created On", "Created At"]),
    ("last_modified", MODIFIED),
];

pub(crate) const APPOINTMENT_COLUMNS: &[Usual] = &[
    ("appointment_id", &["Appointment ID", "Appointment Number", "Appointment No", "Visit ID"]),
    ("patient_id", PATIENT_ID),
    ("patient_name", PATIENT_NAME),
    ("patient_phone", PATIENT_PHONE),
    ("date", &["Date", "Appointment Date", "Visit Date"]),
    ("time", &["Time", "Appointment Time", "Start Time", "Slot"]),
    ("duration_minutes", &["Duration", "Duration Minutes", "Duration (min)", "Minutes"]),
    ("doctor", DOCTOR),
    ("type", &["Type", "Appointment Type", "Visit Type"]),
    ("status", &["Status", "Appointment Status"]),
    ("notes", &["Notes", "Note", "Remarks", "Comments"]),
    ("clinic", CLINIC),
    ("created_on", &["Created On", "Created At", "Booked On"]),
    ("last_modified", MODIFIED),
];

pub(crate) const STAFF_COLUMNS: &[Usual] = &[
    ("name", &["Name", "Staff Name", "Full Name", "Doctor Name", "Doctor"]),
    ("email", &["Email", "Email Address", "Email ID"]),
    ("role", &["Role", "Designation", "Position"]),
    ("specialty", &["Specialty", "Speciality", "Specialization", "Department"]),
];

pub(crate) const CLINIC_COLUMNS: &[Usual] = &[
    ("name", &["Clinic Name", "Name", "Clinic", "Branch", "Branch Name"]),
    ("code", &["Clinic ID", "ID", "Clinic Code", "Code", "Clinic No"]),
    ("phone", &["Phone", "Phone Number", "Mobile", "Mobile Number", "Contact Number"]),
    ("email", &["Email", "Email Address", "Email ID"]),
    ("address", &["Address", "Full Address", "Street Address"]),
    ("city", &["City", "Town"]),
    ("pincode", &["Pincode", "PIN", "Postal Code", "Postcode", "Zip", "Zip Code"]),
];

pub(crate) const CAMPAIGN_COLUMNS: &[Usual] = &[
    ("touch_id", &["Touch ID", "Message ID", "Outreach ID"]),
    ("patient_id", PATIENT_ID),
    ("patient_name", PATIENT_NAME),
    ("patient_phone", PATIENT_PHONE),
    ("campaign", &["Campaign", "Campaign Name", "Promotion"]),
    ("date", &["Date", "Sent On", "Touch Date", "Touched On", "Sent At", "Touch Time"]),
    ("time", &["Time", "Sent Time"]),
    ("channel", &["Channel", "Medium", "Via"]),
    ("status", &["Status", "Delivery Status", "Outcome"]),
    ("message", &["Message", "Content", "Text", "Notes"]),
    ("clinic", CLINIC),
    ("last_modified", MODIFIED),
];

pub(crate) const PRESCRIPTION_COLUMNS: &[Usual] = &[
    ("prescription_id", &["Prescription ID", "Prescription No", "Prescription Number", "Rx No", "Rx ID"]),
    ("patient_id", PATIENT_ID),
    ("patient_name", PATIENT_NAME),
    ("patient_phone", PATIENT_PHONE),
    ("date", &["Date", "Prescription Date", "Prescribed On"]),
    ("doctor", DOCTOR),
    ("drug", &["Drug", "Drug Name", "Medicine", "Medicine Name", "Medication"]),
    ("dosage", &["Dosage", "Dose", "Strength"]),
    ("frequency", &["Frequency", "Schedule", "When"]),
    ("duration", &["Duration", "Days"]),
    ("quantity", &["Quantity", "Qty"]),
    ("refills", &["Refills", "Refill Count", "Repeats"]),
    ("instructions", &["Instructions", "Instruction", "Directions"]),
    ("status", &["Status", "Prescription Status"]),
    ("notes", &["Notes", "Note", "Remarks", "Comments"]),
    ("file", FILE),
    ("clinic", CLINIC),
    ("last_modified", MODIFIED),
];

pub(crate) const NOTE_COLUMNS: &[Usual] = &[
    ("note_id", &["Note ID", "Note No", "Record ID", "Encounter ID", "Visit ID"]),
    ("patient_id", PATIENT_ID),
    ("patient_name", PATIENT_NAME),
    ("patient_phone", PATIENT_PHONE),
    ("date", &["Date", "Note Date", "Visit Date", "Encounter Date", "Recorded On"]),
    ("time", &["Time", "Note Time", "Visit Time"]),
    ("doctor", DOCTOR),
    ("type", &["Type", "Note Type", "Record Type", "Encounter Type"]),
    ("chief_complaint", &["Chief Complaint", "Complaint", "Complaints", "Presenting Complaint"]),
    ("diagnosis", &["Diagnosis", "Diagnoses", "Assessment"]),
    ("treatment_plan", &["Treatment Plan", "Plan", "Treatment"]),
    ("notes", &["Notes", "Note", "Description", "Remarks", "Comments"]),
    ("file", FILE),
    ("clinic", CLINIC),
    ("last_modified", MODIFIED),
];

pub(crate) const BILL_COLUMNS: &[Usual] = &[
    ("bill_no", BILL),
    ("patient_id", PATIENT_ID),
    ("patient_name", PATIENT_NAME),
    ("patient_phone", PATIENT_PHONE),
    ("date", &["Date", "Bill Date", "Invoice Date"]),
    ("due", &["Due", "Due Date"]),
    ("doctor", DOCTOR),
    ("item", &["Item", "Item Name", "Treatment Name", "Treatment", "Service", "Description"]),
    ("quantity", &["Quantity", "Qty"]),
    ("unit_cost", &["Unit Cost", "Unit Price", "Rate", "Price", "Cost"]),
    ("discount", &["Discount"]),
    ("discount_type", &["Discount Type"]),
    ("tax_name", &["Tax Name"]),
    ("tax_percent", &["Tax Percent", "Tax Rate", "GST %"]),
    ("total", &["Total", "Total Amount", "Net Amount", "Bill Amount"]),
    ("paid", &["Paid", "Paid Amount", "Amount Paid", "Received"]),
    ("balance", &["Balance", "Outstanding", "Amount Due", "Due Amount"]),
    ("status", &["Status", "Bill Status", "Payment Status"]),
    ("notes", &["Notes", "Note", "Remarks", "Comments"]),
    ("clinic", CLINIC),
    ("last_modified", MODIFIED),
];

pub(crate) const PAYMENT_COLUMNS: &[Usual] = &[
    ("receipt_no", &["Receipt No", "Receipt Number", "Payment ID", "Payment No"]),
    ("bill_no", BILL),
    ("patient_id", PATIENT_ID),
    ("patient_name", PATIENT_NAME),
    ("patient_phone", PATIENT_PHONE),
    ("date", &["Date", "Payment Date", "Paid On"]),
    ("amount", &["Amount", "Amount Paid", "Paid", "Paid Amount"]),
    ("mode", &["Mode", "Payment Mode", "Method", "Payment Method"]),
    ("notes", &["Notes", "Note", "Remarks", "Comments"]),
];

const PATIENT_ID: &[&str] =
    &["Patient ID", "Patient Number", "Patient No", "Patient Code", "Medical Record Number", "MRN"];
const PATIENT_NAME: &[&str] = &["Patient Name", "Name"];
const PATIENT_PHONE: &[&str] = &[
    "Patient Phone",
    "Patient Mobile",
    "Mobile Number",
    "Mobile",
    "Mobile No",
    "Phone",
    "Phone Number",
    "Contact Number",
];
const BILL: &[&str] = &["Bill No", "Bill Number", "Invoice No", "Invoice Number", "Bill ID", "Invoice ID"];
const FILE: &[&str] = &["File Name", "File", "Attachment", "PDF", "Scan", "Document"];
const DOCTOR: &[&str] = &["Doctor", "Doctor Name", "Physician", "Physician Name", "Owner"];
const CLINIC: &[&str] = &["Clinic", "Clinic Name", "Branch", "Practice"];
const MODIFIED: &[&str] =
    &["Last Modified", "Modified On", "Modified At", "Last Updated", "Updated On", "Updated At"];
