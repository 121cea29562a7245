// Charts over time on a canvas: lines, bands and stacked areas, with gaps where there was no data. Drawn here and not by a
// library: a stack with gaps, a band and a key-driven cursor are most of what a library would have to be taught, and
// a page that needs nothing fetched can be built anywhere.

import {make, name} from './dom.js';
import {isNumber, nothing, clockTime} from './format.js';
import {valueTicks, timeTicks, runs} from './scale.js';

const fontSize = 11;
/** The shortest time that is drawn. Unit: milliseconds. */
const windowMin = 30_000;

/**
 * `show({times, series, end})`: times in milliseconds; each series is `{label, colour, kind, values}` with kind `line`,
 * `area` (stacked in the order given) or `band` (with `low` and `high` instead of values). Colours are names of CSS
 * variables. null is a gap; in an area undefined is no height.
 */
export class TimeChart {
  #canvas; #reading; #summary; #format; #label; #window; #gap; #data = {times: [], series: []}; #cursor = null; #plot = null;
  #isAsked = false; #hasDrawn = false;

  /** Units: milliseconds. `format(value)` writes a value with its unit. */
  constructor(place, {label, format, window = 300_000, gap = 5_000}) {
    this.#label = label;
    this.#format = format;
    this.#window = window;
    this.#gap = gap;
    this.#canvas = make('canvas', {role: 'img', tabindex: 0, 'aria-label': label, onpointermove: event => this.#point(event),
      onpointerdown: event => this.#point(event), onpointerleave: () => this.#moveTo(null), onblur: () => this.#moveTo(null),
      onkeydown: event => this.#key(event)});
    this.#reading = make('div', {class: 'reading', hidden: true});
    this.#summary = make('div', {class: 'silent', 'aria-live': 'polite'});
    place.replaceChildren(this.#canvas, this.#reading, this.#summary);
    new ResizeObserver(() => this.#ask()).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#ask());
  }

  set format(format) { this.#format = format; }
  set label(label) { this.#label = label; }
  set window(milliseconds) { this.#window = milliseconds; }
  set gap(milliseconds) { this.#gap = milliseconds; }

  show(data) {
    this.#data = data;
    this.#ask();
  }

  /** Draws with the next frame, once, however often it was asked. */
  #ask() {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#draw();
    });
  }

  // --- Reading values off ---------------------------------------------------------------------------------------------

  #point(event) {
    if (!this.#plot) return;
    const x = event.offsetX;
    const times = this.#data.times;
    let nearest = null;
    times.forEach((time, index) => {
      if (nearest === null || Math.abs(this.#plot.x(time) - x) < Math.abs(this.#plot.x(times[nearest]) - x)) nearest = index;
    });
    this.#moveTo(nearest === null ? null : times[nearest]);
  }

  #key(event) {
    const {times} = this.#data;
    const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10}[event.key];
    if (event.key === 'Escape') this.#moveTo(null);
    if (!step || times.length === 0) return;
    event.preventDefault();
    const index = this.#cursor === null ? times.length - 1 : Math.max(0, times.indexOf(this.#cursor)) + step;
    this.#moveTo(times[Math.max(0, Math.min(times.length - 1, index))]);
    this.#summary.textContent = this.#reading.innerText;
  }

  #moveTo(time) {
    if (this.#cursor === time) return;
    this.#cursor = time;
    this.#ask();
  }

  #showReading(plot) {
    const {times, series} = this.#data;
    const index = this.#cursor === null ? -1 : times.indexOf(this.#cursor);
    this.#reading.hidden = index < 0;
    if (index < 0) return;
    const lines = series.toReversed().map(one => {
      const text = one.kind === 'band' ? `${this.#format(one.low[index])} … ${this.#format(one.high[index])}`
        : this.#format(one.values[index]);
      const swatch = make('span', {class: 'swatch'});
      swatch.style.background = `var(${one.colour})`;
      return make('div', {}, make('span', {}, swatch, name(one.label)), make('span', {}, text));
    });
    this.#reading.replaceChildren(make('strong', {}, clockTime(times[index])), ...lines);
    const x = plot.x(times[index]);
    const isRight = x > plot.width / 2;
    this.#reading.style.left = isRight ? 'auto' : `${x + 12}px`;
    this.#reading.style.right = isRight ? `${plot.width - x + 12}px` : 'auto';
  }

  // --- Drawing --------------------------------------------------------------------------------------------------------

  #draw() {
    const ratio = devicePixelRatio || 1;
    const width = this.#canvas.clientWidth, height = this.#canvas.clientHeight;
    if (!width || !height) return;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const context = this.#canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = `${fontSize}px system-ui, sans-serif`;
    const css = getComputedStyle(this.#canvas);
    const colour = variable => css.getPropertyValue(variable).trim();
    const layers = stacked(this.#data.series, this.#data.times.length);
    const plot = this.#plot = this.#axes(context, colour, width, height, layers);
    context.save();
    context.beginPath();
    context.rect(plot.left, 0, plot.width - plot.left, plot.bottom + 1);
    context.clip();
    for (const layer of layers) this.#layer(context, colour, plot, layer);
    context.restore();
    if (this.#cursor !== null) {
      context.fillStyle = colour('--cursor');
      context.fillRect(Math.round(plot.x(this.#cursor)), 4, 1, plot.bottom - 4);
    }
    this.#showReading(plot);
    this.#describe(layers);
  }

  #axes(context, colour, width, height, layers) {
    let lowest = 0, highest = 0;
    // A page that was just opened has little to show: the window grows with what there is, up to its whole length.
    const end = this.#data.end ?? Date.now();
    const window = Math.min(this.#window, Math.max(windowMin, 1.05 * (end - (this.#data.times[0] ?? end))));
    const from = end - window;
    for (const layer of layers) {
      layer.high.forEach((value, index) => {
        if (!isNumber(value) || this.#data.times[index] < from) return;
        highest = Math.max(highest, value);
        lowest = Math.min(lowest, layer.low ? layer.low[index] : value);
      });
    }
    const ticks = valueTicks(lowest, highest, Math.max(2, Math.floor(height / 55)));
    // Ticks are round: 1 G rather than 1.00 G.
    const texts = ticks.map(tick => this.#format(tick).replace(/\.0+(?= |$)/, ''));
    const left = Math.ceil(Math.max(...texts.map(text => context.measureText(text).width))) + 8;
    const bottom = height - fontSize - 8;
    const bottomValue = ticks[0], span = ticks.at(-1) - bottomValue;
    const y = value => bottom - (value - bottomValue) / span * (bottom - 8);
    const x = time => left + (time - from) / window * (width - left - 1);
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    ticks.forEach((tick, index) => {
      context.fillStyle = colour('--grid');
      context.fillRect(left, Math.round(y(tick)), width - left, 1);
      context.fillStyle = colour('--muted');
      context.fillText(texts[index], left - 6, y(tick));
    });
    context.textAlign = 'center';
    for (const time of timeTicks(from, end, Math.max(2, Math.floor(width / 110)))) {
      if (x(time) < left + 20 || x(time) > width - 24) continue;
      context.fillStyle = colour('--muted');
      context.fillText(clockTime(time), x(time), height - fontSize / 2 - 1);
      context.fillStyle = colour('--grid');
      context.fillRect(Math.round(x(time)), bottom, 1, 4);
    }
    return {left, bottom, width, x, y};
  }

  #layer(context, colour, plot, {kind, low, high, colour: variable}) {
    const {times} = this.#data;
    context.fillStyle = context.strokeStyle = colour(variable);
    context.lineWidth = 1.8;
    context.lineJoin = 'round';
    for (const [first, last] of runs(times, index => isNumber(high[index]), this.#gap)) {
      if (first === last) {
        const top = plot.y(high[first]);
        const height = kind === 'line' ? 3 : Math.max(1, plot.y(low[first]) - top);
        context.fillRect(plot.x(times[first]) - 1.5, kind === 'line' ? top - 1.5 : top, 3, height);
        continue;
      }
      context.beginPath();
      for (let index = first; index <= last; index += 1) context.lineTo(plot.x(times[index]), plot.y(high[index]));
      if (kind === 'line') {
        context.stroke();
        continue;
      }
      for (let index = last; index >= first; index -= 1) context.lineTo(plot.x(times[index]), plot.y(low[index]));
      context.fill();
    }
  }

  /** For those who do not see it: what the chart shows now. The values themselves are in the table beside it. */
  #describe(layers) {
    const hasData = this.#data.series.some(one => (one.values ?? one.high).some(isNumber));
    if (hasData && !this.#hasDrawn) {
      this.#hasDrawn = true;
      performance.mark('first-chart');
    }
    const last = this.#data.series.map(one => one.values?.at(-1)).filter(isNumber);
    const text = hasData ? `${this.#label}; latest: ${last.slice(0, 3).map(this.#format).join(', ') || nothing}` : `${this.#label}; no data`;
    if (this.#canvas.getAttribute('aria-label') !== text) this.#canvas.setAttribute('aria-label', text);
  }
}

/** Each series as `{kind, colour, low, high}`: areas stand on the sum of those before them. */
function stacked(series, length) {
  let ground = new Array(length).fill(0);
  return series.map(one => {
    if (one.kind === 'band') return one;
    if (one.kind === 'line') return {...one, high: one.values};
    const low = ground;
    ground = low.map((value, index) => value + (isNumber(one.values[index]) ? one.values[index] : 0));
    return {...one, low, high: ground.map((value, index) => one.values[index] === null ? null : value)};
  });
}
