"use strict";
// Titles of columns sort their table.
const order = new Intl.Collator("en", { numeric: true });
const sortKey = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.sort ?? (cell.innerText.trim() || cell.querySelector("i")?.className || "");
};
for (const head of document.querySelectorAll("th[data-sortable]")) {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const column = head.cellIndex;
    const rows = [...body.rows].sort((a, b) => order.compare(sortKey(a, column), sortKey(b, column)));
    body.append(...(down ? rows.reverse() : rows));
  });
}

// Fields below the titles filter the index; chosen words are whole cells, typed ones parts of them.
for (const filters of document.querySelectorAll("tr.filters")) {
  const rows = [...filters.closest("table").tBodies[0].rows];
  const fields = [...filters.querySelectorAll("input, select")];
  const matches = (field, text) =>
    field.tagName === "SELECT"
      ? !field.value || text === field.value
      : text.toLowerCase().includes(field.value.trim().toLowerCase());
  const filter = () => {
    for (const row of rows) {
      row.hidden = !fields.every((field, at) => matches(field, row.cells[at].textContent.trim()));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    document.querySelector("[data-count]").textContent = `${shown} of ${rows.length} results`;
  };
  filters.addEventListener("input", filter);
  filter();
}

// A result's page can leave out what went well.
document.getElementById("shown")?.addEventListener("input", (event) => {
  document.body.classList.toggle("failed-only", event.target.value === "failed");
});

// Links that show and hide details.
for (const link of document.querySelectorAll("[data-toggle=collapse]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const target = link.getAttribute("href") ?? link.dataset.target;
    const shown = document.getElementById(target.slice(1)).classList.toggle("show");
    link.setAttribute("aria-expanded", shown);
  });
}
