// The page Metrics: any metric and statistic over time, and the rows behind it.

import {at, make, emptyState, setText} from './dom.js';
import {ask, segment, Poll, ServerError} from './server.js';
import {pageAddress, showCurl} from './frame.js';
import {scaled, percent, duration, isNumber, unitOf} from './format.js';
import {read, write, onReturn} from './address.js';
import {DataTable, metricValue, named, linked} from './table.js';
import {TimeChart} from './chart.js';
import {complete} from './completion.js';
import {AgentNames} from './agent-names.js';

const defaults = {metric: 'ifinutilization', statistic: 'quartiles', agents: 'ALL', filter: '', window: '300'};
const rowsMax = 100, samplesMax = 1000;
const form = at('query');
const names = new AgentNames();
const format = value => unitOf(state.metric) === '%' ? percent(value) : scaled(value, unitOf(state.metric));

let state = read(defaults);
let metricNames = [];
let samples = [];
const chart = new TimeChart(at('chart'), {label: 'Metric', format});

// --- Form and address -----------------------------------------------------------------------------------------------

function fillForm() {
  for (const name of ['metric', 'statistic', 'agents', 'filter']) form.elements[name].value = state[name];
  at('window').value = state.window;
}

function begin() {
  samples = [];
  setText(at('refusal'), '');
  setText(at('what'), state.statistic === 'quartiles' ? state.metric : `${state.statistic}:${state.metric}`);
  chart.label = at('what').textContent;
  showCurl([['Statistic', statisticPath()], ['Rows', rowsPath()], ['Metrics that there are', 'metrics/json']]);
  draw();
  statisticPoll.again();
  rowsPoll.again();
}

form.addEventListener('submit', event => {
  event.preventDefault();
  const value = name => form.elements[name].value.trim();
  state = {...state, metric: value('metric'), statistic: value('statistic'), agents: value('agents') || 'ALL',
    filter: value('filter').replace(/^\?/, '')};
  write(state, defaults, true);
  begin();
});
form.elements.statistic.addEventListener('change', () => form.requestSubmit());
complete(form.elements.metric, () => metricNames);
complete(form.elements.filter, () => metricNames);
at('window').addEventListener('change', event => {
  state = {...state, window: event.target.value};
  write(state, defaults);
  draw();
});
at('pause').addEventListener('click', event => {
  statisticPoll.isPaused = !statisticPoll.isPaused;
  rowsPoll.isPaused = statisticPoll.isPaused;
  event.target.setAttribute('aria-pressed', String(statisticPoll.isPaused));
  setText(event.target, statisticPoll.isPaused ? 'Go on' : 'Pause');
});

// --- The chart ------------------------------------------------------------------------------------------------------

/** The filter as a query string: each condition's pattern encoded, its name left. */
function query() {
  if (!state.filter) return '';
  const pairs = state.filter.split('&').map(pair => pair.split(/=(.*)/s).slice(0, 2).map(encodeURIComponent).join('='));
  return `?${pairs.join('&')}`;
}

const statisticPath = () => {
  const wanted = state.statistic === 'quartiles' ? [`med:${state.metric}`, `avg:${state.metric}`] : [`${state.statistic}:${state.metric}`];
  return `metric/${segment(state.agents)}/${segment(wanted.join(','))}/json${query()}`;
};
const rowsPath = () => {
  const isPort = /^(\d+\.)?(if|eth_|agg_)/.test(state.metric);
  const columns = [`sort:${state.metric}:-${rowsMax}`, isPort ? 'null:ifname' : 'null:host_name'];
  return `table/${segment(state.agents)}/${segment(columns.join(','))}/json${query()}`;
};

function draw() {
  const now = Date.now(), window = Number(state.window) * 1000;
  chart.window = window;
  const kept = samples.filter(sample => sample.time >= now - window);
  const line = (label, colour, of) => ({label, colour, kind: 'line', values: kept.map(of)});
  const band = (label, colour, low, high) => ({label, colour, kind: 'band',
    low: kept.map(sample => sample.quartiles?.[low] ?? null), high: kept.map(sample => sample.quartiles?.[high] ?? null)});
  const series = state.statistic === 'quartiles'
    ? [band('min … max', '--band-outer', 'min', 'max'), band('q1 … q3', '--band', 'q1', 'q3'),
      line('mean', '--c1', sample => sample.mean), line('median', '--accent', sample => sample.value)]
    : [line(state.statistic, '--accent', sample => sample.value)];
  chart.show({times: kept.map(sample => sample.time), series, end: now});
  at('legend').replaceChildren(...series.toReversed().map(one => {
    const swatch = make('span', {class: 'swatch'});
    swatch.style.background = `var(${one.colour})`;
    return make('span', {}, swatch, one.label);
  }));
}

function take([first, second]) {
  const number = answer => isNumber(answer?.metricValue) ? answer.metricValue : null;
  samples.push({time: Date.now(), value: number(first), mean: number(second), quartiles: first.quartiles});
  if (samples.length > samplesMax) samples.shift();
  const value = typeof first.metricValue === 'string' ? 'texts' : format(first.metricValue);
  setText(at('reading'), first.metricN > 0 ? `${value} over ${first.metricN} data sources, ${duration(first.lastUpdateMin)} to ${
    duration(first.lastUpdateMax)} old` : 'no data source has it');
  draw();
}

const statisticPoll = new Poll(2_000, signal => shown(async () => take(await ask(statisticPath(), {signal}))));

/** Runs it; what the server refuses is said beside the form. */
async function shown(body) {
  try {
    await body();
    setText(at('refusal'), '');
  } catch (error) {
    if (error instanceof ServerError && error.status) setText(at('refusal'), error.message);
    draw();
    throw error;
  }
}

// --- The rows -------------------------------------------------------------------------------------------------------

const rows = new DataTable(at('rows'), {
  label: 'Rows', key: row => `${row.agent} ${row.source}`, sort: {column: 3, isDescending: true},
  columns: [
    linked('Agent', row => names.of(row.agent), row => pageAddress('agents.html', {agent: row.agent})),
    {title: 'Source', text: row => row.source},
    named('Name', row => row.name),
    metricValue('Value', {text: row => row.text, value: row => row.value, share: row => row.value > 0 ? row.value / row.scale : null}),
    {title: 'Age', isNumber: true, text: row => duration(row.age), value: row => row.age},
  ],
  empty: () => samples.length === 0 ? null : emptyState(`No data source has '${state.metric}'.`, metricNames.some(one => one.text === state.metric)
    ? 'The agents or the filter leave none.' : 'No agent has sent such a metric: the field above completes the names that there are.'),
});

const rowsPoll = new Poll(3_000, signal => shown(async () => {
  const answer = await ask(rowsPath(), {signal});
  const values = answer.map(([cell]) => cell.metricValue).filter(isNumber);
  const scale = unitOf(state.metric) === '%' ? 100 : Math.max(...values, 0) || 1;
  rows.show(answer.map(([cell, label]) => ({
    agent: cell.agent, source: cell.dataSource, name: label?.metricValue ?? '', value: cell.metricValue, scale,
    text: typeof cell.metricValue === 'string' ? cell.metricValue : format(cell.metricValue),
    age: cell.lastUpdate,
  })));
  setText(at('rows-note'), answer.length === rowsMax ? `the ${rowsMax} largest` : '');
}));

const namesPoll = new Poll(15_000, async signal => {
  metricNames = Object.entries(await ask('metrics/json', {signal})).map(([text, age]) => ({text, note: duration(age)}));
  names.take(await ask('agents/json', {signal}));
});

onReturn(() => {
  state = read(defaults);
  fillForm();
  begin();
});
fillForm();
begin();
