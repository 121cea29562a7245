// What the page Flows has seen: samples of the largest flows over time, and which of them get a colour. Bounded in length
// and in rows, however long the page stays open.

const shownFlowsMax = 8;
const keptRows = 60;
const samplesMax = 1000;
/** A flow that is shown gives way only to one that is so much larger, or colours would flicker. */
const loyalty = 1.25;

export class FlowHistory {
  #samples = []; #colours = new Map();

  /** `rows`: largest first, `{key, value}`. None at all is a gap: nothing says that there was no traffic. */
  add(time, rows) {
    const rest = rows.slice(keptRows);
    this.#samples.push({
      time, isGap: rows.length === 0, values: new Map(rows.slice(0, keptRows).map(row => [row.key, row.value])),
      rest: rest.reduce((sum, row) => sum + row.value, 0),
    });
    if (this.#samples.length > samplesMax) this.#samples.shift();
  }

  clear() {
    this.#samples = [];
    this.#colours.clear();
  }

  get isEmpty() { return this.#samples.length === 0; }

  colourOf(key) {
    const slot = this.#colours.get(key);
    return slot === undefined ? '--other' : `--c${slot}`;
  }

  /** For a chart: the flows that were largest since `from`, and all others together. */
  series(from, label, scale) {
    const samples = this.#samples.filter(sample => sample.time >= from);
    this.#choose(samples);
    const shown = [...this.#colours].sort(([, a], [, b]) => a - b).map(([key]) => key);
    // A flow that is not in the answer is too small to be told: undefined is no height, null is a gap.
    const of = (sample, key) => sample.isGap ? null : sample.values.has(key) ? scale * sample.values.get(key) : undefined;
    const others = sample => {
      if (sample.isGap) return null;
      let sum = sample.rest;
      for (const [key, value] of sample.values) if (!this.#colours.has(key)) sum += value;
      return scale * sum;
    };
    return {
      times: samples.map(sample => sample.time),
      series: [
        ...shown.map(key => ({label: label(key), kind: 'area', colour: this.colourOf(key), values: samples.map(sample => of(sample, key))})),
        {label: 'other', kind: 'area', colour: '--other', values: samples.map(others)},
      ],
    };
  }

  #choose(samples) {
    const sums = new Map();
    for (const sample of samples) {
      for (const [key, value] of sample.values) sums.set(key, (sums.get(key) ?? 0) + value);
    }
    // What is large now counts as much as what was large on the average.
    const latest = samples.at(-1)?.values ?? new Map();
    const weight = ([key, sum]) => (sum / samples.length + (latest.get(key) ?? 0)) * (this.#colours.has(key) ? loyalty : 1);
    const shown = new Set([...sums].sort((a, b) => weight(b) - weight(a)).slice(0, shownFlowsMax).map(([key]) => key));
    for (const key of [...this.#colours.keys()]) if (!shown.has(key)) this.#colours.delete(key);
    const taken = new Set(this.#colours.values());
    for (const key of shown) {
      if (this.#colours.has(key)) continue;
      let slot = 0;
      while (taken.has(slot)) slot += 1;
      taken.add(slot);
      this.#colours.set(key, slot);
    }
  }
}
