// The page Agents: all of them as a table, and one of them with its data sources and all its metrics.

import {at, make, emptyState, setText} from './dom.js';
import {ask, segment, Poll} from './server.js';
import {pageAddress, showCurl} from './frame.js';
import {count, scaled, percent, plain, duration, nothing, isNumber} from './format.js';
import {read, write, onReturn} from './address.js';
import {DataTable, bar, metricValue, named, linked} from './table.js';

const defaults = {agent: '', find: '', sort: '0', down: ''};
let state = read(defaults);
const silentMilliseconds = 60_000;
/** A rate is over so many questions: half a minute, as hosts send a datagram or two in that time. */
const rateSnapshots = 7;

/** Of an agent: lost datagrams, percent of those sent. */
function lostShare(agent) {
  const sent = agent.sFlowDatagramsReceived + agent.sFlowDatagramsLost;
  return sent > 0 ? 100 * agent.sFlowDatagramsLost / sent : null;
}

// --- All agents -----------------------------------------------------------------------------------------------------

const byState = {title: 'Seen', isNumber: true, value: row => row.lastSeen, text: row => duration(row.lastSeen),
  paint(cell, row) {
    cell.className = row.lastSeen > silentMilliseconds ? 'number bad-text' : 'number';
    setText(cell, duration(row.lastSeen));
  }};

function overview() {
  at('all').hidden = false;
  at('find').value = state.find;
  let all = null;
  const snapshots = [];
  const table = new DataTable(at('agents'), {
    label: 'Agents', key: row => row.address,
    sort: {column: Number(state.sort) || 0, isDescending: state.down === 'y'},
    onSort: sort => keep({sort: String(sort.column), down: sort.isDescending ? 'y' : ''}),
    columns: [
      linked('Agent', row => row.hostName || row.address, row => pageAddress('agents.html', {agent: row.address})),
      {title: 'Address', text: row => row.address},
      {title: 'Data sources', isNumber: true, text: row => count(row.sources), value: row => row.sources},
      {title: 'Datagrams/s', isNumber: true, text: row => scaled(row.rate), value: row => row.rate},
      {title: 'Flow samples', isNumber: true, text: row => count(row.sFlowFlowSamples), value: row => row.sFlowFlowSamples},
      {title: 'Counter samples', isNumber: true, text: row => count(row.sFlowCounterSamples), value: row => row.sFlowCounterSamples},
      {title: 'Lost', isNumber: true, text: row => percent(row.lost), value: row => row.lost,
        paint(cell, row) {
          cell.className = row.lost > 0.1 ? 'number warn-text' : 'number';
          setText(cell, percent(row.lost));
        }},
      {title: 'Drops', isNumber: true, text: row => count(row.drops), value: row => row.drops},
      byState,
      {title: 'Up', isNumber: true, text: row => duration(row.uptime), value: row => row.uptime},
      named('Faults', row => Object.entries(row.faults ?? {}).map(([reason, number]) => `${reason} ${number}`).join(', ')),
    ],
    empty: () => state.find ? emptyState(`No agent's name or address contains '${state.find.slice(0, 60)}'.`)
      : emptyState('No agents.', 'The page Now says which stage is empty, and the next step.'),
  });
  const show = () => {
    const sought = state.find.toLowerCase();
    table.show(all.filter(row => !sought || row.address.toLowerCase().includes(sought) || row.hostName?.toLowerCase().includes(sought)));
    const silent = all.filter(row => row.lastSeen > silentMilliseconds).length;
    setText(at('count'), `${count(all.length)}${silent ? `, ${count(silent)} silent for a minute` : ''}`);
  };
  at('find').addEventListener('input', event => {
    keep({find: event.target.value});
    if (all) show();
  });
  showCurl([['All agents', 'agents/json']]);
  return new Poll(5_000, async signal => {
    const answer = await ask('agents/json', {signal});
    const now = performance.now(), first = snapshots[0];
    snapshots.push({now, received: new Map(Object.entries(answer).map(([address, agent]) => [address, agent.sFlowDatagramsReceived]))});
    if (snapshots.length > rateSnapshots) snapshots.shift();
    all = Object.entries(answer).map(([address, agent]) => {
      const grown = agent.sFlowDatagramsReceived - first?.received.get(address);
      return {...agent, address, sources: Math.max(agent.sFlowFlowDatasources, agent.sFlowCounterDatasources), lost: lostShare(agent),
        drops: agent.sFlowFlowDrops,
        rate: grown >= 0 ? grown / (now - first.now) * 1000 : null};
    });
    show();
    return all.length > 0 && all.every(row => row.rate === null) ? 1_000 : undefined;
  });
}

function keep(changes) {
  state = {...state, ...changes};
  write(state, defaults);
}

// --- One agent ------------------------------------------------------------------------------------------------------

const figure = (label, text, mark = '') => make('div', {class: mark}, make('dt', {}, label), make('dd', {}, text));

function showFigures(agent) {
  at('figures').hidden = false;
  at('figures').replaceChildren(
    figure('Last seen', duration(agent.lastSeen), agent.lastSeen > silentMilliseconds ? 'bad' : ''),
    figure('Up', duration(agent.uptime)),
    figure('Datagrams', count(agent.sFlowDatagramsReceived)),
    figure('Lost', `${count(agent.sFlowDatagramsLost)}`, agent.sFlowDatagramsLost > 0 ? 'warn' : ''),
    figure('Lost, share', percent(lostShare(agent))),
    figure('Out of order', count(agent.sFlowDatagramsOutOfOrder)),
    figure('Duplicates', count(agent.sFlowDatagramsDuplicates)),
    figure('Restarts', count(agent.sFlowRestarts)),
    figure('Flow samples', count(agent.sFlowFlowSamples)),
    figure('Dropped by the sampler', count(agent.sFlowFlowDrops), agent.sFlowFlowDrops > 0 ? 'warn' : ''),
    figure('Counter samples', count(agent.sFlowCounterSamples)),
    figure('Discarded packets told', count(agent.sFlowNotificationSamples)));
  const faults = Object.entries(agent.faults ?? {});
  at('stage').replaceChildren(...(faults.length === 0 ? [] : [emptyState('Some of what this agent sends is malformed.',
    faults.map(([reason, number]) => `${reason}: ${count(number)}`).join(', '))]));
}

const share = value => isNumber(value) ? value / 100 : null;
const metricPage = (agent, source, metric) => pageAddress('metrics.html', {metric: `${source}.${metric}`, statistic: 'max', agents: agent});

function portTable(address) {
  const number = (title, of) => ({title, isNumber: true, text: row => plain(of(row)), value: of});
  return new DataTable(at('ports'), {
    label: 'Data sources', key: row => row.source, sort: {column: 0, isDescending: false},
    columns: [
      linked('Source', row => row.source, row => metricPage(address, row.source, row.isPort ? 'ifinutilization' : 'load_one')),
      named('Name', row => row.name ?? ''),
      {title: 'State', text: row => row.status ?? nothing},
      {title: 'Speed', isNumber: true, text: row => row.speed ? scaled(row.speed, 'bit/s') : nothing, value: row => row.speed},
      bar('In', row => percent(row.input), row => row.input, row => share(row.input)),
      bar('Out', row => percent(row.output), row => row.output, row => share(row.output)),
      number('Errors/s', row => row.errors),
      number('Discards/s', row => row.discards),
      {title: 'Sampling 1 in', isNumber: true, text: row => count(row.samplingRate), value: row => row.samplingRate},
      {title: 'Effectively', isNumber: true, text: row => count(row.effective), value: row => row.effective},
      {title: 'Samples', isNumber: true, text: row => count(row.samples), value: row => row.samples},
      {title: 'Lost', isNumber: true, text: row => count(row.lost), value: row => row.lost},
      {title: 'Drops', isNumber: true, text: row => count(row.drops), value: row => row.drops},
    ],
    empty: () => emptyState('No data sources.', 'This agent has sent neither counters nor flow samples: switch on polling and sampling there.'),
  });
}

const columns = ['ifname', 'ifoperstatus', 'ifspeed', 'ifinutilization', 'ifoututilization', 'ifinerrors', 'ifouterrors', 'ifindiscards', 'ifoutdiscards'];
/** null when neither direction has it. */
const both = (a, b) => isNumber(a) || isNumber(b) ? (a ?? 0) + (b ?? 0) : null;

function mergeSources(table, sources) {
  const merged = new Map();
  for (const cells of table) {
    const [name, status, speed, input, output, inErrors, outErrors, inDiscards, outDiscards] = cells.map(cell => cell?.metricValue);
    const source = cells.find(Boolean)?.dataSource;
    if (source === undefined) continue;
    merged.set(source, {source, name, status, speed, input, output, errors: both(inErrors, outErrors),
      discards: both(inDiscards, outDiscards), isPort: true});
  }
  for (const one of sources) {
    merged.set(one.dataSource, {source: one.dataSource, name: one.ifname, isPort: !one.dataSource.includes('.'), ...merged.get(one.dataSource),
      samplingRate: one.samplingRate, effective: one.effectiveSamplingRate, samples: one.flowSamples, lost: one.flowLostSamples, drops: one.flowDrops});
  }
  return [...merged.values()];
}

function single(address) {
  for (const id of ['one', 'ports-panel', 'metrics-panel']) at(id).hidden = false;
  setText(at('title'), address.slice(0, 120));
  const one = segment(address);
  const paths = {
    agent: `agents/json?agent=${encodeURIComponent(address)}`, sources: `datasources/${one}/json`,
    table: `table/${one}/${columns.map(column => `null:${column}`).join(',')}/json`, metrics: `metric/${one}/json`,
  };
  showCurl([['The agent', paths.agent], ['Sampling', paths.sources], ['Ports', paths.table], ['All metrics', paths.metrics]]);
  const ports = portTable(address);
  let metrics = [];
  const metricTable = new DataTable(at('metrics'), {
    label: 'Metrics', key: row => row.source + ' ' + row.metric, sort: {column: 1, isDescending: false},
    columns: [{title: 'Source', text: row => row.source},
      linked('Metric', row => row.metric, row => metricPage(address, row.source, row.metric)),
      metricValue('Value', {text: row => plain(row.value), value: row => row.value, share: () => null})],
    empty: () => emptyState('No such metric.'),
  });
  const showMetrics = () => {
    const sought = at('find-metric').value.trim().toLowerCase();
    metricTable.show(metrics.filter(row => sought ? row.metric.toLowerCase().includes(sought) : row.source.includes('.') || !row.metric.startsWith('if')));
  };
  at('find-metric').addEventListener('input', showMetrics);
  return new Poll(3_000, async signal => {
    const agents = await ask(paths.agent, {signal});
    const [found, agent] = Object.entries(agents)[0] ?? [];
    if (!agent) {
      at('stage').replaceChildren(emptyState(`There is no agent '${address.slice(0, 60)}'.`, 'It has sent nothing, or nothing for so long that it was forgotten.'));
      return;
    }
    setText(at('title'), (agent.hostName || found).slice(0, 120));
    setText(at('address'), `${found}, from ${agent.sFlowDatagramSource.join(', ')}`);
    showFigures(agent);
    const [table, sources, values] = await Promise.all([paths.table, paths.sources, paths.metrics].map(path => ask(path, {signal})));
    ports.show(mergeSources(table, sources));
    metrics = Object.entries(values).map(([key, value]) => {
      const [, source, metric] = key.match(/^(\d+(?:\.\d+)?)\.(.*)$/s) ?? ['', '', key];
      return {source, metric, value};
    });
    showMetrics();
  });
}

if (state.agent) single(state.agent);
else overview();
onReturn(() => location.reload());
