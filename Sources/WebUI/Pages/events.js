// The page Events: what thresholds there are, what they have told, and a form for another one.

import {at, make, emptyState, setText, setName} from './dom.js';
import {ask, put, remove, segment, Poll} from './server.js';
import {pageAddress, showCurl} from './frame.js';
import {plain, duration, dateTime} from './format.js';
import {read, write, onReturn} from './address.js';
import {DataTable, named, linked} from './table.js';
import {complete} from './completion.js';
import {AgentNames} from './agent-names.js';
import {EventLog} from './event-log.js';

const defaults = {threshold: ''};
const eventsMax = 500;
let state = read(defaults);
let metricNames = [], thresholdNames = [], flowNames = new Set();
const names = new AgentNames();
const path = name => `threshold/${segment(name)}/json`;

// --- The log --------------------------------------------------------------------------------------------------------

const table = new DataTable(at('events'), {
  label: 'Events', key: row => row.eventID,
  columns: [
    {title: 'Number', isNumber: true, text: row => String(row.eventID), value: row => row.eventID},
    {title: 'Time', text: row => dateTime(row.timestamp), value: row => row.timestamp},
    named('Threshold', row => row.thresholdID),
    linked('Metric', row => row.metric, row => flowNames.has(row.metric) ? pageAddress('flows.html', {name: row.metric})
      : pageAddress('metrics.html', {metric: `${row.dataSource}.${row.metric}`, statistic: 'max', agents: row.agent})),
    {title: 'Value', isNumber: true, text: row => plain(row.value), value: row => row.value},
    {title: 'Above', isNumber: true, text: row => plain(row.threshold), value: row => row.threshold},
    linked('Agent', row => names.of(row.agent), row => pageAddress('agents.html', {agent: row.agent})),
    {title: 'Source', text: row => row.dataSource},
    named('Flow', row => row.flowKey ?? ''),
  ],
  empty: () => thresholdNames.length === 0 ? emptyState('No events, and no threshold that could make some.', 'Define one above.')
    : emptyState('No events yet.', 'An event comes when a metric rises above its threshold; the next one when it was at or below it in between.'),
});

const log = new EventLog(eventsMax, rows => {
  table.show(rows);
  setText(at('log-note'), rows.length > 0 ? `the newest ${rows.length}, as they happen` : '');
});

function begin() {
  at('only').value = state.threshold;
  log.start(state.threshold);
  const query = state.threshold ? `&thresholdID=${encodeURIComponent(state.threshold)}` : '';
  showCurl([['Events, waiting for the next', `events/json?eventID=-1&maxEvents=10&timeout=60${query}`], ['Thresholds', 'threshold/json'],
    ['Define', path('busy'), {method: 'PUT', body: {metric: 'ifinutilization', value: 80, timeout: 10}}]]);
}

at('only').addEventListener('change', event => {
  state = {threshold: event.target.value};
  write(state, defaults, true);
  begin();
});

// --- Thresholds -----------------------------------------------------------------------------------------------------

const thresholds = new DataTable(at('thresholds'), {
  label: 'Thresholds', key: row => row.name, sort: {column: 0, isDescending: false},
  columns: [
    {title: 'Name', text: row => row.name, paint(cell, row) {
      if (!cell.firstChild) cell.append(make('button', {type: 'button', class: 'link', title: 'Edit', onclick: () => fill(cell.row)}, make('bdi', {class: 'name'})));
      cell.row = row;
      setName(cell.firstChild.firstChild, row.name);
    }},
    named('Metric', row => row.metric),
    {title: 'Above', isNumber: true, text: row => plain(row.value), value: row => row.value},
    named('Only', row => [row.byFlow ? 'each flow' : '', ...Object.entries(row.filter ?? {}).map(([name, list]) => `${name}=${list.join(',')}`)].filter(Boolean).join('; ')),
    {title: 'Quiet after', isNumber: true, text: row => row.timeout ? duration(1000 * row.timeout) : '', value: row => row.timeout},
    {title: '', isFixed: true, paint(cell, row) {
      if (!cell.firstChild) cell.append(make('button', {type: 'button', class: 'small', onclick: () => change(() => remove(path(cell.row.name)))}, 'Remove'));
      cell.row = row;
      cell.firstChild.setAttribute('aria-label', `Remove ${row.name}`);
    }},
  ],
  empty: () => emptyState('No thresholds.', 'Define one: a metric and the value above which it is worth an event.'),
});

async function change(body) {
  setText(at('refusal'), '');
  try {
    await body();
  } catch (error) {
    setText(at('refusal'), error.message);
    return false;
  }
  poll.again();
  return true;
}

const form = at('define');

/** `name=a&name=b&other=c` as the lists that a threshold's filter is made of. */
function filterLists(text) {
  const lists = {};
  for (const pair of text.split('&').filter(Boolean)) {
    const [name, value = ''] = pair.split(/=(.*)/s);
    (lists[name.trim()] ??= []).push(value.trim());
  }
  return lists;
}

form.addEventListener('submit', async event => {
  event.preventDefault();
  const {name, metric, value, timeout, filter, byFlow} = form.elements;
  const body = {metric: metric.value.trim(), value: Number(value.value)};
  if (timeout.value) body.timeout = Number(timeout.value);
  if (filter.value.trim()) body.filter = filterLists(filter.value);
  if (byFlow.checked) body.byFlow = true;
  if (await change(() => put(path(name.value.trim()), body))) form.reset();
});

function fill(row) {
  const {name, metric, value, timeout, filter, byFlow} = form.elements;
  name.value = row.name;
  metric.value = row.metric;
  value.value = row.value;
  timeout.value = row.timeout || '';
  filter.value = Object.entries(row.filter ?? {}).flatMap(([key, list]) => list.map(item => `${key}=${item}`)).join('&');
  byFlow.checked = Boolean(row.byFlow);
  name.focus();
}

complete(form.elements.metric, () => metricNames);
complete(form.elements.filter, () => metricNames);

// --- Asking ---------------------------------------------------------------------------------------------------------

const poll = new Poll(5_000, async signal => {
  const all = await ask('threshold/json', {signal});
  thresholdNames = Object.keys(all).sort();
  thresholds.show(Object.entries(all).map(([name, body]) => ({name, ...body})));
  const wanted = ['', ...new Set([...thresholdNames, state.threshold].filter(Boolean))];
  if ([...at('only').options].map(option => option.value).join('\n') !== wanted.join('\n')) {
    at('only').replaceChildren(...wanted.map(name => make('option', {value: name}, name || 'all thresholds')));
    at('only').value = state.threshold;
  }
  if (log.rows.length === 0) table.show([]);
});
new Poll(15_000, async signal => {
  const [metrics, agents, flows] = await Promise.all(['metrics/json', 'agents/json', 'flow/json'].map(path => ask(path, {signal})));
  metricNames = Object.entries(metrics).map(([text, age]) => ({text, note: duration(age)}));
  flowNames = new Set(Object.keys(flows));
  names.take(agents);
  table.show(log.rows);
});
onReturn(() => {
  state = read(defaults);
  begin();
});
begin();
