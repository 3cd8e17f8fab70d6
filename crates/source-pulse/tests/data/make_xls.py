#!/usr/bin/env python3
"""Makes clinic.xls of the tables in clinic/, as a person's spreadsheet program would: numbers, dates and times as such.

Needs xlwt 1.3.0 (pip install xlwt). Run it in this folder after a change of the tables.
"""

import csv
import datetime
import re

import xlwt


def cell(text):
    """The value of a cell, and how it is shown."""
    if re.fullmatch(r"[1-9]\d{0,14}", text):
        return int(text), "0"
    for pattern, shown in (("%d/%m/%Y", "dd/mm/yyyy"), ("%d/%m/%Y %H:%M", "dd/mm/yyyy hh:mm"), ("%H:%M", "hh:mm")):
        try:
            value = datetime.datetime.strptime(text, pattern)
            return (value.time() if shown == "hh:mm" else value), shown
        except ValueError:
            pass
    return text, "General"


book = xlwt.Workbook()
for name in ("Patients", "Appointments", "Staff"):
    sheet = book.add_sheet(name)
    with open(f"clinic/{name}.csv", encoding="utf-8", newline="") as file:
        for row, cells in enumerate(csv.reader(file)):
            for column, text in enumerate(cells):
                value, shown = cell(text)
                if text:
                    sheet.write(row, column, value, xlwt.easyxf(num_format_str=shown))
book.save("clinic.xls")
