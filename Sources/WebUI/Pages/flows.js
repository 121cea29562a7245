// The page Flows: keys, value and filter become a definition, its largest flows a chart. What was not kept under a name is
// removed when the reader goes away, because every definition costs the server time for every sample.

import {at, make, emptyState, setText, setName} from './dom.js';
import {ask, put, remove, base, segment, Poll, ServerError} from './server.js';
import {pageAddress, showCurl} from './frame.js';
import {scaled, duration} from './format.js';
import {read, write, onReturn} from './address.js';
import {DataTable, linked, named} from './table.js';
import {TimeChart} from './chart.js';
import {complete} from './completion.js';
import {FlowHistory} from './flow-history.js';
import {definition, temporaryName, isTemporary, isSame, splitKeys, narrowed, unitOf, unitFor} from './flow-query.js';

const defaults = {keys: '', unit: 'bits', filter: '', agents: 'ALL', mode: 'max', name: '', window: '300'};
const pollMilliseconds = 1_000, firstPollMilliseconds = 200;
const flowsMax = 100;
const form = at('query');

let state = read(defaults);
/** What is shown: `{name, body}`; null when nothing is. */
let shown = null;
let flowKeys = [];
const history = new FlowHistory();
const chart = new TimeChart(at('chart'), {label: 'Largest flows', format: formatRate});
let table = null;

function formatRate(value) { return scaled(value, unitOf(state.unit).unit); }

// --- The form -------------------------------------------------------------------------------------------------------

function fillForm() {
  const {unit} = form.elements;
  if (![...unit.options].some(option => option.value === state.unit)) unit.append(make('option', {value: state.unit}, state.unit));
  for (const name of ['keys', 'unit', 'filter', 'agents', 'mode']) form.elements[name].value = state[name];
  form.elements.name.value = '';
  at('window').value = state.window;
}

function readForm() {
  const value = name => form.elements[name].value.trim();
  const next = {...state, keys: value('keys'), unit: value('unit'), filter: value('filter'), agents: value('agents') || 'ALL',
    mode: value('mode'), name: value('name')};
  // Only who types a name changes what has that name: other keys than those of the definition shown are another question.
  const isSameQuestion = ['keys', 'unit', 'filter'].every(name => next[name] === state[name]);
  return !next.name && isSameQuestion ? {...next, name: state.name} : next;
}

/** Goes to another state: a step for the back button. */
async function go(next) {
  state = next;
  write(state, defaults, true);
  fillForm();
  await begin();
}

form.addEventListener('submit', event => {
  event.preventDefault();
  go(readForm());
});
for (const name of ['unit', 'mode']) form.elements[name].addEventListener('change', () => state.keys && go(readForm()));
complete(form.elements.keys, () => flowKeys);
complete(form.elements.filter, () => flowKeys);

at('window').addEventListener('change', event => {
  state = {...state, window: event.target.value};
  write(state, defaults);
  draw();
});

at('pause').addEventListener('click', event => {
  poll.isPaused = !poll.isPaused;
  event.target.setAttribute('aria-pressed', String(poll.isPaused));
  setText(event.target, poll.isPaused ? 'Go on' : 'Pause');
});

// --- The definition -------------------------------------------------------------------------------------------------

const flowPath = name => `flow/${segment(name)}/json`;
const activePath = () => {
  const query = new URLSearchParams({maxFlows: flowsMax, aggMode: state.mode});
  return `activeflows/${segment(state.agents)}/${segment(shown.name)}/json?${query}`;
};

/** Counts the questions: an answer to one that is no longer asked is dropped. */
let question = 0;

async function begin() {
  const number = question += 1;
  setText(at('refusal'), '');
  let found = null;
  try {
    found = await find();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (number === question) setText(at('refusal'), error.message);
  }
  if (number !== question) return letGo(found, shown);
  letGo(shown, found);
  shown = found;
  history.clear();
  newTable();
  draw();
  tellCurl();
  poll.again();
  definitionsPoll.again();
}

/** Removes a temporary definition, unless the next one is the same. */
function letGo(old, next) {
  if (old && old.name !== next?.name && isTemporary(old.name)) remove(flowPath(old.name)).catch(() => {});
}

/** Finds or makes the definition of the state; null when the state asks for none. */
async function find() {
  if (!state.keys && !state.name) return null;
  if (!state.keys) {
    const body = await ask(flowPath(state.name));
    state = {...state, keys: body.keys, unit: unitFor(body.value), filter: body.filter ?? ''};
    fillForm();
    return {name: state.name, body};
  }
  const body = definition(state);
  const name = state.name || temporaryName(body);
  if (state.name) {
    // A definition of that name which counts the same is only looked at, whatever its other members are.
    const there = await ask(flowPath(name)).catch(error => {
      if (error.status !== 404) throw error;
    });
    if (there && ['keys', 'value', 'filter'].every(member => (there[member] ?? '') === (body[member] ?? ''))) return {name, body: there};
  }
  await put(flowPath(name), body);
  return {name, body};
}

/** Somebody else may have removed a temporary definition, or the server was started again. */
async function keepDefined(all) {
  if (shown && isTemporary(shown.name) && !isSame(all[shown.name], shown.body)) await put(flowPath(shown.name), shown.body);
}

addEventListener('pagehide', () => {
  if (shown && isTemporary(shown.name)) fetch(new URL(flowPath(shown.name), base), {method: 'DELETE', keepalive: true}).catch(() => {});
});
addEventListener('pageshow', event => { if (event.persisted) begin(); });

// --- The chart and the table beside it ------------------------------------------------------------------------------

const label = key => shown ? key.split(shown.body.fs ?? ',').join(' → ') || 'all' : key;

function newTable() {
  const keys = splitKeys(shown?.body.keys ?? '');
  const columns = keys.map((key, index) => ({title: key, text: row => row.parts[index] ?? '', paint: (cell, row) => paintPart(cell, row, key, index, keys)}));
  table = new DataTable(at('flows'), {
    label: 'Largest flows now', key: row => row.key, sort: {column: 0, isDescending: true}, empty: noFlows,
    columns: [{
      title: 'Rate', isNumber: true, value: row => row.value, text: row => formatRate(row.value * unitOf(state.unit).scale),
      paint(cell, row) {
        cell.className = 'bar';
        cell.style.setProperty('--share', `${100 * row.value / row.largest}%`);
        setText(cell, formatRate(row.value * unitOf(state.unit).scale));
      }}, ...columns,
    {title: 'Ports', isNumber: true, text: row => String(row.flowN), value: row => row.flowN},
    linked('Largest at', row => `${row.agent} ${row.dataSource}`, row => pageAddress('agents.html', {agent: row.agent}))],
  });
}

function paintPart(cell, row, key, index, keys) {
  if (!cell.firstChild) {
    const value = make('button', {type: 'button', class: 'link', title: `Only ${key} of this row`, onclick: () => {
      go({...state, keys: keys.join(','), filter: narrowed(state.filter, key, value.dataset.value), name: ''});
    }}, make('bdi', {class: 'name'}));
    cell.append(...(index === 0 ? [make('span', {class: 'swatch'})] : []), value);
  }
  if (index === 0) cell.firstChild.style.background = `var(${history.colourOf(row.key)})`;
  const text = row.parts[index] ?? '';
  cell.lastChild.dataset.value = text;
  setName(cell.lastChild.firstChild, text);
}

function noFlows() {
  if (!shown) {
    return emptyState('Nothing is shown yet.', 'Type keys, such as ', make('button', {type: 'button', class: 'link', onclick: () => go(
      {...state, keys: 'ipsource,ipdestination'})}, 'ipsource,ipdestination'), ', or choose a definition below.');
  }
  if (history.isEmpty) return null;
  if (flowKeys.length === 0) return emptyState('No sampled packets.', 'Switch on sampling at the agents; the page Now says how.');
  const seen = new Set(flowKeys.map(choice => choice.text));
  const absent = splitKeys(shown.body.keys).filter(key => /^\w+$/.test(key) && !seen.has(key));
  return emptyState('No sample of the last seconds matches.', absent.length > 0
    ? `These keys do not occur in the traffic: ${absent.join(', ')}. A flow needs all its keys.`
    : 'A flow needs all its keys, and the filter must let it through.');
}

function draw() {
  const now = Date.now(), window = Number(state.window) * 1000;
  chart.window = window;
  const data = history.series(now - window, label, unitOf(state.unit).scale);
  chart.show({...data, end: now});
  at('legend').replaceChildren(...data.series.filter(one => one.values.some(value => value > 0)).map(one => {
    const swatch = make('span', {class: 'swatch'});
    swatch.style.background = `var(${one.colour})`;
    const text = make('bdi', {class: 'name'});
    setName(text, one.label);
    return make('span', {}, swatch, text);
  }));
}

function show(rows) {
  const {fs = ',', keys} = shown.body;
  const count = splitKeys(keys).length;
  const largest = rows[0]?.value || 1;
  history.add(Date.now(), rows);
  draw();
  table.show(rows.map(row => {
    // A hostile value may hold the separator: what is too much belongs to the last part.
    const parts = row.key.split(fs);
    return {...row, largest, parts: parts.length > count ? [...parts.slice(0, count - 1), parts.slice(count - 1).join(fs)] : parts};
  }));
  setText(at('note'), `other: all flows without a colour that the ports keep (${shown.body.n ?? 5} each), up to ${flowsMax}`);
}

function tellCurl() {
  setText(at('what'), shown ? shown.name : '');
  if (!shown) return showCurl([['Keys that occur', 'flowkeys/json'], ['Definitions', 'flow/json']]);
  const {body} = shown;
  showCurl([['Define', flowPath(shown.name), {method: 'PUT', body}], ['Ask', activePath()],
    ['Remove', flowPath(shown.name), {method: 'DELETE'}]]);
}

// --- Asking ---------------------------------------------------------------------------------------------------------

const poll = new Poll(pollMilliseconds, async signal => {
  if (!shown) {
    table?.show([]);
    return pollMilliseconds;
  }
  try {
    show(await ask(activePath(), {signal}));
  } catch (error) {
    if (error instanceof ServerError && error.status >= 400 && error.status < 500) setText(at('refusal'), error.message);
    draw();
    throw error;
  }
  return chartIsEmpty() ? firstPollMilliseconds : pollMilliseconds;
});

function chartIsEmpty() { return performance.getEntriesByName('first-chart').length === 0; }

const keysPoll = new Poll(10_000, async signal => {
  flowKeys = Object.entries(await ask('flowkeys/json', {signal})).map(([text, age]) => ({text, note: duration(age)}));
});

const definitions = new DataTable(at('definitions'), {
  label: 'Definitions', key: row => row.name, sort: {column: 0, isDescending: false},
  columns: [
    linked('Name', row => row.name, row => pageAddress('flows.html', {name: row.name})),
    named('Keys', row => row.keys), named('Value', row => row.value), named('Filter', row => row.filter ?? ''),
    {title: 'n', isNumber: true, text: row => String(row.n), value: row => row.n},
    {title: 't', isNumber: true, text: row => `${row.t} s`, value: row => row.t},
    {title: '', isFixed: true, paint(cell, row) {
      if (!cell.firstChild) cell.append(make('button', {type: 'button', class: 'small', onclick: () => removeDefinition(cell.dataset.name)}, 'Remove'));
      cell.dataset.name = row.name;
      cell.firstChild.setAttribute('aria-label', `Remove ${row.name}`);
    }},
  ],
  empty: () => emptyState('No flow is defined.', 'Above, keys and a value make one.'),
});

async function removeDefinition(name) {
  try {
    await remove(flowPath(name));
    if (shown?.name === name) await go({...defaults, window: state.window});
  } catch (error) {
    setText(at('refusal'), error.message);
  }
  definitionsPoll.again();
}

const definitionsPoll = new Poll(5_000, async signal => {
  const all = await ask('flow/json', {signal});
  definitions.show(Object.entries(all).map(([name, body]) => ({name, ...body})));
  await keepDefined(all);
});

onReturn(() => {
  state = read(defaults);
  fillForm();
  begin();
});
fillForm();
await begin();
// With nothing asked for, what others have defined is worth a look.
if (!shown && !location.search) {
  const kept = Object.keys(await ask('flow/json').catch(() => ({}))).filter(name => !isTemporary(name)).sort();
  if (kept.length > 0) {
    state = {...state, name: kept[0]};
    write(state, defaults);
    await begin();
  }
}
