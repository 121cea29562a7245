// The files of the pages: all of them are in the program, refer to each other only, and hold nothing that the security
// policy would stop or that would turn a name into markup.

import Foundation
import Testing

@Suite struct PageTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/WebUI/Pages")

    private static let names: [String] = (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []

    @Test func eachFileIsServedAsItIs() async throws {
        try #require(PageTests.names.count > 20)
        try await withAPI { api in
            for name in PageTests.names {
                let answer = try await api.ask(.call, "/html/\(name)")
                let file = try Data(contentsOf: PageTests.folder.appendingPathComponent(name))
                #expect(answer.status == 200 && answer.body == file, "\(name): is it in Sources/CPages/cpages.c?")
                let type = ["html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"]
                let expected = try #require(type[String(name.split(separator: ".").last ?? "")])
                #expect(answer.headers["content-type"]?.hasPrefix(expected) == true, "\(name)")
            }
        }
    }

    @Test func folders() async throws {
        try await withAPI { api in
            let first = try await api.ask(.call, "/html/index.html").body
            #expect(try await api.ask(.call, "/html/").body == first)
            let explorer = try await api.ask(.call, "/html/api.html").body
            #expect(try await api.ask(.call, "/api/").body == explorer)
            #expect(try await api.ask(.call, "/api/index.html").body == explorer)
            let leading = try await api.ask(.call, "/api")
            #expect(leading.status == 302 && leading.headers["location"] == "./api/")
            // The query belongs to the page.
            #expect(try await api.ask(.call, "/html/flows.html?keys=x").status == 200)
            for target in ["/html/", "/html/nothing", "/html/..", "/html/%2E%2E%2Fversion", "/html"].dropFirst() {
                #expect(try await api.ask(.call, target).status == 404, "\(target)")
            }
        }
    }

    @Test(arguments: names) func referencesLeadToFiles(name: String) throws {
        let text = try String(contentsOf: PageTests.folder.appendingPathComponent(name), encoding: .utf8)
        let found = text.matches(of: /(?:src|href)="([^"]*)"|from '([^']*)'/)
            .map { String($0.output.1 ?? $0.output.2 ?? "") }
        for reference in found where reference != "../api-docs" {
            let target = reference.replacing(/^(\.\.\/html\/|\.\/)/, with: "")
            #expect(PageTests.names.contains(target), "\(name): \(reference)")
        }
    }

    @Test(arguments: names) func nothingFromElsewhereAndNoMarkup(name: String) throws {
        let text = try String(contentsOf: PageTests.folder.appendingPathComponent(name), encoding: .utf8)
        // The name of the SVG namespace is an address that nobody asks.
        let own = text.replacing("http://www.w3.org/2000/svg", with: "")
        #expect(own.firstMatch(of: /https?:\/\/|["'`(]\/\//) == nil, "\(name): refers to a host")
        #expect(text.firstMatch(of: /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser/) == nil)
        if name.hasSuffix(".html") {
            #expect(text.firstMatch(of: /<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/) == nil, "\(name): the policy stops this")
            #expect(text.contains("<html lang=\"en\">") && text.contains("name=\"viewport\"") && text.contains("<h1") && text.contains("<noscript>"))
        }
    }

    /// All that a page may load together, uncompressed.
    @Test func pagesAreLight() throws {
        let sizes = try PageTests.names.map { try Data(contentsOf: PageTests.folder.appendingPathComponent($0)).count }
        #expect(sizes.reduce(0, +) < 300_000)
    }
}
