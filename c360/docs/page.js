// Search, and which tables a table of the picture comes from and goes to. Without it all is there to be read.
const box = document.querySelector("header input");
const said = document.querySelector("header output");
const items = new Map([...document.querySelectorAll("nav li a")].map((a) => [a.getAttribute("href").slice(1), a.parentNode]));
const sections = [...document.querySelectorAll("section.table")].map((section) => ({
  section,
  item: items.get(section.id),
  rows: [...section.querySelectorAll(".columns tbody tr")],
}));

if (matchMedia("(min-width: 901px)").matches) {
  for (const part of document.querySelectorAll("nav details[data-wide]")) part.open = true;
}

function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (node) => {
    node.text ??= node.textContent.toLowerCase();
    return words.every((word) => node.text.includes(word));
  };
  let found = 0;
  for (const { section, item, rows } of sections) {
    const shown = holds(section);
    section.hidden = !shown;
    if (item) item.hidden = !shown;
    found += shown;
    for (const row of rows) row.classList.toggle("hit", words.length > 0 && shown && holds(row));
  }
  for (const part of document.querySelectorAll("[data-part]")) {
    part.hidden = words.length > 0 && !part.querySelector("section.table:not([hidden])");
  }
  said.textContent = words.length ? `${found} of ${sections.length} tables` : "";
}

box.addEventListener("input", search);
addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== box) {
    event.preventDefault();
    box.focus();
  }
  if (event.key === "Escape" && document.activeElement === box) {
    box.value = "";
    search();
  }
});
addEventListener("hashchange", () => {
  const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (aim?.closest("[hidden]")) {
    box.value = "";
    search();
    aim.scrollIntoView();
  }
});

for (const picture of document.querySelectorAll("svg.lineage")) {
  const curves = [...picture.querySelectorAll("path[data-from]")];
  const boxes = [...picture.querySelectorAll("a[data-name]")];
  const reach = (start, near, far) => {
    const seen = new Set([start]);
    for (const name of seen) for (const c of curves) if (c.dataset[near] === name) seen.add(c.dataset[far]);
    return seen;
  };
  const light = (name) => {
    picture.classList.toggle("chosen", Boolean(name));
    if (!name) return;
    const up = reach(name, "to", "from"), down = reach(name, "from", "to");
    for (const b of boxes) b.classList.toggle("lit", up.has(b.dataset.name) || down.has(b.dataset.name));
    for (const { classList, dataset } of curves) {
      classList.toggle("lit", (up.has(dataset.to) && up.has(dataset.from)) || (down.has(dataset.from) && down.has(dataset.to)));
    }
  };
  for (const b of boxes) {
    for (const event of ["mouseenter", "focus"]) b.addEventListener(event, () => light(b.dataset.name));
    for (const event of ["mouseleave", "blur"]) b.addEventListener(event, () => light(null));
  }
}
