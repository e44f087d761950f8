"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const kimg = (value) => `${Number(value.toPrecision(6))} kimg`;

  /* The index of the point that is nearest to an x. */
  const nearest = (points, x) => {
    let low = 0, high = points.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle][0] < x) low = middle + 1; else high = middle;
    }
    return low > 0 && x - points[low - 1][0] < points[low][0] - x ? low - 1 : low;
  };

  const drawn = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return element;
  };

  const charts = all(".chart").map((figure) => {
    const { x, y, box: [left, top, right, bottom], curves } = JSON.parse(figure.dataset.chart);
    const svg = figure.querySelector("svg");
    const at = figure.querySelector(".at");
    const outputs = all("output", figure);
    const last = outputs.map((output) => output.textContent);
    const marks = drawn("g", { visibility: "hidden" });
    const line = drawn("line", { class: "marker", y1: top, y2: bottom });
    const dots = curves.map((_, index) => drawn("circle", { class: outputs[index].closest("li").className, r: 4 }));
    marks.append(line, ...dots);
    svg.append(marks);

    const place = (value, span, start, end) => start + (value - span[0]) / (span[1] - span[0]) * (end - start);
    const clear = () => {
      marks.setAttribute("visibility", "hidden");
      at.textContent = "";
      outputs.forEach((output, index) => { output.textContent = last[index]; });
    };
    const show = (value) => {
      const found = curves.map((points) => points[nearest(points, value)]);
      const spot = found.reduce((a, b) => Math.abs(b[0] - value) < Math.abs(a[0] - value) ? b : a)[0];
      const across = place(spot, x, left, right);
      line.setAttribute("x1", across);
      line.setAttribute("x2", across);
      found.forEach((point, index) => {
        dots[index].setAttribute("cx", place(point[0], x, left, right));
        dots[index].setAttribute("cy", place(point[1], y, bottom, top));
        outputs[index].textContent = point[2];
      });
      at.textContent = kimg(spot);
      marks.setAttribute("visibility", "visible");
    };
    const under = (event) => {
      const bounds = svg.getBoundingClientRect();
      const across = (event.clientX - bounds.left) / bounds.width * svg.viewBox.baseVal.width;
      return x[0] + (across - left) / (right - left) * (x[1] - x[0]);
    };
    return { svg, show, clear, under };
  });

  /* Where the charts stand while no pointer is on one: at the picture that was chosen. */
  let chosen = null;
  const showAll = (value) => charts.forEach((chart) => value === null ? chart.clear() : chart.show(value));
  for (const chart of charts) {
    for (const type of ["pointermove", "pointerdown"]) {
      chart.svg.addEventListener(type, (event) => showAll(chart.under(event)));
    }
    for (const type of ["pointerleave", "pointercancel"]) {
      chart.svg.addEventListener(type, () => showAll(chosen));
    }
  }

  const pictures = all(".over-time img");
  if (pictures.length > 1) {
    const controls = document.querySelector(".controls");
    const [button, slider] = [controls.querySelector("button"), controls.querySelector("input")];
    const caption = document.querySelector(".caption");
    let timer = null;
    const stop = () => {
      clearInterval(timer);
      timer = null;
      button.textContent = "▶";
    };
    const choose = (index) => {
      pictures.forEach((picture, other) => { picture.hidden = other !== index; });
      const picture = pictures[index];
      slider.value = index;
      caption.textContent = slider.ariaValueText = picture.alt;
      chosen = picture.dataset.kimg === undefined ? null : Number(picture.dataset.kimg);
      showAll(chosen);
    };
    slider.addEventListener("input", () => { stop(); choose(slider.valueAsNumber); });
    button.addEventListener("click", () => {
      if (timer !== null) return stop();
      button.textContent = "❚❚";
      if (slider.valueAsNumber === pictures.length - 1) choose(0);
      timer = setInterval(() => {
        const next = slider.valueAsNumber + 1;
        if (next < pictures.length) choose(next);
        if (next >= pictures.length - 1) stop();
      }, Number(controls.dataset.each));
    });
    controls.hidden = false;
  }
  document.documentElement.dataset.script = "ready";
})();
