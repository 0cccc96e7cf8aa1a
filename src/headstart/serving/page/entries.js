// How a person gives the model something: one function for each value of `entry` that the service says.

import { cameraButton } from "./camera.js";
import { make } from "./dom.js";
import { recorderButton } from "./recording.js";

// `give` takes {files: [...]} or {texts: [...]}.
export function entry(kind, give) {
  return (entries[kind] ?? entries.file)(give);
}

const entries = {
  picture: (give) => [dropZone("pictures", "image/*,.tif,.tiff,.dcm,.heic", give, "or paste one"), cameraButton(give)],
  sound: (give) => [dropZone("recordings", "audio/*,.flac,.opus,.wv", give), recorderButton(give)],
  text: (give) => [textBox(give), dropZone("a table or text files", ".csv,.tsv,.jsonl,.ndjson,.txt", give)],
  table: (give) => [dropZone("a table: CSV, TSV or JSON lines", ".csv,.tsv,.jsonl,.ndjson,.json", give, "or paste its cells"), pastedTable(give)],
  file: (give) => [dropZone("files", "", give)],
};

function dropZone(what, accept, give, more = "") {
  const input = make("input", { type: "file", accept, multiple: true, change: () => handed([...input.files]) });
  const zone = make(
    "label",
    { class: "drop", dragover: (event) => over(event, true), dragleave: (event) => over(event, false), drop: dropped },
    input,
    make("span", {}, make("b", {}, "Choose"), ` or drop ${what}`),
    make("span", { class: "quiet small" }, more),
  );

  function handed(files) {
    input.value = "";
    if (files.length) give({ files });
  }
  function over(event, is) {
    event.preventDefault();
    zone.classList.toggle("over", is);
  }
  function dropped(event) {
    over(event, false);
    handed([...event.dataTransfer.files]);
  }
  return zone;
}

export function pastedFiles(give) {
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) give({ files });
  });
}

function textBox(give) {
  const box = make("textarea", { id: "text", "aria-label": "Text", placeholder: "Type or paste a text", keydown: typed });
  function asked() {
    if (box.value.trim()) give({ texts: [box.value] });
  }
  function typed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) asked();
  }
  const button = make("button", { class: "first", click: asked }, "Ask");
  return make("div", {}, box, make("div", { class: "row" }, button, make("span", { class: "quiet small" }, "Ctrl + Enter asks too")), make("p"));
}

function pastedTable(give) {
  const box = make("textarea", { "aria-label": "Cells", placeholder: "Cells with a header, as a spreadsheet copies them, or CSV" });
  function asked() {
    const suffix = box.value.split("\n", 1)[0].includes("\t") ? "tsv" : "csv";
    if (box.value.trim()) give({ files: [new File([box.value], `pasted.${suffix}`)] });
  }
  return make("div", {}, make("p"), box, make("div", { class: "row" }, make("button", { class: "first", click: asked }, "Ask")));
}
