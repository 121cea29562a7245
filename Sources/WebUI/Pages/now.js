// The first page: is it working, and what is happening. When something is missing it names the first stage of the pipeline
// that is empty, and the next step.

import {at, make, emptyState, setText} from './dom.js';
import {ask, put, Poll, ServerError} from './server.js';
import {pageAddress, showCurl} from './frame.js';
import {count, scaled, percent, plain, nothing, isNumber, dateTime} from './format.js';
import {DataTable, bar, named, linked} from './table.js';
import {TimeChart} from './chart.js';
import {EventLog} from './event-log.js';
import {AgentNames} from './agent-names.js';

const paths = {
  analyzer: 'analyzer/json', agents: 'agents/json', flows: 'flow/json', cluster: 'cluster/json',
  ports: 'table/ALL/null:ifname,sort:ifinutilization:-10,null:ifoututilization,null:ifspeed/json',
};
const keptSamples = 300;
const names = new AgentNames();
const state = {counters: null, rate: null, agents: null, flows: null, chosenFlow: null, cluster: null, portCount: null};

// --- Figures --------------------------------------------------------------------------------------------------------

function figure(label, text, mark = '', note = '') {
  return make('div', {class: mark}, make('dt', {}, label), make('dd', {}, text, note && make('small', {}, ' ' + note)));
}

function showFigures() {
  const {counters, rate, agents, cluster} = state;
  if (!counters) return;
  const refused = counters.sFlowParseErrors + counters.sFlowUnsupportedVersion;
  at('figures').replaceChildren(
    figure('Agents', count(counters.sFlowAgents)),
    figure('Data sources', agents ? count(agents.dataSources) : nothing),
    figure('Datagrams a second', scaled(rate?.datagrams)),
    figure('Samples a second', scaled(rate?.samples)),
    figure('Lost on the way', agents ? percent(agents.lostShare) : nothing, agents?.lostShare > 0.1 ? 'warn' : ''),
    figure('Dropped by the kernel', count(counters.sFlowDatagramsDiscarded), counters.sFlowDatagramsDiscarded > 0 ? 'bad' : ''),
    figure('Not decodable', count(refused), refused > 0 ? 'warn' : ''),
    clusterFigure(cluster));
}

function clusterFigure(cluster) {
  if (!cluster) return figure('Shards held', nothing);
  if (cluster.role === 'serve') return figure('Shards held', 'all', '', 'one process');
  const held = cluster.shards - cluster.missingShards;
  return figure('Shards held', `${count(held)}/${count(cluster.shards)}`, cluster.missingShards > 0 ? 'bad' : '',
    cluster.frozen ? 'frozen' : '');
}

// --- Rates ----------------------------------------------------------------------------------------------------------

const gap = 8_000;
const rates = [];
const charts = {
  datagrams: new TimeChart(at('datagrams'), {label: 'Datagrams a second', format: value => scaled(value), gap}),
  samples: new TimeChart(at('samples'), {label: 'Samples a second', format: value => scaled(value), gap}),
};

function takeCounters(counters) {
  const last = state.counters;
  state.counters = counters;
  const samples = all => all.stages.samples.flow + all.stages.samples.counter + all.stages.samples.notification;
  // A server that was started again begins at 0: no rate, a gap.
  if (!last || counters.uptime <= last.uptime) return;
  const seconds = (counters.uptime - last.uptime) / 1000;
  state.rate = {
    datagrams: (counters.sFlowDatagramsReceived - last.sFlowDatagramsReceived) / seconds,
    samples: (samples(counters) - samples(last)) / seconds,
  };
  rates.push({time: Date.now(), ...state.rate});
  if (rates.length > keptSamples) rates.shift();
  for (const which of ['datagrams', 'samples']) {
    charts[which].show({times: rates.map(rate => rate.time), series: [
      {label: which, kind: 'line', colour: '--accent', values: rates.map(rate => rate[which])}]});
    setText(at(`${which}-now`), scaled(state.rate[which]));
  }
}

// --- The stage that is empty ----------------------------------------------------------------------------------------

function stage() {
  const {counters, agents} = state;
  if (!counters) return null;
  const received = counters.sFlowDatagramsReceived;
  const refused = counters.sFlowParseErrors + counters.sFlowUnsupportedVersion;
  if (received === 0) {
    return emptyState('No datagrams yet.', 'Point an sFlow version 5 agent at the UDP port of the ready line (6343 unless it was set) ' +
      'of this machine, and see that no firewall drops it. Without a network: ', make('code', {}, 'weir serve --demo'), '.');
  }
  if (refused === received) {
    return emptyState('Datagrams arrive, but none can be decoded.', `${count(refused)} were refused: `,
      counters.sFlowUnsupportedVersion > 0 ? 'they are not sFlow version 5; NetFlow, IPFIX or sFlow 2 or 4 goes elsewhere.'
        : 'the counters under stages.shards of /analyzer/json say why.');
  }
  const {samples} = counters.stages;
  if (samples.counter === 0 && samples.flow === 0) {
    return emptyState('Datagrams arrive, but without samples.', 'Switch on sampling and counter polling at the agents.');
  }
  if (samples.flow === 0) {
    return emptyState('Counters, but no flow samples: sampling is off.',
      'Set a sampling rate at the agents, such as 1 in 1,000 packets at 1 Gbit/s or 1 in 10,000 at 10 Gbit/s and more.');
  }
  if (samples.counter === 0) {
    return emptyState('Flow samples, but no counters: polling is off.', 'Set a polling interval at the agents, such as 20 seconds.');
  }
  return agents && agents.total > 0 && agents.silent === agents.total
    ? emptyState('All agents are silent.', 'None has sent anything for a minute: look at the network between them and this machine.') : null;
}

function showStage() {
  const now = stage();
  if (now?.textContent === at('stage').textContent) return;
  at('stage').replaceChildren(...[now].filter(Boolean));
}

// --- Tables ---------------------------------------------------------------------------------------------------------

const share = value => isNumber(value) ? value / 100 : null;
const ports = new DataTable(at('ports'), {
  label: 'Busiest ports', key: row => `${row.agent} ${row.source}`,
  columns: [
    linked('Agent', row => names.of(row.agent), row => pageAddress('agents.html', {agent: row.agent})),
    named('Port', row => row.port),
    {title: 'Speed', isNumber: true, text: row => row.speed ? scaled(row.speed, 'bit/s') : nothing, value: row => row.speed},
    bar('In', row => percent(row.input), row => row.input, row => share(row.input)),
    bar('Out', row => percent(row.output), row => row.output, row => share(row.output)),
  ],
  empty: () => emptyState('No port has a utilisation yet.', 'It needs two counter samples of a port whose speed is known.'),
});

async function refreshPorts(signal) {
  const rows = await ask(paths.ports, {signal});
  ports.show(rows.map(([port, input, output, speed]) => ({
    agent: input.agent, source: input.dataSource, port: port?.metricValue ?? input.dataSource,
    input: input.metricValue, output: output?.metricValue, speed: speed?.metricValue,
  })));
}

const flowTable = new DataTable(at('flows'), {
  label: 'Largest flows', key: row => row.key,
  columns: [
    named('Flow', row => row.shown),
    bar('Rate', row => row.text, row => row.value, row => row.value / row.largest),
  ],
  empty: noFlows,
});

function noFlows() {
  if (!state.flows) return null;
  if (Object.keys(state.flows).length === 0) {
    return emptyState('No flow is defined.', make('button', {type: 'button', class: 'link', onclick: definePairs},
      'Count bytes by source and destination address'), ', or choose keys on the page ',
    make('a', {href: 'flows.html'}, 'Flows'), '.');
  }
  return emptyState(`No sample of the last seconds matches '${state.chosenFlow}'.`,
    'If traffic flows, look at the filter of the definition, and at which keys occur: a flow needs all its keys.');
}

async function definePairs() {
  try {
    await put('flow/pairs/json', {keys: 'ipsource,ipdestination', value: 'bytes'});
    polls.flows.again();
  } catch (error) {
    at('flows').append(make('p', {class: 'refusal', role: 'alert'}, error.message));
  }
}

const flowPath = name => `activeflows/ALL/${encodeURIComponent(name)}/json?maxFlows=10`;

async function refreshFlows(signal) {
  state.flows = await ask(paths.flows, {signal});
  const all = Object.keys(state.flows).sort();
  // A temporary definition of the page Flows is no good default.
  if (!all.includes(state.chosenFlow)) state.chosenFlow = all.find(name => !name.startsWith('web-')) ?? all[0] ?? null;
  const chosen = state.chosenFlow;
  const rows = chosen === null ? [] : await ask(flowPath(chosen), {signal});
  const {value, fs = ','} = state.flows[chosen] ?? {};
  const largest = rows[0]?.value || 1;
  flowTable.show(rows.map(row => ({
    key: row.key, shown: row.key.split(fs).join(' → ') || '(all)', value: row.value, largest,
    text: value === 'bytes' ? scaled(8 * row.value, 'bit/s') : scaled(row.value, '/s'),
  })));
  at('flow-which').replaceChildren(...(chosen === null ? [] : [make('a', {href: pageAddress('flows.html', {name: chosen})}, chosen)]));
}

const events = new DataTable(at('events'), {
  label: 'Latest events', key: row => row.eventID,
  columns: [
    {title: 'Time', text: row => dateTime(row.timestamp), isFixed: true},
    named('Threshold', row => row.thresholdID),
    named('Where', row => `${names.of(row.agent)} ${row.dataSource}`),
    {title: 'Value', isNumber: true, text: row => plain(row.value), value: row => row.value},
  ],
  empty: () => emptyState('No events.', 'A threshold tells when a metric or a flow is too large: define one on the page ',
    make('a', {href: 'events.html'}, 'Events'), '.'),
});
const log = new EventLog(10, rows => events.show(rows));

// --- Asking ---------------------------------------------------------------------------------------------------------

function takeAgents(agents) {
  names.take(agents);
  events.show(log.rows);
  const all = Object.values(agents);
  const sum = of => all.reduce((total, agent) => total + of(agent), 0);
  const received = sum(agent => agent.sFlowDatagramsReceived), lost = sum(agent => agent.sFlowDatagramsLost);
  state.agents = {
    total: all.length, silent: all.filter(agent => agent.lastSeen > 60_000).length,
    dataSources: sum(agent => Math.max(agent.sFlowFlowDatasources, agent.sFlowCounterDatasources)),
    lostShare: received + lost > 0 ? 100 * lost / (received + lost) : null,
  };
}

let round = 0;
const polls = {
  counters: new Poll(2_000, async signal => {
    takeCounters(await ask(paths.analyzer, {signal}));
    showFigures();
    showStage();
    round += 1;
    return round < 3 ? 500 : undefined;
  }),
  agents: new Poll(10_000, async signal => {
    takeAgents(await ask(paths.agents, {signal}));
    showFigures();
  }),
  ports: new Poll(3_000, refreshPorts),
  flows: new Poll(2_000, refreshFlows),
  cluster: new Poll(3_000, async signal => {
    try {
      state.cluster = await ask(paths.cluster, {signal});
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      state.cluster = null;
    }
    showFigures();
  }),
};
log.start();
showCurl([['Counters', paths.analyzer], ['Agents', paths.agents], ['Busiest ports', paths.ports],
  ['Largest flows', flowPath('pairs')], ['Latest events', 'events/json?maxEvents=10'], ['Cluster', paths.cluster]]);
