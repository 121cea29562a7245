// The whole catalogue: every structure takes in a record of its layout, every column shows what the record says, and
// the names are those of the reference.

import DatagramBuilding
import Foundation
import SFlow
import Testing

@testable import ShardEngine

@Suite struct WholeCatalogue {
    /// Layouts that yield no metric: they tell which host owns an address and where a guest runs.
    static let withoutMetrics: Set<String> = ["host_adapters", "host_parent"]

    @Test func everyLayoutYieldsMetricsOrIsListed() {
        for (index, layout) in CounterLayouts.all.enumerated() {
            guard let id = CounterLayoutID(layout.tag) else { Issue.record("\(layout.name)"); continue }
            #expect(Int(id.index) == index)
            let structures = Catalogue.standard.structures(of: id)
            #expect(structures.isEmpty == WholeCatalogue.withoutMetrics.contains(layout.name), "\(layout.name)")
            for structure in structures {
                #expect(Catalogue.standard.structures[Int(structure)].layout.name == layout.name)
            }
        }
    }

    @Test func namesAreUniqueWithinAStructure() {
        for structure in Catalogue.standard.structures {
            let names = structure.columns.map { $0.name(instance: 3) }
            #expect(Set(names).count == names.count, "\(structure.layout.name)")
            #expect(names.allSatisfy { name in name.utf8.allSatisfy { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") } })
            #expect(structure.columns.allSatisfy { ($0.suffix != nil) == (structure.rule.instances != nil) })
        }
    }

    @Test func everyNameIsFoundAgain() {
        for (index, structure) in Catalogue.standard.structures.enumerated() {
            for (place, column) in structure.columns.enumerated() {
                let instance: UInt32 = column.suffix == nil ? 0 : 17
                let reference = Catalogue.ColumnReference(
                    structure: StructureID(index: UInt8(index)), column: place, instance: instance)
                let name = column.name(instance: instance)
                #expect(Catalogue.standard.columns(named: name).contains(reference), "\(name)")
                #expect(Catalogue.standard.name(of: reference) == name)
            }
        }
    }

    /// A record of each layout with a different number in each field, twice: gauges show the field's number, rates the
    /// field's step. Read back through the rules of the tables, not through their compiled form.
    @Test(arguments: Catalogue.standard.structures.indices) func everyColumnShowsItsField(_ index: Int) {
        let structure = Catalogue.standard.structures[index]
        let classNumber = structure.rule.classNumber ?? 0
        let source = DataSource(classNumber: classNumber, index: 4)
        let sender = Sender()
        let records = (0...1).map { SyntheticRecord(structure.layout, round: $0, element: structure.rule.elementList) }
        for record in records { sender.counters(after: 10, of: source, record.framed) }
        let instance = structure.rule.instance(in: records[1])
        for rule in structure.rule.columns where !rule.name.hasPrefix("-") {
            let name = rule.name.replacing("#", with: "\(instance)")
            let value = sender.reading(name, at: .numbered(source))?.value
            switch rule.origin {
            case .gauge(let field, let scale):
                #expect(value == .number((records[1].gauge(field)) * scale), "\(name)")
            case .rate(let field, let scale, _):
                let step = records[1].gauge(field) - records[0].gauge(field)
                #expect(value == .number(step / 10 * scale), "\(name)")
            case .code(let field, let names):
                let number = records[1].gauge(field)
                #expect(value == .text(names[UInt32(number)] ?? String(UInt32(number))), "\(name)")
            case .formula:
                guard case .number(let number)? = value else { Issue.record("\(name) has no value"); continue }
                #expect(number.isFinite, "\(name)")
            case .text(let field):
                if structure.layout.field(named: field)?.type != .fixedOpaque(16), case .text(let text)? = value {
                    #expect(text == records[1].text(field) || text.count == 16, "\(name)")
                } else {
                    #expect(value != nil, "\(name)")
                }
            case .bit, .mac, .byte: #expect(value != nil, "\(name)")
            case .part: break
            }
        }
    }
}

extension CounterStructure {
    fileprivate var elementList: String? {
        if case .elements(let list, _)? = instances { list } else { nil }
    }

    fileprivate func instance(in record: SyntheticRecord) -> Int {
        switch instances {
        case .records(let field)?: Int(record.gauge(field))
        case .elements(_, let field)?: field.map { Int(record.gauge($0)) } ?? 0
        case nil: 0
        }
    }
}

/// A record in which each field has a number of its own.
private struct SyntheticRecord {
    let framed: Framed
    private var numbers: [String: Double] = [:]
    private var texts: [String: String] = [:]

    /// Fields of the list `element` and of the record itself do not share names in one test.
    init(_ layout: RecordLayout, round: Int, element: String?) {
        var writer = XDR()
        var next: UInt64 = 3
        var numbers: [String: Double] = [:], texts: [String: String] = [:]
        func write(_ field: Field, isCounted: Bool) {
            next += 1
            // Below the speed of a fast port, no step would be believed.
            let gauge = field.name == "ifSpeed" ? 10_000_000_000 : next
            let number = field.meaning == .counter ? next * 1_000 * UInt64(round + 1) : gauge
            var shown = Double(number)
            switch field.type {
            case .u32, .i32: writer.u32(UInt32(number))
            case .u64: writer.u64(number)
            case .f32: writer.f32(Float(number))
            case .percent:
                writer.u32(UInt32(number))
                shown = Double(number) / 100
            case .mac: writer.mac(number)
            case .fixedOpaque(let count): writer.fixed((0..<count).map { UInt8($0 + 1) })
            case .string:
                writer.string("text\(number)")
                texts[field.name] = "text\(number)"
            case .list(let elements, _):
                writer.u32(1)
                for inner in elements { write(inner, isCounted: field.name == element) }
                return
            default: Issue.record("\(layout.name).\(field.name) has a type that no counter record has")
            }
            if isCounted { numbers[field.name] = shown }
        }
        for field in layout.fields { write(field, isCounted: element == nil) }
        framed = Framed(enterprise: layout.tag.enterprise, layout.tag.format) { $0.fixed(writer.bytes) }
        (self.numbers, self.texts) = (numbers, texts)
    }

    func gauge(_ field: String) -> Double { numbers[field] ?? .nan }
    func text(_ field: String) -> String { texts[field] ?? "" }
}

/// metrics.md of the reference against the catalogue.
@Suite(.enabled(if: Shared.exists(Shared.reference("metrics.md")), Comment(rawValue: Shared.skipped)))
struct ReferenceNames {
    /// Names of the reference that we do not have, with the reason. (Instances, `opt_lane<i>_txbias` and the like, are
    /// looked at in `Structures`; names that the reference mentions elsewhere than in its tables of names are not.)
    static let differences: [String: String] = [
        "dot11_dot11": "tells which prefix the wire fields lose", "out": "a word of the text", "egress": "a word of the text",
    ]

    @Test func everyNameOfTheReferenceExists() throws {
        let text = try String(contentsOfFile: Shared.reference("metrics.md"), encoding: .utf8)
        let known = Set(Catalogue.standard.names)
        var missing: [String] = []
        let names = ReferenceNames.names(in: text)
        #expect(names.count > 200)
        for name in names where !known.contains(name) && ReferenceNames.differences[name] == nil {
            missing.append(name)
        }
        #expect(missing == [], "names of the reference that the catalogue lacks")
    }

    /// Words in back quotes in the tables of sections 2 to 5 that look like metric names.
    private static func names(in text: String) -> [String] {
        var names: [String] = []
        var section = 0
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## "), let number = Int(line.dropFirst(3).prefix { $0.isNumber }) { section = number }
            guard (2...5).contains(section), line.hasPrefix("|") else { continue }
            // The first two columns have the names; the later ones have wire fields. Behind a prefix (`memcache_`) the
            // names are written without it.
            var prefix = ""
            for cell in line.split(separator: "|").prefix(2) {
                for (place, word) in cell.split(separator: "`", omittingEmptySubsequences: false).enumerated() where place % 2 == 1 {
                    let isName = word.contains { $0.isLetter } && word.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }
                    guard isName, !word.hasPrefix("_") else { continue }
                    if word.hasSuffix("_") {
                        prefix = String(word)
                    } else {
                        names.append(word.hasPrefix(prefix) ? String(word) : prefix + word)
                    }
                }
            }
        }
        return names
    }
}
