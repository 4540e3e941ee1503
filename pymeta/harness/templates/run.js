
// Filter: whatever speaks of one quantity says so in data-case, data-quantity and data-verdict. What holds only hidden
// ones is hidden: a column or a row of the map, a comparison.
const text = document.querySelector("#text"), verdict = document.querySelector("#verdict"), map = document.querySelector("#map");
const marked = [...document.querySelectorAll("[data-verdict]")];

function filter() {
  const wanted = text.value.trim().toLowerCase();
  const fits = ({ dataset: d }) =>
    (!verdict.value || d.verdict === verdict.value) && `${d.case}\n${d.quantity}`.toLowerCase().includes(wanted);
  for (const one of marked) one.classList.toggle("out", !fits(one));
  const holds = (one) => one.querySelector("[data-verdict]:not(.out)") !== null;
  for (const group of document.querySelectorAll("#map tbody tr, .check, .ledger")) {
    if (group.querySelector("[data-verdict]")) group.hidden = !holds(group);
  }
  const rows = map ? [...map.tBodies[0].rows] : [];
  const columns = map ? [...map.tHead.rows[0].cells].slice(3) : [];
  columns.forEach((header, i) => {
    const gone = !rows.some((row) => row.cells[i + 3].dataset.verdict && !row.cells[i + 3].classList.contains("out"));
    header.hidden = gone;
    for (const row of rows) row.cells[i + 3].hidden = gone;
  });
  const shown = rows.filter((row) => !row.hidden).length;
  document.querySelector("#shown").value = `${shown} of ${rows.length} comparisons shown`;
}

text.addEventListener("input", filter);
verdict.addEventListener("change", filter);
document.querySelector("#filter").addEventListener("submit", (event) => event.preventDefault());
document.querySelector("#filter").hidden = false;
filter();

// A link of the map opens the comparison that it leads to.
const unfold = () => document.querySelector("details:target")?.setAttribute("open", "");
addEventListener("hashchange", unfold);
unfold();
