/// Files and arguments that nobody meant well.
import SeededRandom
@testable import Settings
import Testing

@Suite struct HostileTests {
    private func problems(_ bytes: [UInt8]) -> [String] {
        do {
            _ = try resolve([], file: bytes)
            return []
        } catch {
            return error.problems.map(\.message)
        }
    }

    @Test func oddButGoodFiles() throws {
        let texts = [
            "", "\n", "#", "http.port=9", "\u{FEFF}http.port=9\n", "http.port=9\r\n\r\n", "\u{FEFF}", "  \t\r\n",
        ]
        for text in texts {
            let settings = try resolve([], file: Array(text.utf8)).settings
            #expect(settings.httpPort == (text.contains("=") ? 9 : 8008))
        }
        #expect(try resolve([], file: Array("http.cors = a=b = c".utf8)).settings.httpCors == "a=b = c")
    }

    @Test func badBytesAreNamedByLine() {
        #expect(problems(Array("\nhttp.cors = a".utf8) + [0]) == [
            "http.cors: a\\u{0} from weir.conf line 2: expected a text, or no, no control characters and at most "
                + "32768 bytes"
        ])
        #expect(problems(Array("http.cors = ".utf8) + [0xFF, 0xFE]) == ["weir.conf line 1: not UTF-8 text"])
        #expect(problems([0]) == ["weir.conf line 1: expected name = value, found: \\u{0}"])
        #expect(problems(Array("\u{1B}[31m = x".utf8)) == ["unknown setting \\u{1b}[31m from weir.conf line 1"])
    }

    @Test func longLinesAreRefusedAndNotEchoed() {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20)
        #expect(problems(long) == ["weir.conf line 1: longer than 65536 bytes"])
        #expect(problems(Array("define=".utf8) + long) == ["weir.conf line 1: longer than 65536 bytes"])
        let name = long.prefix(60_000) + Array("=1".utf8)
        #expect(problems(Array(name)).allSatisfy { $0.utf8.count < 200 })
    }

    @Test func theErrorsOfOneFileAreBounded() {
        let junk = Array(String(repeating: "junk\n", count: 100_000).utf8)
        #expect(problems(junk).count == 21)
        #expect(problems(junk).last == "weir.conf line 20: too many errors, the rest is not read")
        let unknown = Array(String(repeating: "a.b.c = 1\n", count: 100_000).utf8)
        #expect(problems(unknown).count == 100)
    }

    @Test func randomBytesNeverTrap() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let alphabet = Array("=\n\r#.-_ \tDhtp:[],%0129no".utf8) + [0, 0xFF, 0xC3, 0xA4]
        for _ in 0..<2000 {
            let length = Int.random(in: 0...80, using: &random)
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            for problem in problems(bytes) { #expect(!problem.utf8.contains { $0 < 0x20 }, "seed \(seed)") }
            let text = String(decoding: bytes, as: UTF8.self)
            let arguments = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            let variants = [
                arguments, ["serve"] + arguments, arguments.map { "--" + $0 }, arguments.map { "-D" + $0 },
            ]
            for arguments in variants {
                _ = try? resolve(arguments, environment: ["WEIR_" + text: text, "RTPROP": text])
            }
        }
    }

    @Test func realFilesAreRead() throws {
        #expect(try readConfigurationFile("/dev/null").isEmpty)
        let source = try readConfigurationFile(#filePath)
        #expect(source.starts(with: Array("/// Files and arguments".utf8)))
        #expect(throws: FileProblem.self) { try readConfigurationFile("/dev/zero") }
        let missing = #expect(throws: FileProblem.self) { try readConfigurationFile("/no/such/file") }
        #expect(missing?.description == "No such file or directory")
        let directory = #expect(throws: FileProblem.self) { try readConfigurationFile("/") }
        #expect(directory?.description == "Is a directory")
    }
}
