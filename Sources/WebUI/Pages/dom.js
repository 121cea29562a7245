// Making elements. Everything that is shown goes through text nodes: names from agents are hostile, and no function here or
// in any other module takes markup.

/** An element: `make('p', {class: 'x', onclick: f}, 'text', child)`. null and false among the children are left out. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  append(element, children);
  return element;
}

export function append(element, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

export const at = id => document.getElementById(id);

/** Sets a text only when it differs, so that nothing is laid out again without need. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const shownCharactersMax = 120;

/** A text from outside: cut when very long, and in its own direction, so that it cannot turn what stands beside it. */
export function name(text) {
  const element = make('bdi', {class: 'name'});
  setName(element, text);
  return element;
}

export function setName(element, text) {
  const whole = String(text ?? '');
  const shown = whole.length > shownCharactersMax ? whole.slice(0, shownCharactersMax) + '…' : whole;
  if (element.textContent === shown) return;
  element.textContent = shown;
  if (whole.length > 24) element.title = whole.slice(0, 1000);
  else element.removeAttribute('title');
}

/** What to say where there is nothing to show: which stage is empty, and the next step. */
export function emptyState(stage, ...step) {
  return make('div', {class: 'empty', role: 'status'}, make('strong', {}, stage), ...step);
}
