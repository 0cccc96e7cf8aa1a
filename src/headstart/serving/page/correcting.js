// "This is wrong": what is right instead, saved for the next run.

import { corrected } from "./asking.js";
import { make } from "./dom.js";
import { drawing } from "./drawing.js";
import { painting } from "./painting.js";

// `given` is the text or the file that was asked about, `record` what was answered.
export function correcting(given, model, record) {
  const field = (fields[model.correction] ?? fields.text)(model, record);
  const state = make("p", { class: "small", role: "status", hidden: true });
  const save = make("button", { class: "first", type: "submit" }, "Save");
  const form = make("form", { hidden: true, submit: saved }, make("label", {}, "What is right?"), field.element, make("div", { class: "row" }, save));
  const open = make("button", { click: () => (form.hidden = !form.hidden) }, "This is wrong");

  async function saved(event) {
    event.preventDefault();
    save.disabled = true;
    state.hidden = false;
    try {
      const told = await corrected(given, field.value());
      state.textContent = `Saved in ${told.folder}: the next run can learn from it.`;
      form.hidden = true;
    } catch (error) {
      state.textContent = error.message;
    }
    save.disabled = false;
  }
  return make("div", { class: "correcting" }, open, form, state);
}

const fields = {
  class: ({ labels }) => {
    const element = make("select", { "aria-label": "the right label" }, ...labels.map((label) => make("option", {}, label)));
    return { element, value: () => element.value };
  },
  classes: ({ labels }) => {
    const boxes = labels.map((label) => make("input", { type: "checkbox", value: label }));
    const element = make("div", { class: "choices" }, ...boxes.map((box) => make("label", {}, box, ` ${box.value}`)));
    return { element, value: () => boxes.filter((box) => box.checked).map((box) => box.value) };
  },
  number: () => {
    const element = make("input", { type: "number", step: "any", required: true, "aria-label": "the right number" });
    return { element, value: () => Number(element.value) };
  },
  boxes: drawing,
  mask: painting,
  text: () => {
    const element = make("textarea", { required: true, "aria-label": "the right words" });
    return { element, value: () => element.value };
  },
};
