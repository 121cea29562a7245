/// What people read: help and dump.
@testable import Settings
import Testing

@Suite struct PrintTests {
    @Test(arguments: Command.allCases)
    func helpNamesEverySettingOfTheCommand(command: Command) {
        let help = SettingsTable.weir.help(command)
        for setting in SettingsTable.weir.settings where setting.commands.contains(command) {
            let option = setting.defaultText == "yes" ? "no." + setting.name : setting.name
            #expect(help.contains("  " + SettingName.option(option)))
        }
        #expect(!help.contains("--leaves") || command == .simulate)
    }

    @Test func helpFitsTheScreen() {
        for help in Command.allCases.map(SettingsTable.weir.help) + [SettingsTable.weir.help(nil)] {
            for line in help.split(separator: "\n") {
                #expect(line.count <= 96)
                #expect(line.last != " ")
            }
        }
    }

    @Test func helpShowsDefaultsAndNegations() {
        let help = SettingsTable.weir.help(.serve)
        let margin = String(repeating: " ", count: 34)
        #expect(
            help.contains(
                "  --sflow-port PORT               UDP port for sFlow datagrams; 0 picks a free one\n"
                    + margin + "(default 6343)\n"))
        #expect(help.contains("  --no-http-html                  Do not serve the web pages\n"))
        #expect(help.contains("  --metrics-alias-NAME METRIC"))
        #expect(SettingsTable.weir.help(.bench).contains("Usage: weir bench JOB ["))
    }

    @Test func dumpSaysWhereValuesCameFrom() throws {
        let settings = try resolve(
            ["--sflow-port=7", "--config=f"], environment: ["WEIR_METRICS_ALIAS_A": "b"], files: ["f": "\nhttp.log=1"]
        ).settings
        let dump = SettingsTable.weir.dump(settings)
        #expect(
            dump.contains(
                """

                # UDP port for sFlow datagrams; 0 picks a free one. Takes a port from 0 to 65535.
                # Default: 6343. Set by --sflow-port.
                sflow.port = 7

                """))
        #expect(dump.contains("# Default: no. Set by f line 2.\nhttp.log = yes\n"))
        #expect(dump.contains("# Default: unset.\n#replay =\n"))
        #expect(dump.contains("# Set by environment variable WEIR_METRICS_ALIAS_A.\nmetrics.alias.a = b\n"))
        #expect(!dump.contains("config =") && !dump.contains("leaves"))
    }

    @Test func printableText() {
        #expect(printable("a\u{1B}[0m\n") == "a\\u{1b}[0m\\u{a}")
        #expect(printable("\u{202E}x") == "\\u{202e}x")
        #expect(printable(String(repeating: "x", count: 200)).count == 81)
        #expect(printable("e" + String(repeating: "\u{301}", count: 100_000)).utf8.count < 200)
    }
}
