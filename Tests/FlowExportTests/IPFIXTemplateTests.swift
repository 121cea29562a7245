// What may be exported, and what is said about the rest.

import FlowExport
import Testing

@Suite struct IPFIXTemplateTests {
    private func refusal(keys: [String], values: [String]) -> FlowExportError? {
        do throws(FlowExportError) {
            _ = try IPFIXTemplate(keys: keys, values: values)
            return nil
        } catch {
            return error
        }
    }

    @Test func everyKeyHasItsElement() {
        for key in ExportedKey.allCases {
            #expect(Int(key.element.rawValue) == Expected.registry[key.rawValue]?.element, "\(key)")
        }
        for value in ExportedValue.allCases {
            #expect(Int(value.element.rawValue) == Expected.registry[value.rawValue]?.element, "\(value)")
        }
        #expect(ExportedKey.allCases.count + ExportedValue.allCases.count == Expected.registry.count)
    }

    @Test(arguments: ["dnsqname", "ipsource.1", "country:ipsource", "null:vlan", "", "IPSOURCE", "agent"])
    func keyNotAllowed(key: String) throws {
        let error = try #require(refusal(keys: ["ipsource", key], values: ["bytes"]))
        #expect(error.reason == .keyNotAllowed)
        #expect(
            error.description.hasPrefix("key \"\(key)\" cannot be sent to ipfixCollectors: allowed are macsource, "))
    }

    @Test func valuesNotAllowed() throws {
        let error = try #require(refusal(keys: [], values: ["bytes", "requests"]))
        #expect(error.reason == .valueNotAllowed)
        #expect(
            error.description == "value \"requests\" cannot be sent to ipfixCollectors: allowed are bytes, frames")
        #expect(refusal(keys: [], values: [])?.reason == .noValue)
        #expect(refusal(keys: [], values: ["bytes", "bytes"])?.reason == .listedTwice)
        #expect(refusal(keys: ["vlan", "vlan"], values: ["bytes"])?.reason == .listedTwice)
    }

    @Test func longNamesAreCutInTheMessage() throws {
        let error = try #require(refusal(keys: [String(repeating: "k", count: 100_000)], values: ["bytes"]))
        #expect(error.description.utf8.count < 500)
    }

    @Test func noKeysAreAllowed() {
        #expect(refusal(keys: [], values: ["frames"]) == nil)
    }
}
