// Every file of Sources/WebUI/Pages, taken in by #embed (C23 section 6.10.4) when this is compiled: no step before the build,
// nothing to unpack, and a changed page is seen as a change of this file. A new page is a new entry; a test compares.
#include "cpages.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char address_js[] = {
#embed "../WebUI/Pages/address.js"
};
static const unsigned char agent_names_js[] = {
#embed "../WebUI/Pages/agent-names.js"
};
static const unsigned char agents_html[] = {
#embed "../WebUI/Pages/agents.html"
};
static const unsigned char agents_js[] = {
#embed "../WebUI/Pages/agents.js"
};
static const unsigned char api_html[] = {
#embed "../WebUI/Pages/api.html"
};
static const unsigned char chart_js[] = {
#embed "../WebUI/Pages/chart.js"
};
static const unsigned char cluster_html[] = {
#embed "../WebUI/Pages/cluster.html"
};
static const unsigned char cluster_js[] = {
#embed "../WebUI/Pages/cluster.js"
};
static const unsigned char completion_js[] = {
#embed "../WebUI/Pages/completion.js"
};
static const unsigned char dom_js[] = {
#embed "../WebUI/Pages/dom.js"
};
static const unsigned char event_log_js[] = {
#embed "../WebUI/Pages/event-log.js"
};
static const unsigned char events_html[] = {
#embed "../WebUI/Pages/events.html"
};
static const unsigned char events_js[] = {
#embed "../WebUI/Pages/events.js"
};
static const unsigned char explorer_js[] = {
#embed "../WebUI/Pages/explorer.js"
};
static const unsigned char fabric_layout_js[] = {
#embed "../WebUI/Pages/fabric-layout.js"
};
static const unsigned char flow_history_js[] = {
#embed "../WebUI/Pages/flow-history.js"
};
static const unsigned char flow_query_js[] = {
#embed "../WebUI/Pages/flow-query.js"
};
static const unsigned char flows_html[] = {
#embed "../WebUI/Pages/flows.html"
};
static const unsigned char flows_js[] = {
#embed "../WebUI/Pages/flows.js"
};
static const unsigned char format_js[] = {
#embed "../WebUI/Pages/format.js"
};
static const unsigned char frame_js[] = {
#embed "../WebUI/Pages/frame.js"
};
static const unsigned char icon_svg[] = {
#embed "../WebUI/Pages/icon.svg"
};
static const unsigned char index_html[] = {
#embed "../WebUI/Pages/index.html"
};
static const unsigned char metrics_html[] = {
#embed "../WebUI/Pages/metrics.html"
};
static const unsigned char metrics_js[] = {
#embed "../WebUI/Pages/metrics.js"
};
static const unsigned char now_js[] = {
#embed "../WebUI/Pages/now.js"
};
static const unsigned char scale_js[] = {
#embed "../WebUI/Pages/scale.js"
};
static const unsigned char server_js[] = {
#embed "../WebUI/Pages/server.js"
};
static const unsigned char shard_map_js[] = {
#embed "../WebUI/Pages/shard-map.js"
};
static const unsigned char style_css[] = {
#embed "../WebUI/Pages/style.css"
};
static const unsigned char table_js[] = {
#embed "../WebUI/Pages/table.js"
};
static const unsigned char topology_html[] = {
#embed "../WebUI/Pages/topology.html"
};
static const unsigned char topology_js[] = {
#embed "../WebUI/Pages/topology.js"
};

#define FILE_OF(name, bytes) {name, bytes, sizeof bytes}
static const struct cpages_file files[] = {
    FILE_OF("address.js", address_js),
    FILE_OF("agent-names.js", agent_names_js),
    FILE_OF("agents.html", agents_html),
    FILE_OF("agents.js", agents_js),
    FILE_OF("api.html", api_html),
    FILE_OF("chart.js", chart_js),
    FILE_OF("cluster.html", cluster_html),
    FILE_OF("cluster.js", cluster_js),
    FILE_OF("completion.js", completion_js),
    FILE_OF("dom.js", dom_js),
    FILE_OF("event-log.js", event_log_js),
    FILE_OF("events.html", events_html),
    FILE_OF("events.js", events_js),
    FILE_OF("explorer.js", explorer_js),
    FILE_OF("fabric-layout.js", fabric_layout_js),
    FILE_OF("flow-history.js", flow_history_js),
    FILE_OF("flow-query.js", flow_query_js),
    FILE_OF("flows.html", flows_html),
    FILE_OF("flows.js", flows_js),
    FILE_OF("format.js", format_js),
    FILE_OF("frame.js", frame_js),
    FILE_OF("icon.svg", icon_svg),
    FILE_OF("index.html", index_html),
    FILE_OF("metrics.html", metrics_html),
    FILE_OF("metrics.js", metrics_js),
    FILE_OF("now.js", now_js),
    FILE_OF("scale.js", scale_js),
    FILE_OF("server.js", server_js),
    FILE_OF("shard-map.js", shard_map_js),
    FILE_OF("style.css", style_css),
    FILE_OF("table.js", table_js),
    FILE_OF("topology.html", topology_html),
    FILE_OF("topology.js", topology_js),
};

const struct cpages_file *cpages_file_at(size_t index) {
    return index < sizeof files / sizeof *files ? &files[index] : NULL;
}
