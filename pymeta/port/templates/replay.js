
// Filter: rows of the table of calls, by what they say and by their bucket.
const text = document.querySelector("#text"), bucket = document.querySelector("#bucket"), form = document.querySelector("#filter");
const calls = [...(document.querySelector("#calls")?.tBodies[0].rows ?? [])];

function filter() {
  const wanted = text.value.trim().toLowerCase();
  for (const row of calls) {
    row.hidden = (bucket.value && row.dataset.bucket !== bucket.value) || !row.textContent.toLowerCase().includes(wanted);
  }
  document.querySelector("#shown").value = `${calls.filter((row) => !row.hidden).length} of ${calls.length} calls shown`;
}

text.addEventListener("input", filter);
bucket.addEventListener("change", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
filter();
