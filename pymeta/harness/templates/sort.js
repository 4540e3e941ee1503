"use strict";

// Sort: each header becomes a button, and a row without a value stays last whichever way the others go.
const collate = new Intl.Collator("en", { numeric: true }).compare;
const valueOf = (row, column) => row.cells[column]?.dataset.sort ?? row.cells[column]?.textContent.trim() ?? "";
const compare = (a, b) => (isNaN(a) || isNaN(b) ? collate(a, b) : Math.sign(a - b) || 0); // two infinities are equal

function sort(header) {
  const down = header.ariaSort === "ascending", body = header.closest("table").tBodies[0];
  for (const other of header.parentNode.cells) other.ariaSort = "none";
  header.ariaSort = down ? "descending" : "ascending";
  const rows = [...body.rows].map((row) => [valueOf(row, header.cellIndex), row]);
  rows.sort(([a], [b]) => (a === "") - (b === "") || (down ? compare(b, a) : compare(a, b)));
  body.append(...rows.map(([, row]) => row));
}

for (const header of document.querySelectorAll("table.sortable thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...header.childNodes);
  button.addEventListener("click", () => sort(header));
  header.append(button);
  header.ariaSort = "none";
}
