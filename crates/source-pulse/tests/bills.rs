//! Bills and payments read: what belongs together, and that every sum is exact.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]

mod reading;

use mapping_core::record::Record;
use mapping_core::value::Value;
use reading::{Read, kinds, read};

const PATIENTS: (&str, &str) =
    ("Patients.csv", "Patient ID,Patient Name\nP-0001,Asha Rao\nP-0002,Ravi Iyer\n");
const HEADER: &str = "Bill No,Patient ID,Date,Item,Quantity,Unit Cost,Discount,Discount Type,Tax Name,Tax Percent,Total,Paid,Balance,Status\n";

fn bills(rows: &str) -> Read {
    let all = read(&[PATIENTS, ("Bills.csv", &format!("{HEADER}{rows}"))]);
    all.into_iter().find(|(entity, _)| *entity == "bill").unwrap().1
}

fn paid(rows: &str, payments: &str) -> Read {
    let payments = format!("Receipt No,Bill No,Patient ID,Date,Amount,Mode\n{payments}");
    let all = read(&[PATIENTS, ("Bills.csv", &format!("{HEADER}{rows}")), ("Payments.csv", &payments)]);
    all.into_iter().find(|(entity, _)| *entity == "bill").unwrap().1
}

fn amount(record: &Record, field: &str) -> String {
    match record.value(field) {
        Value::Decimal(exact) => exact.normalize().to_string(),
        other => panic!("{field}: {other:?}"),
    }
}

/// The maps of a list, each as `field=value` in order.
fn list(record: &Record, field: &str) -> Vec<String> {
    let Value::List(values) = record.value(field) else { panic!("{field} is no list") };
    let shown = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Decimal(exact) => exact.normalize().to_string(),
        Value::Date(date) => date.to_string(),
        other => format!("{other:?}"),
    };
    let one = |value: &Value| match value {
        Value::Map(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name}={}", shown(value)))
            .collect::<Vec<_>>()
            .join(" "),
        other => panic!("{other:?}"),
    };
    values.iter().map(one).collect()
}

#[test]
fn rows_of_a_bill_are_one_bill_wherever_they_stand() {
    let read = bills(
        "B-1,P-0001,31/01/2024,Consultation,1,500,,,,,\"1,680.00\",0,1680,Unpaid\n\
         B-2,2,31/01/2024,Dressing,2,62.50,,,,,125,0,125,Unpaid\n\
         B-1,P-0001,31/01/2024,Teeth cleaning,1,1000,,,GST,18,\"1,680.00\",0,1680,Unpaid\n",
    );
    assert_eq!(read.refusals, []);
    let [one, two] = &read.records[..] else { panic!("{} bills", read.records.len()) };
    assert_eq!((one.key().to_string(), one.origin().unwrap().line), ("bill/B-1".to_owned(), 2));
    let lines = [
        "name=Consultation price_unit=500 quantity=1",
        "name=Teeth cleaning price_unit=1000 quantity=1",
        "name=GST 18%: Teeth cleaning price_unit=180 quantity=1",
    ];
    assert_eq!(list(one, "lines"), lines);
    assert_eq!([amount(one, "total"), amount(one, "paid"), amount(one, "balance")], ["1680", "0", "1680"]);
    assert_eq!((two.text("patient_id"), amount(two, "total").as_str()), (Some("P-0002"), "125"));
    assert_eq!(kinds(&read), ["id-normalised"]);
    let statement = "Bill B-1 of 2024-01-31\nConsultation: 1 x 500.00 = 500.00\nTeeth cleaning: 1 x 1000.00 = 1000.00\n  GST 18% 180.00\nTotal 1680.00\nTo be paid 1680.00";
    assert_eq!(one.text("statement"), Some(statement));
}

#[test]
fn rows_may_state_the_bills_sums_or_their_own() {
    for totals in [["300", "300"], ["100", "200"], ["300", ""], ["", ""]] {
        let [one, two] = totals;
        let read = bills(&format!(
            "B-1,P-0001,31/01/2024,One,1,100,,,,,{one},,,\nB-1,P-0001,31/01/2024,Two,1,200,,,,,{two},,,\n"
        ));
        assert_eq!(amount(&read.records[0], "total"), "300", "{totals:?}");
        assert_eq!(kinds(&read), [""; 0], "{totals:?}");
        assert_eq!(list(&read.records[0], "lines").len(), 2);
    }
}

#[test]
fn a_total_that_its_rows_do_not_come_to_is_kept_and_told() {
    let read = bills("B-1,P-0001,31/01/2024,One,1,100,,,,,99.50,99.50,0,Paid\n");
    assert_eq!(amount(&read.records[0], "total"), "99.5");
    assert_eq!(
        list(&read.records[0], "lines")[1],
        "name=Difference to the total as exported price_unit=-0.5 quantity=1"
    );
    assert_eq!(kinds(&read), ["total-mismatch"]);
}

#[test]
fn discounts_and_taxes_are_worked_out_to_the_hundredth() {
    let read = bills(
        "B-1,P-0001,31/01/2024,Kit,3,33.33,12.5,Percent,GST,18,,,,\n\
         B-2,P-0001,31/01/2024,Kit,1,₹ 100,10,INR,,,,,,\n\
         B-3,P-0001,31/01/2024,Kit,1,100,5%,,,,,,,\n",
    );
    // 99.99 - 12.50 (12.49875) = 87.49; 18 % of it is 15.7482.
    let totals: Vec<String> = read.records.iter().map(|bill| amount(bill, "total")).collect();
    assert_eq!(totals, ["103.24", "90", "95"]);
    assert_eq!(list(&read.records[0], "lines")[1], "name=Discount: Kit price_unit=-12.5 quantity=1");
}

#[test]
fn payments_find_their_bill_and_keep_their_days() {
    let read = paid(
        "B-1,P-0001,31/01/2024,One,1,500,,,,,500,300,200,Part paid\nB-2,P-0001,31/01/2024,One,1,70,,,,,70,70,0,Paid\n",
        "R-2,B-1,P-0001,15/03/2024,100,UPI\nR-1,B-1,P-0001,28/02/2024,200,Cash\nR-1,B-1,P-0001,,\"0.00\",Cash\n",
    );
    let [one, two] = &read.records[..] else { panic!("{} bills", read.records.len()) };
    let payments = [
        "amount=100 date=2024-03-15 key=R-2 memo=R-2, UPI",
        "amount=200 date=2024-02-28 key=R-1 memo=R-1, Cash",
        "amount=0 date=2024-01-31 key=R-1-2 memo=R-1, Cash",
    ];
    assert_eq!(list(one, "payments"), payments);
    assert_eq!(amount(one, "balance"), "200");
    // What the bill says was paid and no row tells of, was paid on the bill's day.
    assert_eq!(list(two, "payments"), ["amount=70 date=2024-01-31 key=paid memo=Null"]);
    assert_eq!(kinds(&read), ["undated-payment"]);
}

#[test]
fn what_does_not_fit_is_told_and_a_payment_without_its_bill_is_refused() {
    let read = paid(
        "B-1,P-0001,31/01/2024,One,1,500,,,,,500,300,100,Part paid\n",
        "R-1,B-1,P-0002,28/02/2024,200,Cash\nR-2,B-9,P-0001,28/02/2024,10,Cash\nR-3,,P-0001,28/02/2024,10,Cash\n",
    );
    assert_eq!(kinds(&read), ["other-payer", "paid-mismatch", "balance-mismatch"]);
    let refused: Vec<_> =
        read.refusals.iter().map(|refusal| refusal.origin.as_ref().unwrap().to_string()).collect();
    assert_eq!(refused, ["Payments.csv line 3", "Payments.csv line 4"]);
    assert_eq!(list(&read.records[0], "payments").len(), 2);
    assert_eq!(amount(&read.records[0], "paid"), "300");
}

#[test]
fn a_bill_with_an_amount_that_is_none_is_refused_whole() {
    for (row, field) in [
        ("B-1,P-0001,31/01/2024,Two,1,free,,,,,,,,", "unit_cost"),
        ("B-1,P-0001,31/01/2024,Two,1,,,,,,,,,", "unit_cost"),
        ("B-1,P-0001,31/01/2024,Two,some,5,,,,,,,,", "quantity"),
        ("B-1,P-0001,31/01/2024,Two,1,5,half,,,,,,,", "discount"),
        ("B-1,P-0001,31/01/2024,Two,1,5,,,GST,much,,,,", "tax_percent"),
        ("B-1,P-0001,31/01/2024,Two,1,5,,,,,1.2E+05,,,", "total"),
        ("B-1,P-0001,31/01/2024,Two,99999999999999999999999999,99999999999999999999,,,,,,,,", "unit_cost"),
    ] {
        let read = bills(&format!("B-1,P-0001,31/01/2024,One,1,500,,,,,,,,\n{row}\n"));
        assert!(read.records.is_empty(), "{row}");
        let [refusal] = &read.refusals[..] else { panic!("{row}: {}", read.refusals.len()) };
        assert_eq!(refusal.field.as_ref().unwrap().as_str(), field, "{row}");
        assert_eq!(refusal.origin.as_ref().unwrap().line, 3, "{row}");
    }
    let read = paid("B-1,P-0001,31/01/2024,One,1,500,,,,,,,,\n", "R-1,B-1,P-0001,28/02/2024,-200,Cash\n");
    assert!(read.records.is_empty() && read.refusals[0].reason.contains("refund"));
}

#[test]
fn a_bill_whose_first_row_says_not_whose_it_is_is_refused_whole() {
    for first in ["B-1,,31/01/2024,One,1,500,,,,,,,,", "B-1,P-0001,31/02/2024,One,1,500,,,,,,,,", "B-1"] {
        let read = bills(&format!("{first}\nB-1,P-0001,31/01/2024,Two,1,70,,,,,,,,\n"));
        assert!(read.records.is_empty(), "{first}");
        assert_eq!(read.refusals.len(), 1, "{first}");
    }
    // Further rows may leave it out.
    let read = bills("B-1,P-0001,31/01/2024,One,1,500,,,,,,,,\nB-1,,,Two,1,70,,,,,,,,\n");
    assert_eq!((amount(&read.records[0], "total"), read.refusals.len()), ("570".to_owned(), 0));
}

#[test]
fn numbers_that_begin_anew_are_several_bills() {
    let read = paid(
        "7,P-0001,31/01/2023,One,1,500,,,,,,,,\n7,P-0002,31/01/2024,One,1,70,,,,,,,,\n",
        "R-1,7,P-0002,28/02/2024,70,Cash\nR-2,7,,28/02/2024,70,Cash\n",
    );
    assert_eq!(read.records.len() + read.refusals.len(), 3, "{:?}", read.refusals);
    let totals: Vec<String> = read.records.iter().map(|bill| amount(bill, "total")).collect();
    assert_eq!(totals, ["500", "70"]);
    let ids: Vec<String> = read.records.iter().map(|bill| bill.key().to_string()).collect();
    assert_eq!(ids, ["bill/7", "bill/7-2"]);
    assert_eq!(list(&read.records[1], "payments").len(), 1);
    assert_eq!(read.refusals[0].origin.as_ref().unwrap().to_string(), "Payments.csv line 3");
}

#[test]
fn a_patient_knows_the_last_bill_and_what_is_owed() {
    let all = read(&[
        PATIENTS,
        (
            "Bills.csv",
            &format!(
                "{HEADER}B-2,P-0001,31/03/2024,One,1,500.10,,,,,500.10,0,500.10,Unpaid\n\
                 B-1,1,31/01/2024,One,1,0.20,,,,,0.20,0,0.20,Overdue\n\
                 B-3,P-0001,30/06/2024,One,1,900,,,,,900,0,900,Cancelled\n"
            ),
        ),
    ]);
    let [asha, ravi] = &all["patient"].records[..] else { panic!("two patients") };
    assert_eq!(amount(asha, "outstanding_balance"), "500.3");
    assert_eq!(amount(asha, "last_bill_amount"), "500.1");
    assert_eq!(asha.date("last_bill_date").unwrap().to_string(), "2024-03-31");
    assert_eq!(asha.text("billing_status"), Some("Unpaid"));
    assert!(ravi.value("outstanding_balance").is_blank());
    assert_eq!(all["bill"].records[2].value("cancelled"), &Value::Bool(true));
}
