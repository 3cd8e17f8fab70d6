//! Accounting's models, as data: as much of them as bills and payments need.

use crate::sandbox::spec::{Fallback, FieldSpec as F, Kind, ModelSpec};

/// The fields that accounting adds to a company.
pub(super) const COMPANY: &[F] = &[
    F::new(Kind::Many2one, "currency_id", "Currency").to("res.currency"),
    F::new(Kind::Date, "fiscalyear_lock_date", "Global Lock Date"),
    F::new(Kind::Date, "period_lock_date", "Lock Date for Non-Advisers").only14(),
    F::new(Kind::Date, "tax_lock_date", "Tax Lock Date"),
    F::new(Kind::Date, "sale_lock_date", "Sales Lock Date").only19(),
    F::new(Kind::Date, "purchase_lock_date", "Purchase Lock Date").only19(),
    F::new(Kind::Date, "hard_lock_date", "Hard Lock Date").only19(),
    F::new(Kind::Boolean, "tax_exigibility", "Use Cash Basis"),
    F::new(Kind::Many2one, "account_sale_tax_id", "Default Sale Tax").to("account.tax"),
];

/// The fields that accounting adds to a contact. Their values are the company's: no contact has to be given them.
pub(super) const PARTNER: &[F] = &[
    F::new(Kind::Many2one, "property_account_receivable_id", "Account Receivable")
        .to("account.account")
        .required()
        .unstored()
        .only14(),
    F::new(Kind::Many2one, "property_account_receivable_id", "Account Receivable")
        .to("account.account")
        .unstored()
        .only19(),
];

pub(super) const MODELS: &[ModelSpec] = &[
    ModelSpec::new("decimal.precision", "Decimal Precision", PRECISION),
    ModelSpec::new("account.account.type", "Account Type", TYPE).until(14),
    ModelSpec::new("account.account", "Account", ACCOUNT).order("code"),
    ModelSpec::new("account.tax", "Tax", TAX),
    ModelSpec::new("account.payment.term", "Payment Terms", TERM),
    ModelSpec::new("account.journal", "Journal", JOURNAL).order("sequence, type, code"),
    ModelSpec::new("account.move", "Journal Entry", MOVE).order("date desc, name desc, id desc").thread(),
    ModelSpec::new("account.move.line", "Journal Item", ITEM).order("date desc, id"),
    ModelSpec::new("account.partial.reconcile", "Partial Reconcile", PARTIAL),
    ModelSpec::new("account.full.reconcile", "Full Reconcile", WHOLE),
];

/// On 14 a payment is a move with fields of its own.
pub(super) const PAYMENT_14: ModelSpec =
    ModelSpec::new("account.payment", "Payments", PAYMENT).delegates("move_id").thread();
pub(super) const PAYMENT_19: ModelSpec = ModelSpec::new("account.payment", "Payments", PAYMENT).thread();

const PRECISION: &[F] = &[
    F::new(Kind::Char, "name", "Usage").required(),
    F::new(Kind::Integer, "digits", "Digits").required().or(Fallback::Number(2)),
];

const TYPE: &[F] = &[
    F::new(Kind::Char, "name", "Account Type").required(),
    F::new(Kind::Selection, "type", "Type")
        .choices(&[
            ("other", "Regular"),
            ("receivable", "Receivable"),
            ("payable", "Payable"),
            ("liquidity", "Liquidity"),
        ])
        .required(),
];

const ACCOUNT: &[F] = &[
    F::new(Kind::Char, "name", "Account Name").required(),
    F::new(Kind::Char, "code", "Code").required(),
    F::new(Kind::Many2one, "user_type_id", "Type").to("account.account.type").required().until(14),
    F::new(Kind::Selection, "account_type", "Type")
        .choices(&[
            ("asset_receivable", "Receivable"),
            ("asset_cash", "Bank and Cash"),
            ("asset_current", "Current Assets"),
            ("liability_current", "Current Liabilities"),
            ("income", "Income"),
        ])
        .required()
        .since(16),
    F::new(Kind::Many2one, "company_id", "Company")
        .to("res.company")
        .required()
        .or(Fallback::Company)
        .until(17),
    F::new(Kind::Many2many, "company_ids", "Companies").to("res.company").required().since(19),
    F::new(Kind::Boolean, "reconcile", "Allow Reconciliation"),
    F::new(Kind::Many2many, "tax_ids", "Default Taxes").to("account.tax"),
];

const TAX: &[F] = &[
    F::new(Kind::Char, "name", "Tax Name").required(),
    F::new(Kind::Float, "amount", "Amount").required(),
    F::new(Kind::Selection, "type_tax_use", "Tax Type")
        .choices(&[("sale", "Sales"), ("purchase", "Purchases"), ("none", "None")])
        .required()
        .or(Fallback::Text("sale")),
    F::new(Kind::Many2one, "company_id", "Company").to("res.company").or(Fallback::Company),
];

const TERM: &[F] = &[F::new(Kind::Char, "name", "Payment Terms").required()];

const JOURNAL: &[F] = &[
    F::new(Kind::Char, "name", "Journal Name").required(),
    F::new(Kind::Char, "code", "Short Code").required(),
    F::new(Kind::Selection, "type", "Type")
        .choices(&[
            ("sale", "Sales"),
            ("purchase", "Purchase"),
            ("cash", "Cash"),
            ("bank", "Bank"),
            ("general", "Miscellaneous"),
        ])
        .required(),
    F::new(Kind::Integer, "sequence", "Sequence").or(Fallback::Number(10)),
    F::new(Kind::Many2one, "company_id", "Company").to("res.company").required().or(Fallback::Company),
    F::new(Kind::Many2one, "default_account_id", "Default Account").to("account.account").restrict(),
    F::new(Kind::Many2one, "payment_debit_account_id", "Outstanding Receipts Account")
        .to("account.account")
        .restrict()
        .only14(),
    F::new(Kind::Many2one, "payment_credit_account_id", "Outstanding Payments Account")
        .to("account.account")
        .restrict()
        .only14(),
    F::new(Kind::Boolean, "restrict_mode_hash_table", "Lock Posted Entries with Hash"),
];

const MOVE: &[F] = &[
    F::new(Kind::Char, "name", "Number"),
    F::new(Kind::Char, "ref", "Reference"),
    F::new(Kind::Text, "narration", "Terms and Conditions").until(14),
    F::new(Kind::Html, "narration", "Terms and Conditions").since(16),
    F::new(Kind::Date, "date", "Date").required().indexed(),
    F::new(Kind::Selection, "state", "Status")
        .choices(&[("draft", "Draft"), ("posted", "Posted"), ("cancel", "Cancelled")])
        .required()
        .readonly()
        .or(Fallback::Text("draft")),
    F::new(Kind::Boolean, "posted_before", "Posted Before"),
    F::new(Kind::Many2one, "payment_id", "Payment").to("account.payment").readonly().until(17),
    F::new(Kind::Boolean, "to_check", "To Check").until(17),
    F::new(Kind::Boolean, "auto_post", "Post Automatically").until(14),
    F::new(Kind::Selection, "auto_post", "Auto-post")
        .choices(&[
            ("no", "No"),
            ("at_date", "At Date"),
            ("monthly", "Monthly"),
            ("quarterly", "Quarterly"),
            ("yearly", "Yearly"),
        ])
        .required()
        .or(Fallback::Text("no"))
        .since(16),
    F::new(Kind::Selection, "move_type", "Type")
        .choices(&[
            ("entry", "Journal Entry"),
            ("out_invoice", "Customer Invoice"),
            ("out_refund", "Customer Credit Note"),
        ])
        .required()
        .or(Fallback::Text("entry")),
    F::new(Kind::Many2one, "journal_id", "Journal").to("account.journal").required().restrict(),
    F::new(Kind::Many2one, "company_id", "Company").to("res.company").or(Fallback::Company),
    F::new(Kind::Many2one, "currency_id", "Currency").to("res.currency").required(),
    F::new(Kind::Many2one, "partner_id", "Partner").to("res.partner").restrict(),
    F::new(Kind::Date, "invoice_date", "Invoice/Bill Date"),
    F::new(Kind::Date, "invoice_date_due", "Due Date"),
    F::new(Kind::Many2one, "invoice_payment_term_id", "Payment Terms").to("account.payment.term"),
    F::new(Kind::One2many, "line_ids", "Journal Items").to("account.move.line").inverse("move_id"),
    F::new(Kind::One2many, "invoice_line_ids", "Invoice lines").to("account.move.line").inverse("move_id"),
    F::new(Kind::Monetary, "amount_untaxed", "Untaxed Amount").readonly(),
    F::new(Kind::Monetary, "amount_tax", "Tax").readonly(),
    F::new(Kind::Monetary, "amount_total", "Total").readonly(),
    F::new(Kind::Monetary, "amount_residual", "Amount Due").readonly(),
    F::new(Kind::Selection, "payment_state", "Payment Status")
        .choices(&[
            ("not_paid", "Not Paid"),
            ("in_payment", "In Payment"),
            ("paid", "Paid"),
            ("partial", "Partially Paid"),
            ("reversed", "Reversed"),
        ])
        .readonly()
        .or(Fallback::Text("not_paid")),
];

const ITEM: &[F] = &[
    F::new(Kind::Many2one, "move_id", "Journal Entry").to("account.move").required().cascade(),
    F::new(Kind::Char, "name", "Label"),
    F::new(Kind::Date, "date", "Date"),
    F::new(Kind::Many2one, "partner_id", "Partner").to("res.partner").restrict(),
    F::new(Kind::Many2one, "account_id", "Account").to("account.account").restrict(),
    F::new(Kind::Float, "quantity", "Quantity").or(Fallback::Number(1)),
    F::new(Kind::Float, "price_unit", "Unit Price"),
    F::new(Kind::Monetary, "price_subtotal", "Subtotal").readonly(),
    F::new(Kind::Many2many, "tax_ids", "Taxes").to("account.tax"),
    F::new(Kind::Many2one, "tax_line_id", "Originator Tax").to("account.tax").readonly(),
    F::new(Kind::Monetary, "debit", "Debit"),
    F::new(Kind::Monetary, "credit", "Credit"),
    F::new(Kind::Monetary, "balance", "Balance"),
    F::new(Kind::Monetary, "amount_residual", "Residual Amount").readonly(),
    F::new(Kind::Boolean, "reconciled", "Reconciled").readonly(),
    F::new(Kind::Many2one, "full_reconcile_id", "Matching").to("account.full.reconcile"),
    F::new(Kind::One2many, "matched_debit_ids", "Matched Debits")
        .to("account.partial.reconcile")
        .inverse("credit_move_id"),
    F::new(Kind::One2many, "matched_credit_ids", "Matched Credits")
        .to("account.partial.reconcile")
        .inverse("debit_move_id"),
];

const PAYMENT: &[F] = &[
    F::new(Kind::Many2one, "move_id", "Journal Entry").to("account.move"),
    F::new(Kind::Selection, "state", "State")
        .choices(&[
            ("draft", "Draft"),
            ("in_process", "In Process"),
            ("paid", "Paid"),
            ("canceled", "Canceled"),
            ("rejected", "Rejected"),
        ])
        .readonly()
        .or(Fallback::Text("draft"))
        .only19(),
    F::new(Kind::Date, "date", "Date").or(Fallback::Today).only19(),
    F::new(Kind::Char, "memo", "Memo").only19(),
    F::new(Kind::Many2one, "partner_id", "Customer/Vendor").to("res.partner").restrict().only19(),
    F::new(Kind::Many2one, "journal_id", "Journal").to("account.journal").required().only19(),
    F::new(Kind::Many2one, "currency_id", "Currency").to("res.currency").only19(),
    F::new(Kind::Monetary, "amount", "Amount"),
    F::new(Kind::Selection, "payment_type", "Payment Type")
        .choices(&[("outbound", "Send"), ("inbound", "Receive")])
        .required()
        .or(Fallback::Text("inbound")),
    F::new(Kind::Selection, "partner_type", "Partner Type")
        .choices(&[("customer", "Customer"), ("supplier", "Vendor")])
        .required()
        .or(Fallback::Text("customer")),
];

const PARTIAL: &[F] = &[
    F::new(Kind::Many2one, "debit_move_id", "Debit Move").to("account.move.line").required().restrict(),
    F::new(Kind::Many2one, "credit_move_id", "Credit Move").to("account.move.line").required().restrict(),
    F::new(Kind::Many2one, "full_reconcile_id", "Full Reconcile").to("account.full.reconcile"),
    F::new(Kind::Monetary, "amount", "Amount"),
    F::new(Kind::Monetary, "debit_amount_currency", "Debit Amount Currency"),
    F::new(Kind::Monetary, "credit_amount_currency", "Credit Amount Currency"),
];

const WHOLE: &[F] = &[
    F::new(Kind::One2many, "partial_reconcile_ids", "Reconciliation Parts")
        .to("account.partial.reconcile")
        .inverse("full_reconcile_id"),
    F::new(Kind::One2many, "reconciled_line_ids", "Matched Journal Items")
        .to("account.move.line")
        .inverse("full_reconcile_id"),
];
