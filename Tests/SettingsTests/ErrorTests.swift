/// Every error text, and what is suggested.
@testable import Settings
import Testing

@Suite struct ErrorTests {
    @Test func badValuesNameEverything() {
        #expect(
            messages([], file: "# x\n\nsflow.port = 70000\n")
                == ["sflow.port: 70000 from weir.conf line 3: expected a port from 0 to 65535"])
        #expect(
            messages([], environment: ["WEIR_SFLOW_PORT": "x"])
                == ["sflow.port: x from environment variable WEIR_SFLOW_PORT: expected a port from 0 to 65535"])
        #expect(
            messages(["--sflow-port", "-5"])
                == ["sflow.port: -5 from --sflow-port: expected a port from 0 to 65535"])
        #expect(
            messages(["-Dsflow-port=6343 x"])
                == ["sflow.port: 6343 x from -Dsflow-port: expected a port from 0 to 65535"])
        #expect(
            messages([], environment: ["RTPROP": "-Dhttp.port=x"])
                == ["http.port: x from -Dhttp.port in environment variable RTPROP: expected a port from 0 to 65535"])
        #expect(
            messages([], file: "http.port = 1 # the web")
                == [
                    "http.port: 1 # the web from weir.conf line 1: expected a port from 0 to 65535; "
                        + "a comment needs a line of its own"
                ])
    }

    @Test(arguments: [
        ("sflow.sockets", "17", "a whole number from 1 to 16"),
        ("sflow.rcvbuf", "1", "a size in bytes from 4K to 1G, such as 65536, 64K or 16M"),
        ("sflow.rcvbuf", "9223372036854775807G", "a size in bytes from 4K to 1G, such as 65536, 64K or 16M"),
        ("sflow.rcvpktsbuffer", "9223372036854775807", "a whole number of packets from 3 to 529458"),
        ("sflow.address", "a b", "an address, a host name or all"),
        ("http.log", "maybe", "yes or no"),
        ("replay.pace", "slow", "recorded or fast"),
        ("replay.end", "stop", "loop, hold or exit"),
        ("metrics.timeout.min", "nan", "a number from 1 to 86400 (seconds)"),
        ("metrics.timeout.min", "0x10", "a number from 1 to 86400 (seconds)"),
        ("target", "host", "HOST:PORT, such as 10.0.0.1:6343 or [2001:db8::1]:6343"),
        ("target", "host:0", "HOST:PORT, such as 10.0.0.1:6343 or [2001:db8::1]:6343"),
        ("target", "::1:6343", "HOST:PORT, such as 10.0.0.1:6343 or [2001:db8::1]:6343"),
        ("target", "[host]:1", "HOST:PORT, such as 10.0.0.1:6343 or [2001:db8::1]:6343"),
        ("dns.servers", "ns.example", "an address such as 192.0.2.53, 192.0.2.53:5353 or 2001:db8::53, or several separated by commas"),
        ("dns.servers", "192.0.2.256", "an address such as 192.0.2.53, 192.0.2.53:5353 or 2001:db8::53, or several separated by commas"),
        ("seed", "99999999999999999999", "a whole number from 0"),
        ("metrics.alias.x", "a b", "a metric name"),
        ("define", "a\u{0}b", "a file name, no control characters and at most 32768 bytes"),
        ("http.cors", "a\nb", "a text, or no, no control characters and at most 32768 bytes"),
    ])
    func expectations(name: String, value: String, expected: String) {
        let variable = SettingName.environmentVariable(name)
        #expect(
            messages([], environment: [variable: value])
                == ["\(name): \(printable(value)) from environment variable \(variable): expected \(expected)"])
    }

    @Test func unknownNamesComeWithSuggestions() {
        #expect(messages(["--sflow-prot", "1"]) == ["unknown option --sflow-prot; did you mean --sflow-port?"])
        #expect(messages(["-Dhttp.prot=1"]) == ["unknown property -Dhttp.prot; did you mean -Dhttp.port?"])
        #expect(
            messages([], environment: ["WEIR_SFLOW_PROT": "1"])
                == ["unknown environment variable WEIR_SFLOW_PROT; did you mean WEIR_SFLOW_PORT?"])
        #expect(
            messages([], file: "sflow.prot=1")
                == ["unknown setting sflow.prot from weir.conf line 1; did you mean sflow.port?"])
        #expect(messages(["--port=1"]) == ["unknown option --port; did you mean --sflow-port or --http-port?"])
        #expect(messages(["--frobnicate"]) == ["unknown option --frobnicate"])
        #expect(messages(["--lefs=3"]) == ["unknown option --lefs"])
        #expect(messages(["-x"]) == ["unknown option -x"])
        #expect(messages(["--no-replay"]) == ["unknown option --no-replay; did you mean --replay?"])
        #expect(messages(["--" + String(repeating: "x", count: 100_000)])[0].utf8.count < 120)
    }

    @Test func argumentsThatDoNotFit() {
        #expect(messages(["--replay"]) == ["--replay: expected a value, as in --replay=FILE"])
        #expect(messages(["--replay", "--demo"]) == ["--replay: expected a value, as in --replay=FILE"])
        #expect(
            messages(["--metrics-alias-x"]) == ["--metrics-alias-x: expected a value, as in --metrics-alias-x=METRIC"])
        #expect(messages(["-D"]) == ["-D: expected -Dname=value"])
        #expect(messages(["-Ddemo"]) == ["-Ddemo: expected -Dname=value"])
        #expect(messages(["-D=x"]) == ["-D=x: expected -Dname=value"])
        #expect(messages(["--no-demo=yes"]) == ["--no-demo: takes no value"])
        #expect(messages(["serve", "now"]) == ["unexpected argument now"])
        #expect(messages(["--demo", "bench"]) == ["unexpected argument bench: the command comes first"])
        #expect(messages(["serv"]) == ["unknown command serv; did you mean serve?"])
        #expect(
            messages(["frobnicate"])
                == ["unknown command frobnicate; expected serve, coordinator, worker, ingest, simulate, bench, doctor, dns, help or version"])
        #expect(messages(["help", "bnech"]) == ["unknown command bnech; did you mean bench?"])
        #expect(messages(["serve", "--leaves", "3"]) == ["--leaves: belongs to weir simulate, not to weir serve"])
        #expect(
            messages(["simulate", "--target=h:1", "-Dreplay=x"])
                == ["-Dreplay: belongs to weir serve, weir ingest or weir bench, not to weir simulate"])
        #expect(
            messages(["--snmp-version=2"])
                == ["unknown option --snmp-version; as -Dsnmp-version=… it is accepted, without effect"])
        #expect(
            messages(["-Dmetrics.alias.=x"])
                == ["metrics.alias. from -Dmetrics.alias.: expected a metric name after metrics.alias."])
        #expect(
            messages(["bench", "dance", "--replay=x"])
                == ["job: dance from the command line: expected decode, aggregate or query"])
    }

    @Test func placesThatDoNotFit() {
        #expect(messages([], file: "config = x") == ["config from weir.conf line 1: cannot be set in a file"])
        #expect(messages([], file: "dump = yes") == ["dump from weir.conf line 1: can only be an option: --dump"])
        #expect(
            messages([], environment: ["WEIR_HELP": "yes"])
                == ["help from environment variable WEIR_HELP: can only be an option: --help"])
        #expect(messages(["--config", "gone.conf"]) == ["gone.conf: cannot be read: No such file or directory"])
    }

    @Test func conflicts() {
        #expect(
            messages(["--metrics-timeout-min=601"]) == ["metrics.timeout.min is larger than metrics.timeout.max"])
        #expect(
            messages(["--demo", "--replay=x"])
                == ["demo and replay exclude each other: datagrams come from one of them"])
        #expect(messages(["simulate"]) == ["weir simulate: expected --target HOST:PORT or --write FILE"])
        #expect(
            messages(["simulate", "--target=h:1", "--write=x"])
                == ["target and write exclude each other: give one of them"])
        #expect(
            messages(["bench"])
                == ["weir bench: expected a job: decode, aggregate or query", "weir bench: expected --replay FILE"])
        #expect(
            messages(["worker", "--coordinator=h:1", "--cluster-tls-cert=x"])
                == ["cluster.tls.cert, cluster.tls.key and cluster.tls.ca need each other: give all of them or none"])
    }

    @Test func allErrorsAreCollectedOnePerLine() throws {
        let error = #expect(throws: SettingsErrors.self) {
            try resolve(
                ["--http-port=x", "--frob", "--config=f"], environment: ["WEIR_SHARDS": "-1", "RTGC": "x"],
                files: ["f": "no equals sign\n= 3\nsflow.port = y"])
        }
        let errors = try #require(error)
        #expect(
            errors.description == """
                f line 1: expected name = value, found: no equals sign
                f line 2: no name before =: = 3
                sflow.port: y from f line 3: expected a port from 0 to 65535
                shards: -1 from environment variable WEIR_SHARDS: expected a whole number from 0 to 4096
                unknown option --frob
                http.port: x from --http-port: expected a port from 0 to 65535
                """)
        let reasons: [SettingsProblem.Reason] = [
            .malformedLine, .malformedLine, .badValue, .badValue, .unknownSetting, .badValue,
        ]
        #expect(errors.problems.map(\.reason) == reasons)
        #expect(errors.warnings == ["environment variable RTGC of sFlow-RT's start script has no effect"])
    }

    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("port", "prot", 1), ("kitten", "sitting", 3), ("ca", "abc", 3), ("abc", "abc", 0),
    ])
    func distances(a: String, b: String, distance: Int) {
        #expect(editDistance(Array(a.utf8), Array(b.utf8)) == distance)
        #expect(editDistance(Array(b.utf8), Array(a.utf8)) == distance)
    }
}
