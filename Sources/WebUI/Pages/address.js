// The state of a page is its URL: what stands in the query string can be sent to a colleague and is there after a reload.

/** Reads the query string; names that it does not have keep their default. */
export function read(defaults) {
  const given = new URLSearchParams(location.search);
  return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, given.get(name) ?? value]));
}

/** Writes it. Defaults are left out; `isStep` makes the browser's back button return to the state before. */
export function write(state, defaults, isStep = false) {
  const url = new URL(location.href);
  url.search = new URLSearchParams(
    Object.entries(state).filter(([name, value]) => name in defaults && String(value) !== defaults[name]));
  if (url.href === location.href) return;
  if (isStep) history.pushState(null, '', url);
  else history.replaceState(null, '', url);
}

/** Calls back when the reader goes back or forward. */
export const onReturn = body => addEventListener('popstate', body);
