// An answer draws itself by what it has: whatever the task is called, `boxes` are boxes.

import { bars } from "./bars.js";
import { make, number, percent } from "./dom.js";
import { forecast } from "./forecast.js";
import { boxes, mask } from "./places.js";

const drawings = [
  ["boxes", boxes],
  ["mask", mask],
  ["forecast", forecast],
  ["probabilities", bars],
  ["words", words],
  ["translation", (record) => [make("p", { class: "said" }, record.translation)]],
  ["items", items],
  ["value", (record) => [make("p", { class: "said" }, number(record.value))]],
];

export function answer(record, model) {
  if (record.error) return make("article", { class: "answer" }, named(record), make("p", { class: "problem" }, record.error));
  const [key, draw] = drawings.find(([name]) => name in record) ?? [null, plain];
  const places = key === "boxes" || key === "mask";
  return make("article", { class: "answer" }, named(record), ...(places ? [] : example(record)), ...draw(record, model), near(record));
}

// What was asked about, as the service shows it.
function example({ input, shown = {}, forecast: drawsItself }) {
  if (drawsItself) return [];
  return [
    shown.picture && make("img", { class: "seen", src: shown.picture, alt: `what was asked about: ${input}` }),
    shown.sound && make("audio", { controls: true, src: shown.sound }),
    shown.text && make("blockquote", {}, shown.text),
  ].filter(Boolean);
}

function named({ input, shown = {} }) {
  return shown.text === undefined ? make("p", { class: "name" }, input) : null;
}

function near({ shown = {} }) {
  if (!shown.nearest) return null;
  const list = shown.nearest.map(({ similarity, right, picture, text }) =>
    make("li", {}, picture ? make("img", { src: picture, alt: right }) : text, make("span", { title: right }, `${right} · ${similarity.toFixed(2)}`)),
  );
  const kind = shown.nearest.some((one) => one.text !== undefined) ? "strip texts" : "strip";
  return make("div", {}, make("h3", {}, "Nearest training examples"), make("ul", { class: kind }, ...list));
}

function words({ transcription, words: each }) {
  const told = each.map((one) => {
    const sure = one.confidence;
    const word = make("span", { class: sure < 0.5 ? "word doubtful" : "word" }, `${one.word} `);
    word.append(make("small", {}, `${number(one.start)} s · ${percent(sure)}`));
    return word;
  });
  return [make("p", { class: "said" }, transcription || "(nothing)"), make("p", {}, ...told)];
}

function items({ items: names, scores, basis }) {
  const rows = names.map((name, i) => make("li", {}, `${name} `, make("span", { class: "value" }, number(scores[i]))));
  return [make("p", { class: "quiet" }, `made of: ${basis}`), make("ol", {}, ...rows)];
}

function plain({ input, shown, ...rest }) {
  return [make("pre", {}, JSON.stringify(rest, null, 2))];
}
