// The page Topology: the fabric drawn in tiers, links coloured by how busy they are; one link's two ends; the document itself
// to load and edit.

import {at, make, emptyState, setText, setName} from './dom.js';
import {ask, put, remove, Poll} from './server.js';
import {pageAddress, showCurl} from './frame.js';
import {percent, scaled, nothing, isNumber} from './format.js';
import {read, write, onReturn} from './address.js';
import {DataTable, bar, named} from './table.js';
import {tiers, place} from './fabric-layout.js';

const defaults = {link: ''};
const drawnLinksMax = 4000, drawnNodesMax = 1000;
/** With more links than these, lines are thin. */
const thickLinksMax = 60;
const paths = {
  topology: 'topology/json', agents: 'agents/json',
  ports: 'table/CORE/null:ifname,ifinutilization,ifoututilization,null:ifinoctets,null:ifoutoctets,null:ifspeed/json',
};
/** Utilisation in percent up to which a colour stands. */
const steps = [20, 40, 60, 80, Infinity];
let state = read(defaults);
let topology = {}, agentOf = new Map(), measured = new Map(), drawn = null;

// --- Which port is which --------------------------------------------------------------------------------------------

/** Agents of the nodes: as the document says, else by host name, whole or up to its first dot. */
function findAgents(agents) {
  const byName = new Map();
  for (const [address, {hostName}] of Object.entries(agents)) {
    if (!hostName) continue;
    byName.set(hostName, address);
    const short = hostName.split('.')[0];
    if (!byName.has(short)) byName.set(short, address);
  }
  agentOf = new Map(nodeNames().map(node => [node, topology.nodes?.[node]?.agent ?? byName.get(node)]));
}

function nodeNames() {
  const all = new Set(Object.keys(topology.nodes ?? {}));
  for (const {node1, node2} of Object.values(topology.links ?? {})) all.add(node1).add(node2);
  return [...all];
}

function takePorts(rows) {
  measured = new Map();
  for (const [name, input, output, inOctets, outOctets, speed] of rows) {
    const reading = {agent: input.agent, source: input.dataSource, input: input.metricValue, output: output?.metricValue,
      inOctets: inOctets?.metricValue, outOctets: outOctets?.metricValue, speed: speed?.metricValue};
    measured.set(`${input.agent} #${input.dataSource}`, reading);
    if (name) measured.set(`${input.agent} ${name.metricValue}`, reading);
  }
}

/** The readings of one end of a link; undefined when it is not known or has none. */
function reading(node, port) {
  const agent = agentOf.get(node);
  const index = topology.nodes?.[node]?.ports?.[port]?.ifindex;
  return measured.get(index === undefined ? `${agent} ${port}` : `${agent} #${index}`);
}

/** How busy a link is, in percent: the busier direction, by whichever end knows; null when none does. */
function utilisation(link) {
  const values = [reading(link.node1, link.port1), reading(link.node2, link.port2)]
    .flatMap(end => [end?.input, end?.output]).filter(isNumber);
  return values.length ? Math.max(...values) : null;
}

const colourClass = value => value === null ? 'unknown' : `u${steps.findIndex(step => value < step)}`;

// --- The drawing ----------------------------------------------------------------------------------------------------

const svg = (tag, attributes, ...children) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

function drawFabric() {
  const nodes = nodeNames(), links = Object.entries(topology.links ?? {});
  const signature = JSON.stringify([topology.version, nodes, at('fabric').clientWidth]);
  if (drawn?.signature === signature) return;
  if (nodes.length === 0) {
    drawn = null;
    at('edit').open = true;
    at('fabric').replaceChildren(emptyState('No topology.', 'Weir cannot know how switches are wired: load a document with links, in “Load and edit”. ',
      'Then EDGE, CORE and the aggregation modes edge and core mean something, too.'));
    return;
  }
  if (nodes.length > drawnNodesMax || links.length > drawnLinksMax) {
    drawn = null;
    at('fabric').replaceChildren(emptyState('Too large to be drawn.', `${nodes.length} nodes and ${links.length} links: the table of links has them all.`));
    return;
  }
  const {boxes, width, height} = place(tiers(nodes, links.map(([, link]) => link)), Math.max(320, at('fabric').clientWidth));
  const lines = new Map();
  const parallel = new Map();
  const linkElements = links.map(([name, link]) => {
    const pair = [link.node1, link.node2].sort().join('\n');
    const number = parallel.get(pair) ?? 0;
    parallel.set(pair, number + 1);
    const path = curve(boxes.get(link.node1), boxes.get(link.node2), number);
    const line = svg('path', {class: 'link unknown', d: path});
    const title = svg('title', {});
    const group = svg('g', {tabindex: 0, role: 'button'}, title, line, svg('path', {class: 'reach', d: path}));
    group.addEventListener('click', () => choose(name));
    group.addEventListener('keydown', event => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choose(name);
    });
    lines.set(name, {group, line, title, link});
    return group;
  });
  const nodeElements = nodes.map(node => nodeElement(node, boxes.get(node)));
  at('fabric').replaceChildren(svg('svg', {class: links.length > thickLinksMax ? 'fabric many' : 'fabric', viewBox: `0 0 ${width} ${height}`, role: 'group', 'aria-label': 'Fabric'},
    ...linkElements, ...nodeElements));
  at('fabric').firstChild.style.maxWidth = `${width * 1.15}px`;
  at('fabric').firstChild.style.margin = '0 auto';
  drawn = {signature, lines, nodeElements};
}

function nodeElement(node, box) {
  const text = svg('text', {x: box.x, y: box.y});
  const fits = Math.floor((box.width - 10) / 7);
  text.textContent = node.length > fits ? node.slice(0, fits - 1) + '…' : node;
  const agent = agentOf.get(node);
  const title = svg('title', {});
  title.textContent = `${node.slice(0, 200)}${agent ? `, agent ${agent}` : ', no agent known'}`;
  return svg('a', {href: pageAddress('agents.html', {agent: agent ?? node}), class: 'node'},
    title, svg('rect', {x: box.x - box.width / 2, y: box.y - box.height / 2, width: box.width, height: box.height}), text);
}

/** From box to box; parallel links side by side, links within a tier as arcs. */
function curve(a, b, number) {
  const shift = number === 0 ? 0 : (number % 2 ? 1 : -1) * Math.ceil(number / 2) * 10;
  if (a === b) return `M${a.x - 12},${a.y - a.height / 2} c-20,-36 44,-36 24,0`;
  if (Math.abs(a.y - b.y) < a.height * 2) {
    const top = Math.min(a.y, b.y) - a.height / 2;
    return `M${a.x + shift},${a.y - a.height / 2} C${a.x + shift},${top - 40 - Math.abs(shift)} ${b.x + shift},${top - 40 - Math.abs(shift)} ${b.x + shift},${b.y - b.height / 2}`;
  }
  const [high, low] = a.y < b.y ? [a, b] : [b, a];
  const from = high.y + high.height / 2, to = low.y - low.height / 2, bend = (to - from) * 0.3;
  return `M${high.x + shift},${from} C${high.x + shift},${from + bend} ${low.x + shift},${to - bend} ${low.x + shift},${to}`;
}

function colour() {
  if (!drawn) return;
  for (const [name, {group, line, title, link}] of drawn.lines) {
    const value = utilisation(link);
    const wanted = `link ${colourClass(value)}`;
    if (line.getAttribute('class') !== wanted) line.setAttribute('class', wanted);
    const text = `${name.slice(0, 100)}: ${link.node1.slice(0, 60)} ${link.port1.slice(0, 60)} – ${link.node2.slice(0, 60)} ${link.port2.slice(0, 60)}, ${
      value === null ? 'no data' : percent(value)}`;
    setText(title, text);
    group.setAttribute('aria-label', text);
    group.setAttribute('class', name === state.link ? 'chosen' : '');
  }
}

at('legend').append('Busier direction:', ...['below 20 %', '40 %', '60 %', '80 %', 'above', 'no data'].map((text, index) => make('span', {},
  make('span', {class: `swatch ${index < 5 ? `u${index}` : 'unknown'}`}), text)));

// --- One link, and all of them --------------------------------------------------------------------------------------

function choose(name) {
  state = {link: state.link === name ? '' : name};
  write(state, defaults, true);
  show();
}

function showLink() {
  const link = topology.links?.[state.link];
  setText(at('link-title'), link ? 'Link' : 'Links');
  at('links').hidden = Boolean(link);
  at('link').hidden = !link;
  if (!link) return;
  const end = (node, port) => {
    const one = reading(node, port);
    const shown = make('bdi', {class: 'name'});
    setName(shown, `${node} ${port}`);
    const row = (label, text) => make('tr', {}, make('th', {scope: 'row'}, label), make('td', {class: 'number'}, text));
    const rate = octets => isNumber(octets) ? scaled(8 * octets, 'bit/s') : nothing;
    return make('div', {class: 'panel'}, make('h2', {}, shown), one
      ? make('table', {}, make('tbody', {}, row('In', `${percent(one.input)}, ${rate(one.inOctets)}`),
        row('Out', `${percent(one.output)}, ${rate(one.outOctets)}`), row('Speed', one.speed ? scaled(one.speed, 'bit/s') : nothing)))
      : emptyState('No data.', agentOf.get(node) ? 'No interface of this agent has that name and a utilisation.' : 'No agent has this host name.'),
    one ? make('p', {class: 'more'}, make('a', {href: pageAddress('agents.html', {agent: one.agent})}, 'agent'), ' · ',
      make('a', {href: pageAddress('metrics.html', {metric: `${one.source}.ifoututilization`, statistic: 'max', agents: one.agent})}, 'utilisation over time'), ' · ',
      make('a', {href: pageAddress('flows.html', {keys: 'ipsource,ipdestination', agents: one.agent, filter: `outputifindex=${one.source}`})}, 'flows out of it')) : null);
  };
  const title = make('bdi', {class: 'name'});
  setName(title, state.link);
  at('link').replaceChildren(make('p', {}, title, ' ', make('button', {type: 'button', class: 'small', onclick: () => choose(state.link)}, 'All links')),
    make('div', {class: 'columns'}, end(link.node1, link.port1), end(link.node2, link.port2)));
}

const table = new DataTable(at('links'), {
  label: 'Links', key: row => row.name, sort: {column: 3, isDescending: true},
  columns: [
    {title: 'Link', text: row => row.name, paint(cell, row) {
      if (!cell.firstChild) cell.append(make('button', {type: 'button', class: 'link', onclick: () => choose(cell.dataset.link)}, make('bdi', {class: 'name'})));
      cell.dataset.link = row.name;
      setName(cell.firstChild.firstChild, row.name);
    }},
    named('End', row => `${row.node1} ${row.port1}`), named('End', row => `${row.node2} ${row.port2}`),
    bar('Busier', row => percent(row.value), row => row.value, row => isNumber(row.value) ? row.value / 100 : null),
  ],
  empty: () => emptyState('No links.'),
});

// --- Load and edit --------------------------------------------------------------------------------------------------

async function change(body) {
  setText(at('refusal'), '');
  try {
    await body();
  } catch (error) {
    setText(at('refusal'), error instanceof SyntaxError ? `This is no JSON: ${error.message}` : error.message);
    return;
  }
  isEdited = false;
  poll.again();
}

let isEdited = false;
at('document').addEventListener('input', () => { isEdited = true; });
at('put').addEventListener('click', () => change(() => put(paths.topology, JSON.parse(at('document').value))));
at('remove').addEventListener('click', () => change(() => remove(paths.topology)));
at('file').addEventListener('change', async event => {
  const [file] = event.target.files;
  if (!file) return;
  at('document').value = await file.text();
  isEdited = true;
  event.target.value = '';
});

// --- Asking ---------------------------------------------------------------------------------------------------------

function show() {
  drawFabric();
  colour();
  showLink();
  const links = Object.entries(topology.links ?? {});
  table.show(links.map(([name, link]) => ({name, ...link, value: utilisation(link)})));
  const known = links.filter(([, link]) => utilisation(link) !== null).length;
  setText(at('summary'), links.length ? `${nodeNames().length} nodes, ${links.length} links, ${known} measured, version ${topology.version}` : '');
  if (!isEdited) {
    const {version, ...document} = topology;
    const text = JSON.stringify(document, null, 1);
    if (at('document').value !== text) at('document').value = text;
  }
}

const poll = new Poll(3_000, async signal => {
  const [now, agents, ports] = await Promise.all([paths.topology, paths.agents, paths.ports].map(path => ask(path, {signal})));
  topology = now;
  findAgents(agents);
  takePorts(ports);
  show();
});
addEventListener('resize', () => { if (drawn) show(); });
onReturn(() => {
  state = read(defaults);
  show();
});
showCurl([['Topology', paths.topology], ['Ports that are ends of links', paths.ports],
  ['Put', paths.topology, {method: 'PUT', body: {links: {L1: {node1: 'leaf1', port1: 'swp49', node2: 'spine1', port2: 'swp1'}}}}]]);
