// The first page: version, agents, rates, links. It uses only the public API, by relative addresses, so that it works
// behind any prefix; names from agents are put in as text, never as markup.

extension WebUI {
    static let indexPage = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Weir</title>
        <link rel="icon" href="data:,">
        <style>
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
        dd { margin: 0; font-variant-numeric: tabular-nums; }
        #problem { font-weight: bold; }
        </style>
        </head>
        <body>
        <h1>Weir <small id="version"></small></h1>
        <p id="problem" role="status"></p>
        <dl>
        <dt>Agents</dt><dd id="agents">–</dd>
        <dt>Datagrams a second</dt><dd id="rate">–</dd>
        <dt>Datagrams received</dt><dd id="received">–</dd>
        <dt>Dropped by the kernel</dt><dd id="dropped">–</dd>
        <dt>Not decodable</dt><dd id="refused">–</dd>
        </dl>
        <h2>Busiest interfaces</h2>
        <table>
        <thead><tr><th>Agent</th><th>Interface</th><th class="number">In %</th><th class="number">Out %</th></tr></thead>
        <tbody id="ports"></tbody>
        </table>
        <h2>Where to go on</h2>
        <ul>
        <li><a href="../agents/json">Agents</a>, <a href="../metrics/json">metrics</a>, <a href="../analyzer/json">the server's own counters</a></li>
        <li><a href="../metric/ALL/max:ifinutilization,med:ifinutilization/json">Highest and median utilisation</a></li>
        <li><a href="../dump/ALL/ALL/json">Everything</a></li>
        <li>For Prometheus: <a href="../prometheus/metrics/ALL/ALL/txt">metrics</a>, <a href="../prometheus/analyzer/txt">the server</a></li>
        <li><a href="../api-docs">Description of the API</a> (OpenAPI)</li>
        </ul>
        <script>
        'use strict';
        const at = id => document.getElementById(id);
        const get = async path => {
          const response = await fetch('../' + path);
          if (!response.ok) throw new Error(path + ': ' + response.status);
          return path === 'version' ? response.text() : response.json();
        };
        const show = value => typeof value === 'number' ? value.toLocaleString(undefined, {maximumFractionDigits: 2}) : '–';
        const percent = value => typeof value === 'number'
          ? value.toLocaleString(undefined, {minimumFractionDigits: 2, maximumFractionDigits: 2}) : '–';
        let last = null;
        function showCounters(counters) {
          at('agents').textContent = show(counters.sFlowAgents);
          at('received').textContent = show(counters.sFlowDatagramsReceived);
          at('dropped').textContent = show(counters.sFlowDatagramsDiscarded);
          at('refused').textContent = show(counters.sFlowParseErrors + counters.sFlowUnsupportedVersion);
          if (last && counters.uptime > last.uptime) {
            const seconds = (counters.uptime - last.uptime) / 1000;
            at('rate').textContent = show((counters.sFlowDatagramsReceived - last.sFlowDatagramsReceived) / seconds);
          }
          last = counters;
          at('problem').textContent = counters.sFlowDatagramsReceived > 0 ? ''
            : 'No datagrams yet: point an sFlow agent at UDP port 6343 of this machine.';
        }
        function showPorts(rows) {
          at('ports').replaceChildren(...rows.map(cells => {
            const row = document.createElement('tr');
            const add = (text, isNumber) => {
              const cell = document.createElement('td');
              cell.textContent = text;
              if (isNumber) cell.className = 'number';
              row.append(cell);
            };
            add(cells[1].agent);
            add(cells[0] ? cells[0].metricValue : cells[1].dataSource);
            add(percent(cells[1].metricValue), true);
            add(percent(cells[2] ? cells[2].metricValue : null), true);
            return row;
          }));
        }
        async function refresh() {
          try {
            showCounters(await get('analyzer/json'));
            showPorts(await get('table/ALL/null:ifname,sort:ifinutilization:-10,null:ifoututilization/json'));
          } catch (error) {
            at('problem').textContent = 'The server does not answer: ' + error.message;
          }
          setTimeout(refresh, 2000);
        }
        get('version').then(text => { at('version').textContent = text.trim(); }).catch(() => {});
        refresh();
        </script>
        </body>
        </html>

        """
}
