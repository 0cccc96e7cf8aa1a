// Boxes that a person puts right: drawn on the picture, or typed in its pixels; each has a label and can go.

import { drawn, make } from "./dom.js";

const SIDES = ["left", "top", "right", "bottom"];
const LEAST = 3; // pixels: a click is no box

export function drawing({ labels, colours }, { boxes: found, shown }) {
  const layer = drawn("svg", { viewBox: `0 0 ${shown.width} ${shown.height}`, preserveAspectRatio: "none" });
  const list = make("ul", { class: "drawn" });
  const told = new Set();
  const begun = labels[0];

  function add(label, corners) {
    const frame = drawn("rect");
    const choice = make("select", { "aria-label": "label of the box", change: update }, ...labels.map((one) => make("option", {}, one)));
    const sides = corners.map((value, side) => make("input", { type: "number", step: "any", required: true, value: Math.round(value), "aria-label": SIDES[side], input: update }));
    const remove = make("button", { type: "button", click: gone }, "Remove");
    const row = make("li", { focusin: lit, focusout: unlit, pointerenter: lit, pointerleave: unlit }, choice, ...sides, remove);
    const box = { value: () => ({ label: choice.value, box: sides.map((one) => Number(one.value)) }) };
    function update() {
      const { label: chosen, box: [left, top, right, bottom] } = box.value();
      const place = { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top), stroke: colours[chosen] ?? "#888888" };
      for (const [name, value] of Object.entries(place)) frame.setAttribute(name, value);
    }
    function lit() {
      frame.classList.add("lit");
    }
    function unlit() {
      frame.classList.remove("lit");
    }
    function gone() {
      frame.remove();
      row.remove();
      told.delete(box);
    }
    choice.value = label;
    update();
    layer.append(frame);
    list.append(row);
    told.add(box);
  }

  let start = null, ghost = null;
  const at = ({ clientX, clientY }) => {
    const { left, top, width, height } = layer.getBoundingClientRect();
    const inside = (share) => Math.min(Math.max(share, 0), 1);
    return [inside((clientX - left) / width) * shown.width, inside((clientY - top) / height) * shown.height];
  };
  const between = ([x, y], [u, v]) => [Math.min(x, u), Math.min(y, v), Math.max(x, u), Math.max(y, v)];
  layer.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    layer.setPointerCapture(event.pointerId);
    start = at(event);
    ghost = drawn("rect", { class: "ghost" });
    layer.append(ghost);
  });
  layer.addEventListener("pointermove", (event) => {
    if (!start) return;
    const [left, top, right, bottom] = between(start, at(event));
    for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) ghost.setAttribute(name, value);
  });
  layer.addEventListener("pointerup", (event) => {
    if (!start) return;
    const corners = between(start, at(event));
    ghost.remove();
    start = null;
    if (corners[2] - corners[0] >= LEAST && corners[3] - corners[1] >= LEAST) add(begun, corners);
  });
  layer.addEventListener("pointercancel", () => {
    ghost?.remove();
    start = null;
  });

  found.forEach((one) => add(one.label, one.box));
  const middle = [shown.width / 4, shown.height / 4, (3 * shown.width) / 4, (3 * shown.height) / 4];
  const more = make("button", { type: "button", click: () => add(begun, middle) }, "Add a box");
  const scene = make("div", { class: "scene drawable" }, make("img", { src: shown.picture, alt: "the picture to draw boxes on", draggable: "false" }), layer);
  const help = make("p", { class: "quiet small" }, "Draw what is missing on the picture, remove what is not there, and choose the label of each. The numbers are its left, top, right and bottom, in pixels.");
  return { element: make("div", {}, help, scene, list, more), value: () => [...told].map((one) => one.value()) };
}
