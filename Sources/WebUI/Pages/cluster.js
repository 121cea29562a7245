// The page Cluster: who is there, who has which shards, what moves. A single process says so and shows its one member.

import {at, make, emptyState, setText} from './dom.js';
import {ask, Poll, ServerError} from './server.js';
import {showCurl} from './frame.js';
import {count, scaled, duration, nothing, isNumber} from './format.js';
import {DataTable, named} from './table.js';
import {ShardMap} from './shard-map.js';

const path = 'cluster/json';
const figure = (label, text, mark = '') => make('div', {class: mark}, make('dt', {}, label), make('dd', {}, text));

const stateClass = {up: 'good-text', late: 'warn-text', draining: 'warn-text', gone: 'bad-text', done: 'good-text', failed: 'bad-text'};
const stateColumn = {title: 'State', text: row => row.state, paint(cell, row) {
  cell.className = stateClass[row.state] ?? '';
  setText(cell, row.state);
}};

const map = new ShardMap(at('map'), at('map-reading'), at('legend'));
const number = (title, of, text) => ({title, isNumber: true, value: of, text: row => text(of(row))});

const members = new DataTable(at('members'), {
  label: 'Members', key: row => `${row.role} ${row.name}`, sort: {column: 0, isDescending: false},
  columns: [
    named('Name', row => row.name), {title: 'Role', text: row => row.role}, stateColumn, named('Error', row => row.error ?? ''),
    number('Heard', row => row.lastSeenMs, duration),
    number('Shards', row => row.primaryShards, count), number('Replicas', row => row.replicaShards, count),
    number('Agents', row => row.load?.agents, count),
    number('Datagrams/s', row => row.load?.datagramsPerSecond, value => scaled(value)),
    number('Samples/s', row => row.load?.samplesPerSecond, value => scaled(value)),
    number('Queued', row => row.load?.queued, count), number('Thinned', row => row.load?.thinned, count),
    number('Dropped', row => row.load?.dropped, count),
    number('Lag', row => row.lagMs, duration), number('Epoch', row => row.epoch, count),
    {title: 'Address', text: row => row.address || nothing}, {title: 'Version', text: row => row.version || nothing},
  ],
  empty: () => emptyState('No members.', 'Start a worker and an ingest node: weir worker --coordinator HOST:7343, weir ingest --coordinator HOST:7343.'),
});

const handovers = new DataTable(at('handovers'), {
  label: 'Handovers', key: row => `${row.from} ${row.to}`,
  columns: [
    named('From', row => row.from), named('To', row => row.to), number('Shards', row => row.shards, count),
    number('Since epoch', row => row.sinceEpoch, count),
  ],
  empty: () => emptyState('Nothing moves.', 'Shards move when a worker joins, drains or is lost.'),
});

/** The first thing that is wrong, and the next step. */
function stage(cluster) {
  if (cluster.role === 'serve') {
    return emptyState('This is a single process.', 'weir serve holds every shard itself: nothing can be missing, late or moving. ',
      'weir coordinator, weir worker and weir ingest spread the same work over many.');
  }
  const gone = cluster.members.filter(member => member.state === 'gone').map(member => member.name);
  const lost = gone.length > 0 ? ` Gone: ${gone.join(', ').slice(0, 300)}.` : '';
  if (cluster.missingShards > 0) {
    return bad(`${count(cluster.missingShards)} of ${count(cluster.shards)} shards are missing.`,
      `What their agents sent is in no answer until a worker has them.${lost} Start a worker, or look why it does not join.`);
  }
  if (cluster.frozen) {
    return bad('The shard map is frozen.', `Too many members vanished at once, or the store cannot be reached: nothing is moved until that is over.${lost}`);
  }
  if (cluster.warmingShards > 0) {
    return emptyState(`${count(cluster.warmingShards)} shards are warming.`, 'They started cold; rates come with the second counter sample of each agent.');
  }
  return gone.length > 0 ? emptyState('A member is gone, and its shards are elsewhere.', lost.trim()) : null;
}

function bad(...texts) {
  const element = emptyState(...texts);
  element.classList.add('bad');
  return element;
}

function showFigures(cluster) {
  const workers = cluster.members.filter(member => member.primaryShards > 0 || member.role === 'worker');
  const lags = cluster.members.map(member => member.lagMs).filter(isNumber);
  at('figures').replaceChildren(
    figure('Leader', cluster.leader || nothing, 'long'),
    figure('Epoch', count(cluster.epoch)),
    figure('Definitions', count(cluster.definitionsVersion)),
    figure('Shards', count(cluster.shards)),
    figure('Replicas', count(cluster.replicas)),
    figure('Missing', count(cluster.missingShards), cluster.missingShards > 0 ? 'bad' : ''),
    figure('Warming', count(cluster.warmingShards), cluster.warmingShards > 0 ? 'warn' : ''),
    figure('Workers up', `${workers.filter(member => member.state === 'up').length}/${workers.length}`),
    figure('Longest lag', lags.length ? duration(Math.max(...lags)) : nothing));
}

function show(cluster) {
  setText(at('summary'), `as ${cluster.name || cluster.role} sees it`);
  const now = stage(cluster);
  if (now?.textContent !== at('stage').textContent) at('stage').replaceChildren(...[now].filter(Boolean));
  showFigures(cluster);
  members.show(cluster.members);
  handovers.show(cluster.handovers);
  map.show(cluster.shardMap, cluster.members);
  setText(at('map-note'), `${count(cluster.shards)} shards, one field each`);
}

new Poll(1_000, async signal => {
  try {
    show(await ask(path, {signal}));
  } catch (error) {
    if (error instanceof ServerError && error.status === 404) {
      at('stage').replaceChildren(emptyState('This server knows nothing of a cluster.', 'It has no /cluster/json.'));
      return 10_000;
    }
    throw error;
  }
});
showCurl([['Cluster', path]]);
