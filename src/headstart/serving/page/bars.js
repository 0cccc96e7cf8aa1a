// How likely each label is, and where the line is below which the model would rather not say.

import { drawn, make, number, percent } from "./dom.js";

const FEW = 8;
const SET = 0.5; // of several labels those are said that are more likely than not

export function bars(record, model) {
  const several = Array.isArray(record.labels);
  const chosen = new Set(several ? record.labels : [record.label]);
  const line = several ? SET : model.abstain?.threshold;
  const sorted = Object.entries(record.probabilities).sort((one, other) => other[1] - one[1]);
  const rows = sorted.map(([label, share]) => row(label, share, chosen.has(label), line));
  rows.slice(FEW).forEach((one) => (one.hidden = true));
  const said = make("p", { class: "said" }, [...chosen].join(", ") || "(no label)");
  if (record.abstain) said.append(make("span", { class: "tag" }, "unsure"));
  return [said, make("ul", { class: "bars" }, ...rows), all(rows), key(several, model.abstain)].filter(Boolean);
}

function row(label, share, isChosen, line) {
  const bar = drawn("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
  bar.append(drawn("rect", { class: "fill", width: 100 * share, height: 10 }));
  if (typeof line === "number") bar.append(drawn("line", { x1: 100 * line, x2: 100 * line, y1: -2, y2: 12 }));
  return make(
    "li",
    isChosen ? { class: "chosen" } : {},
    make("b", { title: label }, label),
    make("span", { class: "bar" }, bar),
    make("span", { class: "value" }, percent(share)),
  );
}

function all(rows) {
  if (rows.length <= FEW) return null;
  const button = make("button", { click: shown }, `Show all ${rows.length}`);
  function shown() {
    rows.forEach((one) => (one.hidden = false));
    button.remove();
  }
  return make("div", { class: "row" }, button);
}

function key(several, abstain) {
  if (several) return make("p", { class: "key" }, make("i"), "labels beyond the line are said");
  if (!abstain) return null;
  if (abstain.threshold === null) return make("p", { class: "key" }, "No line: on its own examples this model was never sure enough.");
  return make("p", { class: "key" }, make("i"), `below ${percent(abstain.threshold)} the model is unsure: ${number(100 * abstain.max_error)} % of the others may be wrong`);
}
