// The API explorer at /api/: every route as /api-docs describes it, with a form that tries it out.

import {at, make, emptyState, setText} from './dom.js';
import {ask, base, segment, curl, ServerError} from './server.js';
import {showCurl} from './frame.js';
import {read, write} from './address.js';

const defaults = {find: ''};
const shownCharactersMax = 200_000;
const patienceMilliseconds = 70_000;
let state = read(defaults);

function resolve(document, item) {
  if (!item.$ref) return item;
  return item.$ref.replace(/^#\//, '').split('/').reduce((place, step) => place?.[step], document) ?? {};
}

/** An example body of a schema: its own, or made from its required members. */
function example(schema = {}) {
  if (schema.example !== undefined) return schema.example;
  if (schema.type !== 'object') return {string: '', number: 0, integer: 0, boolean: false, array: []}[schema.type] ?? null;
  return Object.fromEntries((schema.required ?? []).map(name => [name, example(schema.properties?.[name])]));
}

/** One route: what it is, its parameters as fields, and the answer. */
function operation(document, path, method, described) {
  const element = make('details', {class: 'operation'}, make('summary', {},
    make('span', {class: `method ${method}`}, method.toUpperCase()), make('span', {class: 'path'}, path),
    make('span', {class: 'muted'}, described.summary ?? '')));
  // Filled when it is opened: a page with all forms at once would be long to lay out.
  element.addEventListener('toggle', () => {
    if (element.open && element.children.length === 1) element.append(body(document, path, method, described));
  });
  return element;
}

function body(document, path, method, described) {
  const parameters = (described.parameters ?? []).map(item => resolve(document, item));
  const fields = parameters.map(parameter => [parameter, field(parameter)]);
  const schema = described.requestBody?.content?.['application/json']?.schema;
  const text = schema && make('textarea', {rows: 5, 'aria-label': 'Body, JSON', spellcheck: 'false'});
  if (text) {
    text.value = JSON.stringify(example(schema), null, 1);
    text.style.minHeight = '6rem';
  }
  const command = make('pre', {class: 'answer'});
  const answer = make('div', {'aria-live': 'polite'});
  const request = () => ({path: target(path, fields), method: method.toUpperCase(), body: text ? text.value : undefined});
  const tell = () => {
    const {path, ...options} = request();
    setText(command, curl(path, options));
  };
  const form = make('form', {class: 'query', onsubmit: event => {
    event.preventDefault();
    attempt(request(), answer);
  }, oninput: tell}, fields.map(([, input]) => input.closest('label')), make('button', {class: 'main'}, 'Try it'));
  tell();
  return make('div', {class: 'body'},
    described.description && make('p', {}, prose(described.description)),
    parameters.length > 0 && make('div', {class: 'scroll'}, make('table', {}, make('tbody', {}, parameters.map(parameter => make('tr', {},
      make('th', {scope: 'row'}, parameter.name), make('td', {class: 'muted'}, parameter.in + (parameter.required ? ', required' : '')),
      make('td', {class: 'wrap'}, prose(parameter.description ?? ''))))))),
    text && make('label', {}, 'Body', text), form, command, responses(described), answer);
}

/** Descriptions put code between backticks, as Markdown does. */
function prose(text) {
  return text.split('`').map((part, index) => index % 2 ? make('code', {}, part) : part);
}

function responses(described) {
  return make('p', {class: 'muted'}, Object.entries(described.responses ?? {}).map(([status, {description}]) => `${status} ${description}`).join(' · '));
}

function field(parameter) {
  const isFilter = parameter.style === 'form' && parameter.explode;
  const given = isFilter ? '' : parameter.in === 'path' || parameter.required ? parameter.example ?? '' : '';
  const input = make('input', {
    class: 'mono', name: parameter.name, value: given, required: Boolean(parameter.required),
    placeholder: isFilter ? 'iftype=ethernetCsmacd' : String(parameter.example ?? '')});
  input.dataset.isFilter = isFilter ? 'y' : '';
  make('label', {class: 'grow'}, parameter.name, input);
  return input;
}

function target(path, fields) {
  let result = path.slice(1);
  const query = new URLSearchParams();
  for (const [parameter, input] of fields) {
    if (parameter.in === 'path') result = result.replace(`{${parameter.name}}`, () => segment(input.value));
    else if (input.value && input.dataset.isFilter) new URLSearchParams(input.value).forEach((value, name) => query.append(name, value));
    else if (input.value) query.append(parameter.name, input.value);
  }
  const text = query.toString();
  return text ? `${result}?${text}` : result;
}

async function attempt({path, method, body}, place) {
  place.replaceChildren(make('p', {class: 'muted'}, 'waiting'));
  const started = performance.now();
  try {
    const response = await fetch(new URL(path, base), {method, body, cache: 'no-store', redirect: 'manual', signal: AbortSignal.timeout(patienceMilliseconds)});
    const text = await response.text();
    const status = response.type === 'opaqueredirect' ? 'a redirect' : `${response.status} ${response.statusText}`;
    const shards = response.headers.get('weir-shards');
    const shown = text.length > shownCharactersMax ? text.slice(0, shownCharactersMax) + '\n…' : text;
    place.replaceChildren(make('p', {class: response.ok ? 'good-text' : 'bad-text'},
      `${status}, ${Math.round(performance.now() - started)} ms, ${text.length.toLocaleString('en-GB')} characters${shards ? `, shards ${shards}` : ''}`),
    ...(text ? [make('pre', {class: 'answer', tabindex: 0}, shown)] : []));
  } catch (error) {
    place.replaceChildren(make('p', {class: 'bad-text'}, `no answer: ${error.message}`));
  }
}

let groups = new Map();

function show() {
  const sought = state.find.toLowerCase();
  at('groups').replaceChildren(...[...groups].map(([group, operations]) => {
    const found = operations.filter(one => one.text.includes(sought));
    return found.length > 0 && make('section', {class: 'panel'}, make('h2', {}, group), found.map(one => one.element));
  }).filter(Boolean));
  if (!at('groups').firstChild) at('groups').append(emptyState('Nothing found.', 'No path and no description has this word.'));
}

at('find').value = state.find;
at('find').addEventListener('input', event => {
  state = {find: event.target.value};
  write(state, defaults);
  show();
});
try {
  const document = await ask('api-docs');
  setText(at('about'), `Weir ${document.info.version}, OpenAPI ${document.openapi}`);
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, described] of Object.entries(operations)) {
      const group = described.tags?.[0] ?? 'Other';
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push({element: operation(document, path, method, described),
        text: `${path} ${described.summary} ${described.description}`.toLowerCase()});
    }
  }
  // The pages themselves last: who comes here wants the data.
  groups = new Map([...groups].sort(([a], [b]) => (a === 'Pages') - (b === 'Pages')));
  show();
} catch (error) {
  if (!(error instanceof ServerError)) throw error;
  at('groups').replaceChildren(emptyState('The description cannot be had.', error.message));
}
showCurl([['Description', 'api-docs']]);
