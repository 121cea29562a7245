// The data sources of an agent against a plain dictionary.

import DatagramBuilding
import SeededRandom
import SFlow
import Testing

@testable import ShardEngine

@Suite struct SourceTables {
    /// Names of all kinds in a random order, most of them asked for more than once, over several growths of the slots.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func findAsADictionary(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = SourceTable()
        var reference: [SourceName: Int] = [:]
        for _ in 0..<4_000 {
            let number = UInt32.random(in: 0..<1_200, using: &random)
            let name: SourceName = switch number % 3 {
            case 0: .named("app-\(number)")
            case 1: .numbered(DataSource(classNumber: number % 2, index: number))
            default: .numbered(DataSource(classNumber: 0, index: .max - number))
            }
            #expect(table.place(of: name) == reference[name])
            if reference[name] == nil {
                reference[name] = reference.count
                #expect(table.add(name) == reference[name])
            }
        }
        #expect(table.names == reference.sorted { $0.value < $1.value }.map(\.key))
    }
}
