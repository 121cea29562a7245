// Numbers, shares and times as people read them. What is not there is a dash, never a zero.

export const nothing = '–';
const prefixes = [[1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

export const isNumber = value => typeof value === 'number' && Number.isFinite(value);

/** Three significant digits with a decimal prefix: 12.3 M. */
export function scaled(value, unit = '') {
  if (!isNumber(value)) return nothing;
  const size = Math.abs(value);
  const [factor, prefix] = prefixes.find(([factor]) => size >= factor * 0.99995) ?? [1, ''];
  const digits = value / factor;
  const places = size === 0 || Math.abs(digits) >= 100 ? 0 : Math.abs(digits) >= 10 ? 1 : 2;
  const text = factor === 1 && Number.isInteger(value) ? String(value) : digits.toFixed(places);
  const tail = prefix + unit;
  return tail ? `${text} ${tail}` : text;
}

/** A whole number with separators: 1,234,567. */
export const count = value => isNumber(value) ? value.toLocaleString('en-GB', {maximumFractionDigits: 0}) : nothing;

/** `value` is a percentage. */
export function percent(value) {
  if (!isNumber(value)) return nothing;
  return value === 0 ? '0 %' : `${value.toFixed(Math.abs(value) >= 10 ? 1 : 2)} %`;
}

/** Any value of a metric: numbers in at most five significant digits, texts as they are. */
export function plain(value) {
  if (typeof value === 'string') return value;
  if (!isNumber(value)) return nothing;
  return Math.abs(value) >= 1e5 ? count(value) : String(Number(value.toPrecision(5)));
}

/** A length of time in milliseconds: 350 ms, 12 s, 5 min, 3 h, 2 d. */
export function duration(milliseconds) {
  if (!isNumber(milliseconds)) return nothing;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
}

/** A moment in milliseconds since the epoch, in local time. */
export function clockTime(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString('en-GB');
}

/** With the date when that is not today's. */
export function dateTime(milliseconds) {
  const date = new Date(milliseconds);
  if (date.toDateString() === new Date().toDateString()) return clockTime(milliseconds);
  return `${date.toLocaleDateString('en-CA')} ${date.toLocaleTimeString('en-GB')}`;
}

/** The unit of a metric as far as its name tells: what a chart's axis is written with. */
export function unitOf(metric) {
  const bare = metric.replace(/^\w+:/, '').replace(/^[\w.]+\./, '');
  if (/utilization$|^cpu_(?!num|speed)|^part_max_used$/.test(bare)) return '%';
  if (/octets$|^bytes_(in|out)$|^bytes_/.test(bare)) return 'B/s';
  if (/pkts|^pkts_/.test(bare)) return 'p/s';
  if (/^mem_|^swap_(total|free)$|^disk_(total|free)$/.test(bare)) return 'B';
  return bare === 'ifspeed' ? 'bit/s' : '';
}
