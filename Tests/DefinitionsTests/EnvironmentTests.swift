// From configured groups and maps to what keys are looked up in.

import Bytes
import Definitions
import FlowLanguage
import Testing

@Suite struct EnvironmentTests {
    private func set(_ text: String, after old: DefinitionSet = .empty) throws -> DefinitionSet {
        try old.applying(DefinitionDocument(text: Array(text.utf8), sizeMax: 10_000), reservedMetricNames: [])
    }

    @Test func followsTheDefinitions() throws {
        var environment = FlowEnvironment(seed: 7)
        let first = try set("{groups:{g:{a:['10.0.0.0/8'],b:['10.1.0.1']},h:{x:'::/0'}},maps:{m:{web:['80']}}}")
        environment.replace(.empty, by: first)
        #expect(environment.groups["g"]?.label(of: IPAddress(v4: 0x0A01_0001)) == "b")
        #expect(environment.groups["g"]?.label(of: IPAddress(v4: 0x0A01_0002)) == "a")
        #expect(environment.groups["h"]?.label(of: IPAddress(v6High: 1, low: 2)) == "x")
        #expect(environment.maps["m"] != nil)

        var second = try set("{groups:{g:{c:['10.0.0.0/8']}},maps:{n:{}}}", after: first)
        second = try second.applying(.delete(.group, name: "h"), reservedMetricNames: [])
        second = try second.applying(.delete(.map, name: "m"), reservedMetricNames: [])
        environment.replace(first, by: second)
        #expect(environment.groups["g"]?.label(of: IPAddress(v4: 0x0A01_0001)) == "c")
        #expect(environment.groups["h"] == nil && environment.maps["m"] == nil && environment.maps["n"] != nil)

        environment.replace(second, by: .empty)
        #expect(environment.groups.isEmpty && environment.maps.isEmpty)
    }

    /// A prefix under two labels belongs to the later one, here as there.
    @Test func theLaterLabelCounts() throws {
        var environment = FlowEnvironment(seed: 7)
        environment.replace(.empty, by: try set("{groups:{g:{a:['10.0.0.0/8'],b:['10.0.0.0/8']}}}"))
        #expect(environment.groups["g"]?.label(of: IPAddress(v4: 0x0A00_0000)) == "b")
    }
}
