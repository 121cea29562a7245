// Where the ticks of an axis stand.

/** Ticks from 0 (or below, for negative values) to above `highest`, at steps of 1, 2 or 5 times a power of ten. */
export function valueTicks(lowest, highest, countMax) {
  const span = highest - Math.min(0, lowest) || 1;
  const rough = span / countMax;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(step => step >= rough);
  const first = Math.floor(Math.min(0, lowest) / step + 1e-9), last = Math.max(first + 1, Math.ceil(highest / step - 1e-9));
  return Array.from({length: last - first + 1}, (_, index) => (first + index) * step);
}

const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400].map(s => s * 1000);

/** Whole steps of the clock between two moments in milliseconds. */
export function timeTicks(from, to, countMax) {
  const step = timeSteps.find(step => (to - from) / step <= countMax) ?? timeSteps.at(-1);
  const ticks = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) ticks.push(time);
  return ticks;
}

/**
 * The pieces of a series without a gap, as [first, last] indices. A gap is a value that is not there, or a pause between
 * two samples of more than `gapMilliseconds`.
 */
export function runs(times, isThere, gapMilliseconds) {
  const pieces = [];
  let first = -1;
  for (let index = 0; index < times.length; index += 1) {
    const isLate = index > 0 && times[index] - times[index - 1] > gapMilliseconds;
    if (first >= 0 && (isLate || !isThere(index))) {
      pieces.push([first, index - 1]);
      first = -1;
    }
    if (first < 0 && isThere(index)) first = index;
  }
  if (first >= 0) pieces.push([first, times.length - 1]);
  return pieces;
}
