// What comes next: the last known values, the forecast, and the interval that holds 80 of 100 values.

import { drawn, make, number } from "./dom.js";

const [WIDTH, HEIGHT, LEFT, BELOW] = [640, 280, 58, 24];
const LETTERS = 64; // as wide as a stamp

export function forecast(record) {
  const past = record.shown?.values ?? [];
  const stamps = [...(record.shown?.stamps ?? []), ...(record.stamps ?? [])];
  const every = [...past, ...record.low, ...record.high].filter((value) => value !== null);
  const [least, most] = [Math.min(...every), Math.max(...every)];
  const room = (most - least) * 0.06 || 1;
  const count = past.length + record.forecast.length;
  const x = (i) => LEFT + ((WIDTH - LEFT - 8) * i) / Math.max(1, count - 1);
  const y = (value) => 8 + ((HEIGHT - BELOW - 8) * (most + room - value)) / (most - least + 2 * room);
  const at = (values, from) => values.map((value, i) => [x(from + i), value === null ? null : y(value)]);
  const last = past.length ? past.length - 1 : 0;
  const joined = (values) => (past.length && past[last] !== null ? [past[last], ...values] : values);
  const from = joined(record.forecast).length > record.forecast.length ? last : past.length;
  const band = [...at(joined(record.high), from), ...at(joined(record.low), from).reverse()];
  const chart = drawn(
    "svg",
    { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `forecast of ${record.input}` },
    ...scale(least, most, y),
    ...ends(stamps, past.length, x),
    drawn("polygon", { class: "band", points: band.map((point) => point.join(",")).join(" ") }),
    drawn("path", { class: "past", d: path(at(past, 0)) }),
    drawn("path", { class: "next", d: path(at(joined(record.forecast), from)) }),
  );
  return [chart, make("p", { class: "quiet small" }, "the last values, the forecast, and where 80 of 100 values should lie"), table(record)];
}

// Gaps stay gaps.
function path(points) {
  let drawing = false;
  return points
    .map(([across, down]) => {
      if (down === null) return (drawing = false), "";
      const letter = drawing ? "L" : "M";
      drawing = true;
      return `${letter}${across.toFixed(1)} ${down.toFixed(1)}`;
    })
    .join("");
}

function scale(least, most, y) {
  return [0, 1, 2, 3].flatMap((step) => {
    const value = least + ((most - least) * step) / 3;
    return [
      drawn("line", { class: "grid", x1: LEFT, x2: WIDTH - 8, y1: y(value), y2: y(value) }),
      drawn("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, value.toLocaleString("en", { maximumSignificantDigits: 3 })),
    ];
  });
}

function ends(stamps, now, x) {
  if (!stamps.length) return [];
  const apart = (i) => Math.min(x(i) - x(0), x(stamps.length - 1) - x(i)) > 2 * LETTERS;
  const marks = [[0, "start"], [now, "middle"], [stamps.length - 1, "end"]].filter(([i, anchor]) => anchor !== "middle" || apart(i));
  return marks.map(([i, anchor]) => drawn("text", { x: x(i), y: HEIGHT - 6, "text-anchor": anchor }, stamps[i] ?? ""));
}

function table({ forecast: values, low, high, stamps = [] }) {
  const cells = (tag, texts) => make("tr", {}, ...texts.map((text) => make(tag, {}, text)));
  const rows = values.map((value, i) => cells("td", [stamps[i] ?? String(i + 1), number(value), number(low[i]), number(high[i])]));
  return make("div", { class: "scroll", tabindex: 0 }, make("table", {}, cells("th", ["when", "forecast", "low", "high"]), ...rows));
}
