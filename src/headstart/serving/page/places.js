// Places in a picture: boxes, or a class for every pixel; with a legend to choose from and a slider.

import { drawn, make, percent } from "./dom.js";

const SURE = 0.3;
const colour = (model, label) => model.colours[label] ?? "#888888";

export function boxes({ boxes: found, shown }, model) {
  const layer = drawn("svg", { viewBox: `0 0 ${shown.width} ${shown.height}`, preserveAspectRatio: "none" });
  const frames = found.map((one) => {
    const [left, top, right, bottom] = one.box;
    const place = { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
    const frame = drawn("rect", { ...place, stroke: colour(model, one.label) });
    frame.append(drawn("title", {}, `${one.label} ${percent(one.score)}`));
    layer.append(frame);
    return { ...one, frame };
  });
  const hidden = new Set();
  const counted = make("span", { class: "quiet small" });
  const slider = make("input", { type: "range", min: SURE, max: 1, step: 0.01, value: SURE, "aria-label": "least score", input: update });
  function update() {
    const shownOnes = frames.filter((one) => one.score >= Number(slider.value) && !hidden.has(one.label));
    frames.forEach((one) => one.frame.toggleAttribute("hidden", !shownOnes.includes(one)));
    counted.textContent = `${shownOnes.length} of ${frames.length} boxes, from ${percent(Number(slider.value))} on`;
  }
  const labels = [...new Set(found.map((one) => one.label))].sort();
  const tally = (label) => found.filter((one) => one.label === label).length;
  update();
  return [
    make("p", { class: "said" }, labels.map((label) => `${tally(label)} ${label}`).join(", ") || "nothing found"),
    scene(shown, layer),
    legend(labels, model, hidden, update, (label) => String(tally(label))),
    make("div", { class: "row" }, slider, counted),
  ];
}

export function mask({ mask: told, shares, shown }, model) {
  const layer = make("canvas");
  const hidden = new Set(["background"]);
  const { classes, png } = JSON.parse(told);
  let values = null;
  const image = new Image();
  image.onload = () => {
    values = readOff(image, layer);
    update();
  };
  image.src = `data:image/png;base64,${png}`;
  const slider = make("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0.5, "aria-label": "strength of the colours", input: update });
  function update() {
    layer.style.opacity = slider.value;
    if (values) paint(layer, values, classes.map((name) => (hidden.has(name) ? null : colour(model, name))));
  }
  const labels = Object.keys(shares).filter((name) => shares[name] > 0);
  const most = labels.filter((name) => name !== "background").map((name) => `${percent(shares[name])} ${name}`);
  return [
    make("p", { class: "said" }, most.join(", ") || "nothing found"),
    scene(shown, layer),
    legend(labels, model, hidden, update, (label) => percent(shares[label])),
    make("div", { class: "row" }, slider, make("span", { class: "quiet small" }, "strength of the colours")),
  ];
}

// The class of each pixel: an 8-bit grey picture has it as its red.
export function readOff(image, canvas) {
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 === 0);
}

export function paint(canvas, values, colours) {
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  const table = colours.map((one) => one && [1, 3, 5].map((at) => parseInt(one.slice(at, at + 2), 16)));
  values.forEach((value, i) => {
    if (table[value]) pixels.data.set([...table[value], 255], 4 * i);
  });
  context.putImageData(pixels, 0, 0);
}

export function scene(shown, layer) {
  return make("div", { class: "scene" }, make("img", { src: shown.picture, alt: "the picture that was asked about" }), layer);
}

function legend(labels, model, hidden, update, tally) {
  const entries = labels.map((label) => {
    const box = make("input", { type: "checkbox", checked: !hidden.has(label), change: toggled });
    function toggled() {
      if (box.checked) hidden.delete(label);
      else hidden.add(label);
      update();
    }
    const patch = make("i");
    patch.style.background = colour(model, label);
    return make("li", {}, make("label", {}, box, patch, `${label} `, make("span", { class: "quiet small" }, tally(label))));
  });
  return make("ul", { class: "legend" }, ...entries);
}
