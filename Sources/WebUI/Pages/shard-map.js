// The shard map as a field of squares: one a shard, coloured by the worker that answers for it; missing ones crossed out in red. Which is
// which is also told in words, by the pointer or the arrow keys.

import {make, setName} from './dom.js';

/** Numbers of the colours: without the red one, which is for what is missing. */
const colours = [0, 1, 2, 4, 5, 6, 7];
const fieldMin = 9, fieldMax = 26;

export class ShardMap {
  #canvas; #reading; #legend; #rows = []; #gone = new Set(); #colours = new Map(); #columns = 1; #field = fieldMin; #at = null;

  constructor(canvas, reading, legend) {
    this.#canvas = canvas;
    this.#reading = reading;
    this.#legend = legend;
    canvas.tabIndex = 0;
    canvas.addEventListener('pointermove', event => this.#read(
      Math.floor(event.offsetY / this.#field) * this.#columns + Math.floor(event.offsetX / this.#field)));
    canvas.addEventListener('keydown', event => {
      const step = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#columns, ArrowDown: this.#columns}[event.key];
      if (!step) return;
      event.preventDefault();
      this.#read((this.#at ?? -1) + step);
    });
    new ResizeObserver(() => this.#draw()).observe(canvas.parentElement);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  /** `rows`: primary and replica of each shard; a primary that is gone or empty is missing. */
  show(rows, members) {
    this.#rows = rows;
    this.#gone = new Set(members.filter(member => member.state === 'gone').map(member => member.name));
    const owners = [...new Set(rows.flat().filter(Boolean))].sort();
    this.#colours = new Map(owners.map((owner, index) => [owner, index]));
    this.#draw();
    this.#showLegend(owners);
  }

  #isMissing([primary]) { return !primary || this.#gone.has(primary); }

  /** More workers than colours: the same colour again, a little fainter each time. */
  #look(owner) {
    const index = this.#colours.get(owner);
    return {variable: `--c${colours[index % colours.length]}`, opacity: Math.max(0.35, 1 - 0.25 * Math.floor(index / colours.length))};
  }

  #draw() {
    const width = this.#canvas.parentElement.clientWidth - 30;
    if (width <= 0 || this.#rows.length === 0) return;
    const ratio = devicePixelRatio || 1;
    this.#field = Math.max(fieldMin, Math.min(fieldMax, Math.floor(Math.sqrt(width * 240 / this.#rows.length))));
    this.#columns = Math.max(1, Math.floor(width / this.#field));
    const height = Math.ceil(this.#rows.length / this.#columns) * this.#field;
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    const context = this.#canvas.getContext('2d');
    context.scale(ratio, ratio);
    const css = getComputedStyle(this.#canvas);
    this.#rows.forEach((row, shard) => this.#drawShard(context, css, row, shard));
    const missing = this.#rows.filter(row => this.#isMissing(row)).length;
    this.#canvas.setAttribute('aria-label', `Shard map: ${this.#rows.length} shards, ${missing} missing. Arrow keys read single shards.`);
  }

  #drawShard(context, css, row, shard) {
    const x = shard % this.#columns * this.#field, y = Math.floor(shard / this.#columns) * this.#field, size = this.#field - 1;
    if (this.#isMissing(row)) {
      context.fillStyle = css.getPropertyValue('--bad-ground');
      context.fillRect(x, y, size, size);
      context.strokeStyle = css.getPropertyValue('--bad');
      context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
      context.beginPath();
      context.moveTo(x + 1, y + size - 1);
      context.lineTo(x + size - 1, y + 1);
      context.stroke();
      return;
    }
    const {variable, opacity} = this.#look(row[0]);
    context.globalAlpha = opacity;
    context.fillStyle = css.getPropertyValue(variable);
    context.fillRect(x, y, size, size);
    if (row[1]) {
      const replica = this.#look(row[1]);
      context.globalAlpha = replica.opacity;
      context.fillStyle = css.getPropertyValue(replica.variable);
      context.fillRect(x + size / 2, y + size / 2, size / 2, size / 2);
    }
    context.globalAlpha = 1;
  }

  #read(shard) {
    const row = this.#rows[shard];
    if (!row) return;
    this.#at = shard;
    const [primary, replica] = row;
    setName(this.#reading, `Shard ${shard}: ${this.#isMissing(row) ? `missing${primary ? `, was of ${primary}` : ''}` : primary}${replica ? `, replica ${replica}` : ''}`);
  }

  #showLegend(owners) {
    this.#legend.replaceChildren(...owners.slice(0, 40).map(owner => {
      const {variable, opacity} = this.#look(owner);
      const swatch = make('span', {class: 'swatch'});
      swatch.style.background = `var(${variable})`;
      swatch.style.opacity = opacity;
      const text = make('bdi', {class: 'name'});
      setName(text, owner);
      return make('span', {}, swatch, text);
    }));
  }
}
