"use strict";
// What is shown for each choice was made when the report was written; here it is only picked and drawn.
let options, pages, contents, config;
const named = { period: "Period", source: "Source", tier: "Customer tier" };
const chosen = {};
const drawn = new Map();

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text; // never as HTML: customers typed some of it
  return made;
}

function slicers() {
  const form = document.getElementById("slicers");
  for (const [name, values] of Object.entries(options)) {
    chosen[name] = values[0];
    const label = element("label", "", named[name]);
    const select = element("select");
    select.id = `slicer-${name}`;
    for (const value of values) select.append(element("option", "", value));
    select.addEventListener("change", () => { chosen[name] = select.value; draw(); });
    label.append(select);
    form.append(label);
  }
  form.addEventListener("submit", (event) => event.preventDefault());
}

function frame() {
  for (const page of pages) {
    const link = element("a", "", page.title);
    link.href = `#${page.name}`;
    document.getElementById("menu").append(link);
    const section = element("section");
    section.id = page.name;
    const blocks = element("div", "blocks");
    for (const block of page.blocks) {
      block.place = element("div", block.wide ? "block wide" : "block");
      block.place.id = `${page.name}-${block.name}`;
      blocks.append(block.place);
    }
    section.append(element("h2", "", page.title), element("p", "asks", page.asks), blocks);
    document.getElementById("pages").append(section);
  }
}

function paint(block, content) {
  block.place.innerHTML = content.html; // written by c360.dashboard.markup, which escapes all that was delivered
  if (!content.spec) return null;
  const chart = element("div", "chart");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", content.says);
  block.place.append(chart);
  const theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  return vegaEmbed(chart, { ...content.spec, config }, { renderer: "svg", actions: false, tooltip: { theme } });
}

function unheeded(block) {
  const ignored = Object.keys(options).filter((name) => chosen[name] !== options[name][0] && !block.by.includes(name));
  return ignored.length ? `not by ${ignored.map((name) => named[name].toLowerCase()).join(" and ")}` : "";
}

async function draw() {
  const said = Object.keys(options).filter((name) => chosen[name] !== options[name][0]).map((name) => `${named[name]}: ${chosen[name]}`);
  document.getElementById("chosen").textContent = said.join(" · ");
  const waiting = [];
  for (const page of pages) {
    for (const block of page.blocks) {
      const which = block.shown[block.by.map((name) => chosen[name]).join("|")];
      const key = `${which} ${unheeded(block)}`;
      if (drawn.get(block) === key) continue;
      drawn.set(block, key);
      waiting.push(paint(block, contents[which]));
      if (unheeded(block)) block.place.append(element("p", "c360-remark", unheeded(block)));
    }
  }
  await Promise.all(waiting);
  document.body.dataset.drawn = JSON.stringify(chosen);
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

async function start() {
  ({ options, pages, contents, config } = await unpacked(document.getElementById("content").textContent));
  slicers();
  frame();
  await draw();
}

start().catch((problem) => {
  document.getElementById("chosen").textContent = `This browser cannot show the report (${problem.message}); a newer one can.`;
});
