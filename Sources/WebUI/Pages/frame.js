// What all pages have in common: navigation, whether the server answers, whether answers are complete, the curl lines.

import {make, setText} from './dom.js';
import {base, listeners, curl} from './server.js';

const pages = [
  ['Now', 'html/index.html'], ['Flows', 'html/flows.html'], ['Metrics', 'html/metrics.html'], ['Agents', 'html/agents.html'],
  ['Topology', 'html/topology.html'], ['Events', 'html/events.html'], ['Cluster', 'html/cluster.html'], ['API', 'api/'],
];

const health = make('span', {class: 'health', role: 'status'}, 'asking');
const partial = make('p', {class: 'notice', role: 'status', hidden: true});

/** Address of another page with a query. */
export function pageAddress(file, query = {}) {
  const url = new URL('html/' + file, base);
  url.search = new URLSearchParams(query);
  return url.href;
}

function header() {
  const here = location.pathname.endsWith('/') ? location.pathname + 'index.html' : location.pathname;
  const links = pages.map(([title, path]) => {
    const url = new URL(path, base);
    const isHere = url.pathname === here || url.pathname + 'index.html' === here;
    return make('a', {href: url.href, 'aria-current': isHere ? 'page' : null}, title);
  });
  return make('header', {class: 'site'},
    make('a', {class: 'brand', href: new URL('html/index.html', base).href},
      make('img', {src: new URL('html/icon.svg', base).href, alt: '', width: 20, height: 20}), 'Weir'),
    make('nav', {'aria-label': 'Pages'}, links), health);
}

document.body.prepend(make('a', {class: 'skip', href: '#main'}, 'Skip to the content'), header(), partial);

let failureTime = 0;
listeners.answer = ({shards}) => {
  failureTime = 0;
  setText(health, 'live');
  health.className = 'health good';
  const [held, all] = (shards ?? '').split('/').map(Number);
  const isPartial = held < all;
  if (isPartial) {
    setText(partial, `Incomplete: answers hold ${held} of ${all} shards. What the missing ones have is not in any number here.`);
  }
  partial.hidden = !isPartial;
};
listeners.failure = error => {
  failureTime ||= Date.now();
  const seconds = Math.round((Date.now() - failureTime) / 1000);
  setText(health, `${error.message}${seconds > 2 ? `, for ${seconds} s` : ''}`);
  health.className = 'health bad';
};

/** The commands that give the same data, at the end of the page. `requests`: [[what, path, options]]. */
export function showCurl(requests) {
  let details = document.querySelector('details.curl');
  if (!details) {
    details = make('details', {class: 'curl'}, make('summary', {}, 'The same with curl'));
    document.querySelector('main').append(details);
  }
  const lines = requests.map(([what, path, options]) => ({what, command: curl(path, options)}));
  const text = JSON.stringify(lines);
  if (details.dataset.shown === text) return;
  details.dataset.shown = text;
  details.replaceChildren(details.firstElementChild, ...lines.map(({what, command}) => make('div', {}, what,
    make('pre', {}, make('code', {}, command), copyButton(command)))));
}

function copyButton(text) {
  // Without a secure context browsers give no clipboard; the text can be selected all the same.
  if (!navigator.clipboard) return null;
  return make('button', {type: 'button', class: 'small', onclick: async event => {
    await navigator.clipboard.writeText(text);
    event.target.textContent = 'Copied';
  }}, 'Copy');
}
