// The page: what the service says of its model decides what can be given and how answers are drawn.

import { answer } from "./answers.js";
import * as asking from "./asking.js";
import { correcting } from "./correcting.js";
import { make } from "./dom.js";
import { entry, pastedFiles } from "./entries.js";

const place = (id) => document.getElementById(id);
const model = await asking.model().catch((error) => say(error.message, true));
if (model) begin();

function begin() {
  document.title = `${model.summary} · Headstart`;
  place("summary").textContent = model.summary;
  place("made").textContent = [
    Object.values(model.made).join(" on "),
    model.labels.length && `${model.labels.length} labels`,
  ].filter(Boolean).join(" · ");
  if (model.correction) place("kept").textContent = ", unless you correct an answer";
  place("uncorrected").hidden = model.correctable;
  place("entry").append(...entry(model.entry, give));
  pastedFiles(give);
  if (model.examples) listExamples();
}

function give({ files, texts }) {
  const few = (files ?? texts).slice(0, model.limits.examples);
  answered(
    () => (files ? asking.predictedFiles(few) : asking.predictedTexts(few)),
    // a table has many examples in one file: there is no telling which file an answer is of
    (records) => (records.length === few.length ? few.map((one) => (files ? fileOf(one) : { text: one })) : []),
  );
}

// Where the model takes texts, a file of one is corrected as what it says.
const fileOf = (file) => (model.entry === "text" ? null : { file });

async function answered(ask, givenOf = () => []) {
  say("Asking …");
  place("answers").replaceChildren();
  try {
    const records = await ask();
    const given = givenOf(records);
    const drawn = records.map((record, i) => withCorrection(answer(record, model), record, given[i]));
    place("answers").replaceChildren(...drawn);
    say(records.length > 1 ? `${records.length} answers` : "");
    reveal(place("answering"));
  } catch (error) {
    say(error.message, true);
  }
}

function withCorrection(element, record, given) {
  if (model.correction && given && !record.error) element.append(correcting(given, model, record));
  return element;
}

function say(text, isProblem = false) {
  const state = place("state");
  state.textContent = text;
  state.hidden = !text;
  state.className = isProblem ? "problem" : "quiet";
}

// On a narrow screen the answer stands below what was asked.
function reveal(section) {
  if (section.getBoundingClientRect().top > window.innerHeight / 2) section.scrollIntoView({ block: "start" });
}

async function listExamples() {
  const list = await asking.examples().catch(() => []);
  const strip = place("examples").querySelector("ul");
  strip.classList.toggle("texts", list.some((one) => one.text !== undefined));
  strip.append(...list.map((one) => make("li", {}, chosen(one))));
  place("examples").hidden = !list.length;
}

function chosen({ number, right, picture, text }) {
  const what = picture ? make("img", { src: picture, alt: `example ${number + 1}` }) : text;
  const told = right === undefined ? null : make("span", { title: right }, right);
  const ask = () => answered(async () => [await asking.example(number)]);
  return make("button", { click: ask }, what, told);
}
