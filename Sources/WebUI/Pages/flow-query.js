// From the form of the page Flows to a flow definition and back, and what narrowing to a value adds to its filter.

/** What a unit counts, and the factor from a value to it. */
export const units = {
  bits: {value: 'bytes', scale: 8, unit: 'bit/s'}, bytes: {value: 'bytes', scale: 1, unit: 'B/s'},
  frames: {value: 'frames', scale: 1, unit: 'frames/s'}, requests: {value: 'requests', scale: 1, unit: 'requests/s'},
};

/** Any other value of a definition is its own unit. */
export const unitOf = name => units[name] ?? {value: name, scale: 1, unit: ''};

export const unitFor = value => value === 'bytes' ? 'bits' : value;

/** A tab stands in no address, name or number, so that a key can be taken apart again. */
const separator = '\t';

/** Enough of each port that "other" is worth showing. */
const flowsPerPort = 20;

export function definition({keys, unit, filter}) {
  const result = {keys: keys.trim(), value: unitOf(unit).value, n: flowsPerPort, fs: separator};
  if (filter.trim()) result.filter = filter.trim();
  return result;
}

/** Of a temporary definition: the same definition has the same name, whoever looks. (FNV-1a, 32 bits.) */
export function temporaryName(body) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(JSON.stringify(body))) hash = Math.imul(hash ^ byte, 0x01000193);
  return `web-${(hash >>> 0).toString(36)}`;
}

export const isTemporary = name => name.startsWith('web-');

/** Whether a definition that the server has is the one wanted. */
export const isSame = (there, wanted) => Boolean(there) &&
  ['keys', 'value', 'filter', 'fs', 'n'].every(member => (there[member] ?? '') === (wanted[member] ?? ''));

/** The single keys of a list: commas inside brackets or behind a backslash belong to a key. */
export function splitKeys(text) {
  const keys = [''];
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\') {
      keys[keys.length - 1] += character + (text[index += 1] ?? '');
      continue;
    }
    depth += {'[': 1, ']': -1}[character] ?? 0;
    if (character === ',' && depth <= 0) keys.push('');
    else keys[keys.length - 1] += character;
  }
  return keys.map(key => key.trim()).filter(Boolean);
}

/** `filter` and `key` being `value`. */
export function narrowed(filter, key, value) {
  const subject = /[=!~&|(),'"\s]/.test(key) ? `"${key}"` : key;
  const isPlain = /^[\w.:\-/]+$/.test(value);
  const item = isPlain ? value : `"${value.replace(/[\\"]/g, '\\$&')}"`;
  const condition = `${subject}=${item}`;
  const before = filter.trim();
  if (!before) return condition;
  if (before.split('&').includes(condition)) return before;
  return `${before.includes('|') ? `(${before})` : before}&${condition}`;
}
