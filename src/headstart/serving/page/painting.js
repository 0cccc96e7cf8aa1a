// A mask that a person puts right: painted over the picture, a class at a time, with a brush of any width.

import { make } from "./dom.js";
import { paint, readOff, scene } from "./places.js";

const GROUND = "background"; // is seen as the picture itself
const UNKNOWN = 255;
const UNKNOWN_COLOUR = "#000000";
const KEPT = 20; // steps that can be taken back
const range = (first, last) => Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);

export function painting({ labels, colours }, { mask: told, shown }) {
  const layer = make("canvas");
  const { classes, png } = JSON.parse(told);
  const table = [...labels.map((label) => (label === GROUND ? null : colours[label] ?? "#888888")), ...Array(UNKNOWN - labels.length).fill(null), UNKNOWN_COLOUR];
  const before = [];
  let values = null;
  const image = new Image();
  image.onload = () => {
    values = readOff(image, layer).map((value) => (value === UNKNOWN ? UNKNOWN : labels.indexOf(classes[value])));
    width.max = Math.ceil(Math.max(layer.width, layer.height) / 4);
    width.value = Math.ceil(Math.max(layer.width, layer.height) / 30);
    paint(layer, values, table);
  };
  image.src = `data:image/png;base64,${png}`;

  const choice = make("select", { "aria-label": "class to paint" }, ...labels.map((label, i) => make("option", { value: i }, label)), make("option", { value: UNKNOWN }, "not known"));
  const width = make("input", { type: "range", min: 1, "aria-label": "width of the brush, in pixels" });
  const strength = make("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0.5, "aria-label": "strength of the colours", input: veil });
  const back = make("button", { type: "button", disabled: true, click: undo }, "Take back");
  const from = make("select", { "aria-label": "class to replace" }, ...labels.map((label, i) => make("option", { value: i }, label)));
  const replace = make("button", { type: "button", click: replaced }, "Paint all of it");

  function veil() {
    layer.style.opacity = strength.value;
  }
  function remember() {
    before.push(values.slice());
    if (before.length > KEPT) before.shift();
    back.disabled = false;
  }
  function undo() {
    values = before.pop();
    back.disabled = !before.length;
    paint(layer, values, table);
  }
  function replaced() {
    remember();
    values = values.map((value) => (value === Number(from.value) ? Number(choice.value) : value));
    paint(layer, values, table);
  }

  let last = null;
  const at = ({ clientX, clientY }) => {
    const { left, top, width: across, height: down } = layer.getBoundingClientRect();
    return [((clientX - left) / across) * layer.width, ((clientY - top) / down) * layer.height];
  };
  layer.addEventListener("pointerdown", (event) => {
    if (!values) return;
    event.preventDefault();
    layer.setPointerCapture(event.pointerId);
    remember();
    last = at(event);
    stroke(last, last);
  });
  layer.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = at(event);
    stroke(last, next);
    last = next;
  });
  for (const end of ["pointerup", "pointercancel"]) layer.addEventListener(end, () => (last = null));

  // Every pixel whose middle is at most half of the brush away from the line gets the class: a run in each row.
  function stroke([x, y], [u, v]) {
    const radius = Math.max(Number(width.value) / 2, 0.71);
    const [value, context] = [Number(choice.value), layer.getContext("2d")];
    const length = (u - x) ** 2 + (v - y) ** 2;
    const near = (row) => (column) => {
      const [across, down] = [column + 0.5 - x, row + 0.5 - y];
      const along = length && Math.min(1, Math.max(0, (across * (u - x) + down * (v - y)) / length));
      return (across - along * (u - x)) ** 2 + (down - along * (v - y)) ** 2 <= radius ** 2;
    };
    const span = (a, b, count) => range(Math.max(0, Math.floor(Math.min(a, b) - radius)), Math.min(count - 1, Math.ceil(Math.max(a, b) + radius)));
    context.fillStyle = table[value] ?? "";
    for (const row of span(y, v, layer.height)) {
      const columns = span(x, u, layer.width).filter(near(row));
      if (!columns.length) continue;
      values.fill(value, row * layer.width + columns[0], row * layer.width + columns.at(-1) + 1);
      context.clearRect(columns[0], row, columns.length, 1);
      if (table[value]) context.fillRect(columns[0], row, columns.length, 1);
    }
  }

  // The same numbers as grey, on a canvas that nobody sees.
  function asPng() {
    const canvas = make("canvas");
    [canvas.width, canvas.height] = [layer.width, layer.height];
    const grey = Array.from({ length: 256 }, (_, value) => `#${value.toString(16).padStart(2, "0").repeat(3)}`);
    paint(canvas, values, grey);
    return canvas.toDataURL("image/png").split(",")[1];
  }

  veil();
  const drawable = scene(shown, layer);
  drawable.classList.add("drawable");
  const row = (...parts) => make("div", { class: "row" }, ...parts);
  const help = make("p", { class: "quiet small" }, "Choose a class, and paint it where it belongs. Or replace one class by it everywhere.");
  const element = make("div", {}, help, drawable, row(make("span", {}, "Paint"), choice), row(width, make("span", { class: "quiet small" }, "width of the brush"), back), row(make("span", {}, "over"), from, replace), row(strength, make("span", { class: "quiet small" }, "strength of the colours")));
  return { element, value: () => ({ classes: labels, png: asPng() }) };
}
