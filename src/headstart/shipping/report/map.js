"use strict";
(() => {
  const data = JSON.parse(document.getElementById("points").textContent);
  const canvas = document.querySelector("#plot canvas"), pen = canvas.getContext("2d");
  const tip = document.getElementById("tip"), by = document.getElementById("by"), legend = document.getElementById("legend");
  const count = data.x.length, hidden = new Set();
  let kept = -1, groups = [], colours = [];

  /* What points may be coloured by: a number for each, and what the numbers are called. */
  const ways = { cluster: { of: data.cluster, names: data.names } };
  for (const [way, values] of [["split", data.split], ["label", data.label]]) {
    if (!values) continue;
    const names = [...new Set(values)].sort(), place = new Map(names.map((name, number) => [name, number]));
    ways[way] = { of: values.map(value => place.get(value)), names: names.map(name => name || "(none)") };
  }
  if (data.age) ways.age = { ...data.age, ramp: true };
  const lonely = new Set(data.lonely);
  ways["far from all others"] = { of: data.x.map((_, row) => lonely.has(row) ? 0 : 1), names: ["far", "usual"] };
  for (const way of Object.keys(ways)) by.add(new Option(way, way));

  const dark = matchMedia("(prefers-color-scheme: dark)");
  /* Hues a golden angle apart: neighbours in size never look alike. */
  const colour = number => `hsl(${(210 + number * 137.508) % 360} ${70 - 12 * (number % 3)}% ${(dark.matches ? 62 : 44) + 7 * (Math.floor(number / 5) % 3)}%)`;

  /* From the oldest, which is light, to the newest. */
  const shade = share => `hsl(${50 + 220 * share} 70% ${(dark.matches ? 78 : 62) - 34 * share}%)`;

  function place(row) {
    const edge = 14 * scale();
    return [edge + (data.x[row] + 1000) / 2000 * (canvas.width - 2 * edge), edge + (1000 - data.y[row]) / 2000 * (canvas.height - 2 * edge)];
  }
  function scale() { return canvas.width / Math.max(1, canvas.clientWidth); }

  function draw() {
    const wide = Math.round(canvas.clientWidth * (devicePixelRatio || 1));
    if (wide && canvas.width !== wide) { canvas.width = wide; canvas.height = Math.round(wide * 3 / 4); }
    pen.clearRect(0, 0, canvas.width, canvas.height);
    const size = scale() * (count > 5000 ? 2.5 : count > 800 ? 4 : 7);
    pen.globalAlpha = count > 5000 ? 0.7 : 0.85;
    /* Colour by colour: a change of colour costs more than a point. */
    groups.forEach((rows, number) => {
      if (hidden.has(number)) return;
      pen.fillStyle = colours[number];
      pen.beginPath();
      for (const row of rows) {
        const [x, y] = place(row);
        if (count > 5000) pen.rect(x - size / 2, y - size / 2, size, size);
        else { pen.moveTo(x + size / 2, y); pen.arc(x, y, size / 2, 0, 7); }
      }
      pen.fill();
    });
    pen.globalAlpha = 1;
    if (kept >= 0) ring(kept);
  }
  function ring(row) {
    const [x, y] = place(row);
    pen.strokeStyle = getComputedStyle(document.body).color;
    pen.lineWidth = 2 * scale();
    pen.beginPath(); pen.arc(x, y, 7 * scale(), 0, 7); pen.stroke();
  }

  function chosen() {
    const way = ways[by.value];
    hidden.clear();
    groups = way.names.map(() => []);
    way.of.forEach((number, row) => groups[number].push(row));
    colours = way.names.map((_, number) => way.ramp ? shade(number / Math.max(1, way.names.length - 1)) : colour(number));
    legend.replaceChildren(...way.names.map((name, number) => {
      const item = document.createElement("li"), button = document.createElement("button"), dot = document.createElement("i");
      dot.style.background = colours[number];
      button.append(dot, `${name} (${groups[number].length})`);
      button.setAttribute("aria-pressed", "true");
      button.onclick = event => { toggle(number, event.shiftKey); };
      item.append(button);
      return item;
    }));
    draw();
  }
  /* A click alone shows one group, another click all; with shift one more or less. */
  function toggle(number, also) {
    const alone = groups.every((_, other) => hidden.has(other) === (other !== number));
    if (also) { if (!hidden.delete(number)) hidden.add(number); }
    else { hidden.clear(); if (!alone) groups.forEach((_, other) => { if (other !== number) hidden.add(other); }); }
    [...legend.querySelectorAll("button")].forEach((button, other) => button.setAttribute("aria-pressed", String(!hidden.has(other))));
    draw();
  }

  function nearest(event) {
    const box = canvas.getBoundingClientRect(), s = scale();
    const x = (event.clientX - box.left) * s, y = (event.clientY - box.top) * s;
    let best = -1, least = (14 * s) ** 2;
    groups.forEach((rows, number) => {
      if (hidden.has(number)) return;
      for (const row of rows) {
        const [a, b] = place(row), apart = (a - x) ** 2 + (b - y) ** 2;
        if (apart < least) { least = apart; best = row; }
      }
    });
    return best;
  }
  function show(row) {
    tip.hidden = row < 0;
    if (row < 0) return;
    const look = data.look[row] || "", parts = [];
    if (look.startsWith("data:image/")) { const picture = document.createElement("img"); picture.src = look; picture.alt = ""; parts.push(picture); }
    else if (look) { const text = document.createElement("div"); text.dir = "auto"; text.textContent = look; parts.push(text); }
    const name = document.createElement("code"), about = document.createElement("div");
    name.textContent = data.name[row];
    about.textContent = [data.names[data.cluster[row]], data.label && data.label[row], data.split && data.split[row], data.age && data.age.names[data.age.of[row]], lonely.has(row) && "far from all others"].filter(Boolean).join(" · ");
    tip.replaceChildren(...parts, name, about);
    const [x, y] = place(row).map(value => value / scale());
    tip.style.left = `${Math.max(0, Math.min(x + 12, canvas.clientWidth - 250))}px`;
    tip.style.top = `${y + 12}px`;
  }
  function keep(row) { kept = row; draw(); show(row); }

  canvas.onmousemove = event => { if (kept < 0) show(nearest(event)); };
  canvas.onmouseleave = () => { if (kept < 0) show(-1); };
  canvas.onclick = event => { const row = nearest(event); keep(row === kept ? -1 : row); };
  canvas.onkeydown = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") keep(-1);
    if (step && count) { event.preventDefault(); keep((kept + step + count) % count); }
  };
  document.querySelectorAll("figure[data-row]").forEach(figure => {
    figure.onclick = () => { document.getElementById("map").scrollIntoView(); keep(Number(figure.dataset.row)); };
  });
  by.onchange = chosen;
  dark.onchange = chosen;
  addEventListener("resize", draw);
  chosen();
})();
