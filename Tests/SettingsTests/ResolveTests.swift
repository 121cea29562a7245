/// How the sources are read and what wins.
@testable import Settings
import Testing

@Suite struct ResolveTests {
    @Test func defaultsAreTyped() throws {
        let resolution = try resolve([])
        let settings = resolution.settings
        #expect(resolution.action == .run && settings.command == .serve && resolution.warnings.isEmpty)
        #expect(settings.sflowPort == 6343 && settings.sflowAddress == nil && settings.sflowRcvbuf == 16_777_216)
        #expect(settings.sflowSockets == 1 && settings.httpPort == 8008 && settings.httpHostname == nil)
        #expect(!settings.httpLog && settings.httpHtml && settings.httpHtmlRedirect == "./html/index.html")
        #expect(settings.httpRest && !settings.httpReadonly && settings.httpJsonIndent == 1 && settings.httpCors == nil)
        #expect(settings.replay == nil && settings.replayPace == .recorded && settings.replayEnd == .loop)
        #expect(settings.define == nil && !settings.demo && settings.dataDir == nil)
        #expect(settings.executors == 0 && settings.shards == 0)
        #expect(settings.metricsTimeoutMin == 60 && settings.metricsTimeoutMax == 600 && settings.metricsAlias == [:])
        #expect(settings.prometheusMetricPrefix == "sflow_" && !settings.prometheusType && settings.logLevel == .info)
        #expect(settings.origin(of: \.sflowPort) == .default)
    }

    @Test func higherSourcesWin() throws {
        let files = ["f": "sflow.port = 1", "g": "sflow.port = 2"]
        let environment = ["WEIR_SFLOW_PORT": "3", "WEIR_CONFIG": "f"]
        #expect(try resolve([], environment: ["WEIR_CONFIG": "f"], files: files).settings.sflowPort == 1)
        #expect(try resolve(["--config", "f", "--config", "g"], files: files).settings.sflowPort == 2)
        #expect(try resolve(["--config=g,f"], files: files).settings.sflowPort == 1)
        #expect(try resolve([], environment: environment, files: files).settings.sflowPort == 3)
        #expect(try resolve(["--sflow-port=4"], environment: environment, files: files).settings.sflowPort == 4)
        let both = ["--sflow-port=4", "-Dsflow.port=5"]
        #expect(try resolve(both, environment: environment, files: files).settings.sflowPort == 5)
        #expect(try resolve(["-Dsflow.port=5", "--sflow-port", "4"]).settings.sflowPort == 4)
    }

    @Test func filesOfTheCommandLineReplaceThoseOfTheEnvironment() throws {
        let files = ["f": "http.port = 1\nsflow.port = 1", "g": "http.port = 2"]
        let settings = try resolve(
            ["-Dsystem.propertyFiles=g"], environment: ["WEIR_CONFIG": "f"], files: files
        ).settings
        #expect(settings.httpPort == 2 && settings.sflowPort == 6343)
        #expect(settings.config == ["g"])
        #expect(try resolve(["-Dsystem.propertyFiles=f,g"], files: files).settings.config == ["f", "g"])
    }

    @Test func flags() throws {
        #expect(try resolve(["--demo"]).settings.demo)
        #expect(try resolve(["--demo", "yes"]).settings.demo)
        #expect(try resolve(["--demo", "--http-log"]).settings.httpLog)
        #expect(try !resolve(["--demo", "--no-demo"]).settings.demo)
        #expect(try !resolve(["--demo", "no"]).settings.demo)
        #expect(try !resolve(["--no-http-html"]).settings.httpHtml)
        #expect(try !resolve(["--http-html=OFF"]).settings.httpHtml)
        #expect(try resolve(["bench", "--replay=x", "--job", "query"]).settings.job == .query)
        for word in ["yes", "true", "on", "1", "Yes"] { #expect(try resolve(["-Ddemo=\(word)"]).settings.demo) }
        for word in ["no", "false", "off", "0"] { #expect(try !resolve(["-Dhttp.rest=\(word)"]).settings.httpRest) }
    }

    @Test func commandsAndPositionals() throws {
        #expect(try resolve(["bench", "aggregate", "--replay", "x.pcap"]).settings.job == .aggregate)
        #expect(try resolve(["bench", "--replay", "x.pcap", "--", "decode"]).settings.job == .decode)
        let simulate = try resolve(["simulate", "--target", "[::1]:6343", "--duration", "0.5"]).settings
        #expect(simulate.target == Endpoint(host: "::1", port: 6343) && simulate.duration == 0.5)
        #expect(try resolve(["-Dhttp.port=0"]).settings.command == .serve)
    }

    @Test func actions() throws {
        #expect(try resolve(["help"]).action == .help(nil))
        #expect(try resolve(["--help"]).action == .help(nil))
        #expect(try resolve(["help", "bench"]).action == .help(.bench))
        #expect(try resolve(["bench", "-h"]).action == .help(.bench))
        #expect(try resolve(["serve", "--frob", "-h"]).action == .help(.serve))
        for arguments in [["--version"], ["version"], ["-V"], ["bench", "--version"]] {
            #expect(try resolve(arguments).action == .version)
        }
        #expect(try resolve(["--check"]).action == .check)
        #expect(try resolve(["--check", "--dump"]).action == .dump)
        #expect(try resolve(["simulate", "--dump"]).action == .dump)
        #expect(try resolve(["--help=no"]).action == .run)
        #expect(try resolve(["--http-cors", "-h"]).action == .help(nil))
        #expect(try resolve(["--http-cors=-h"]).settings.httpCors == "-h")
    }

    @Test func kindsOfValues() throws {
        #expect(try resolve(["--sflow-rcvbuf=64k"]).settings.sflowRcvbuf == 65_536)
        #expect(try resolve(["--sflow-rcvbuf", "5000"]).settings.sflowRcvbuf == 5000)
        #expect(try resolve(["--metrics-timeout-min=1e1"]).settings.metricsTimeoutMin == 10)
        #expect(try resolve(["--http-cors=*"]).settings.httpCors == "*")
        #expect(try resolve(["--http-cors=no"]).settings.httpCors == nil)
        #expect(try resolve(["--http-hostname", "::1"]).settings.httpHostname == "::1")
        #expect(try resolve(["--http-hostname", "ALL"]).settings.httpHostname == nil)
        #expect(try resolve(["-Dprometheus.metric.prefix="]).settings.prometheusMetricPrefix == "")
        #expect(try resolve(["--replay-end", "Hold"]).settings.replayEnd == .hold)
        #expect(try resolve(["--HTTP_port=1"]).settings.httpPort == 1)
    }

    @Test func metricAliasesAreAFamily() throws {
        let resolution = try resolve(
            ["-Dmetrics.alias.cpu_busy=cpu_utilization", "--metrics-alias-a.b", "load_one", "--config=f"],
            environment: ["WEIR_METRICS_ALIAS_IN_OCTETS": "ifinoctets"],
            files: ["f": "metrics.alias.cpu_busy = cpu_idle\nmetrics.alias.x = y"])
        #expect(
            resolution.settings.metricsAlias == [
                "cpu_busy": "cpu_utilization", "a.b": "load_one", "in_octets": "ifinoctets", "x": "y",
            ])
        #expect(try resolve(["-Dmetrics.alias.x=y", "-Dmetrics.alias.x="]).settings.metricsAlias == [:])
    }

    @Test func settingsOfOtherCommandsMayShareFileAndEnvironment() throws {
        let resolution = try resolve(
            ["--config=f"], environment: ["WEIR_LEAVES": "8", "PATH": "/bin"],
            files: ["f": "target = h:1\nhttp.port = 1"])
        #expect(resolution.settings.httpPort == 1 && resolution.warnings.isEmpty)
    }

    @Test func variablesOfOthersAreLeftAlone() throws {
        let resolution = try resolve(
            [],
            environment: [
                "WEIR_SHARED": "/captures", "WEIR_SERVICE_HOST": "10.0.0.1", "WEIR_SERVICE_PORT": "8008",
                "WEIR_SERVICE_PORT_HTTP": "8008", "WEIR_PORT": "tcp://10.0.0.1:8008",
                "WEIR_PORT_8008_TCP": "tcp://10.0.0.1:8008",
                "WEIR_PORT_6343_UDP_ADDR": "10.0.0.1", "WEIR_HTTP_PORT": "tcp://10.0.0.1:8008", "weird": "x",
                "WEIR_HTTP_PORT_8008_TCP_PROTO": "tcp",
            ])
        #expect(resolution.settings.httpPort == 8008 && resolution.warnings.isEmpty)
    }

    @Test func propertiesOfSFlowRT() throws {
        let files = ["f": "snmp.version = 2c\nbrowse-flows.aggMode=max"]
        let resolution = try resolve(
            ["-Dworkers.number=4", "-Dsflow.file=x.pcap", "-Dsflow.rcvpktsbuffer=1000", "--config=f"],
            environment: ["RTMEM": "1G", "RTPROP": "-Dhttp.port=9000 -Xmx1G\t-Dhttp.log=yes"], files: files)
        let settings = resolution.settings
        #expect(settings.replay == "x.pcap" && settings.sflowRcvbuf == 2_028_000)
        #expect(settings.httpPort == 9000 && settings.httpLog)
        #expect(settings.origin(of: \.httpPort).description == "-Dhttp.port in environment variable RTPROP")
        #expect(
            resolution.warnings == [
                "-Xmx1G in environment variable RTPROP has no effect",
                "environment variable RTMEM of sFlow-RT's start script has no effect",
                "snmp.version from f line 1 has no effect",
                "browse-flows.aggMode from f line 2 has no effect",
                "workers.number from -Dworkers.number has no effect",
                "sflow.rcvpktsbuffer from -Dsflow.rcvpktsbuffer is converted from packets of 2028 bytes; "
                    + "better give bytes: -Dsflow.rcvbuf",
            ])
    }

    @Test func formerNamesWarn() throws {
        let key = SettingKey<Int>(
            "http.port", .port, default: 1, for: [.serve], aliases: [.renamed("web.port")], help: "Port")
        let table = SettingsTable(
            groups: [SettingGroup("All", key)], withoutEffect: PropertyNames(names: [], prefixes: []),
            foreignVariables: [])
        let resolution = try table.resolve(arguments: ["--web-port=7"], environment: [:]) { _ in [] }
        #expect(resolution.settings.httpPort == 7)
        #expect(resolution.warnings == ["web.port from --web-port has a new name: --http-port"])
    }

    @Test func repeatedLinesWarn() throws {
        let resolution = try resolve(["--config=f"], files: ["f": "http.port=1\n\nhttp-port=2\n"])
        #expect(resolution.settings.httpPort == 2)
        #expect(resolution.warnings == ["http-port from f line 3 replaces line 1"])
    }
}
