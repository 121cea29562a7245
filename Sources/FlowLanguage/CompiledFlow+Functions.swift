// What key functions do with a sample.

internal import Bytes
internal import SFlow

extension CompiledFlow {
    /// A function, or a key of a named flow.
    @inline(never)
    func function(
        _ op: Op, _ facts: borrowing SampleFacts, _ datagram: RawSpan, _ header: RawSpan, _ scratch: inout Scratch
    ) -> Value {
        switch op.code {
        case .key: return named(op, facts, datagram, header, &scratch)
        case .or:
            for index in 0..<Int(op.operandCount) {
                let value = operand(index, of: op, facts, datagram, header, &scratch)
                if !value.isNull { return value }
            }
            return .null
        case .concatenation: return concatenation(op, facts, datagram, header, &scratch)
        case .equal:
            let first = operand(0, of: op, facts, datagram, header, &scratch)
            let second = operand(1, of: op, facts, datagram, header, &scratch)
            return areEqual(first, second, &scratch)
        case .conditional:
            let condition = operand(0, of: op, facts, datagram, header, &scratch)
            let isEqual = !condition.isNull && label(of: condition, in: program.indexes[Int(op.table)], &scratch) >= 0
            return operand(isEqual ? 1 : 2, of: op, facts, datagram, header, &scratch)
        case .null:
            let value = operand(0, of: op, facts, datagram, header, &scratch)
            return value.isNull ? scratch.text.appendLabel(program.literals[Int(op.table)]) : value
        default:
            let value = operand(0, of: op, facts, datagram, header, &scratch)
            return value.isNull ? .null : apply(op, to: value, facts, &scratch)
        }
    }

    private func operand(
        _ index: Int, of op: Op, _ facts: borrowing SampleFacts, _ datagram: RawSpan, _ header: RawSpan,
        _ scratch: inout Scratch
    ) -> Value {
        value(of: program.operands[Int(op.firstOperand) + index], facts, datagram, header, &scratch)
    }

    /// Functions of one value, which is not null.
    private func apply(
        _ op: Op, to value: Value, _ facts: borrowing SampleFacts, _ scratch: inout Scratch
    ) -> Value {
        switch op.code {
        case .group, .country, .autonomousSystem, .dns, .node: return applyToAddress(op, value, &scratch.text)
        case .oui, .host: return applyToMAC(op, value, &scratch.text)
        case .map:
            guard let map = maps[Int(op.table)] else { return .null }
            let place = label(of: value, in: map.index, &scratch)
            return place < 0 ? .null : scratch.text.appendLabel(map.labels[Int(place)])
        case .link, .interfaceName:
            guard value.kind == .number, let index = UInt32(exactly: value.low) else { return .null }
            let agent = facts.agent
            return optional(
                op.code == .link
                    ? environment.topology.linkName(agent: agent, ifIndex: index)
                    : environment.topology.interfaceName(agent: agent, ifIndex: index), &scratch.text)
        case .mask:
            guard let address = value.address else { return .null }
            return .prefix(of: address, length: UInt32(truncatingIfNeeded: op.number))
        case .bits:
            guard let number = value.integer(scratch.text) else { return .null }
            return .number(number & op.number)
        case .range:
            guard let number = value.integer(scratch.text) else { return .null }
            return .boolean(number >= op.number && number <= op.secondNumber)
        default: return applyToText(op, scratch.text.appendText(of: value), &scratch.text)
        }
    }

    private func optional(_ name: String?, _ text: inout FixedBytes) -> Value {
        guard let name else { return .null }
        return text.appendText(name)
    }

    private func applyToAddress(_ op: Op, _ value: Value, _ text: inout FixedBytes) -> Value {
        guard let address = value.address else { return .null }
        switch op.code {
        case .group:
            for place in op.table..<op.table + op.tableCount {
                guard let group = groups[Int(place)], let label = group.place(of: address) else { continue }
                return text.appendLabel(group.labels[label])
            }
            return .null
        case .country:
            guard let country = environment.addresses.country(of: address) else { return .null }
            return text.appendText(
                op.mode == 0 ? country.code : op.mode == 1 ? country.name : "\(country.code) \(country.name)")
        case .autonomousSystem:
            guard let system = environment.addresses.autonomousSystem(of: address) else { return .null }
            if op.mode == 0 { return .number(system.number) }
            return text.appendText(op.mode == 1 ? system.description : "\(system.number) \(system.description)")
        case .dns: return optional(environment.reverseNames.name(of: address), &text)
        default: return optional(environment.topology.nodeName(agent: address), &text)
        }
    }

    private func applyToMAC(_ op: Op, _ value: Value, _ text: inout FixedBytes) -> Value {
        if op.code == .host {
            let name = program.names[Int(op.table)]
            if value.kind == .mac {
                return optional(environment.hosts.attribute(name, ofHostWith: MACAddress(value.low)), &text)
            }
            guard let address = value.address else { return .null }
            return optional(environment.hosts.attribute(name, ofHostWith: address), &text)
        }
        guard value.kind == .mac else { return .null }
        let oui = UInt32(truncatingIfNeeded: value.low >> 24)
        if op.mode == 1 { return optional(environment.vendors.name(ofVendor: oui), &text) }
        let digits = String(oui, radix: 16, uppercase: true)
        return text.appendText(String(repeating: "0", count: 6 - digits.utf8.count) + digits)
    }

    // MARK: Combinations

    private func concatenation(
        _ op: Op, _ facts: borrowing SampleFacts, _ datagram: RawSpan, _ header: RawSpan, _ scratch: inout Scratch
    ) -> Value {
        // The operands' texts first, wherever they come to lie; then all of them in a row.
        var ranges: [Range<Int>] = []
        for index in 0..<Int(op.operandCount) {
            let value = operand(index, of: op, facts, datagram, header, &scratch)
            guard !value.isNull else { return .null }
            ranges.append(scratch.text.appendText(of: value).textRange)
        }
        let start = scratch.text.count
        for (index, range) in ranges.enumerated() {
            if index > 0 { scratch.text.append(program.literals[Int(op.table)]) }
            scratch.text.appendCopy(of: range)
        }
        return .text(from: start, in: scratch.text)
    }

    /// Equal when they would be the same component of a key; null when either is.
    private func areEqual(_ first: Value, _ second: Value, _ scratch: inout Scratch) -> Value {
        guard !first.isNull, !second.isNull else { return .null }
        scratch.probe.removeAll()
        scratch.probe.pack(first, text: scratch.text)
        scratch.otherProbe.removeAll()
        scratch.otherProbe.pack(second, text: scratch.text)
        guard scratch.probe.count == scratch.otherProbe.count else { return .boolean(false) }
        for index in 0..<scratch.probe.count where scratch.probe[index] != scratch.otherProbe[index] {
            return .boolean(false)
        }
        return .boolean(true)
    }

    /// A key of a named flow: the field of its name, or what the sample itself says.
    private func named(
        _ op: Op, _ facts: borrowing SampleFacts, _ datagram: RawSpan, _ header: RawSpan, _ scratch: inout Scratch
    ) -> Value {
        guard let flow = facts.named else { return .null }
        let name = program.names[Int(op.table)]
        if let field = flow.fields.first(where: { $0.name == name }) {
            switch field.value {
            case .text(let string): return scratch.text.appendText(string)
            case .mac(let mac): return .mac(mac)
            case .address(let address): return .address(address)
            case .unsigned(let number): return .number(number)
            case .float(let number): return .float(number)
            }
        }
        switch op.origin {
        case .sample: return facts.read(op.origin, occurrence: 0, datagram, header, &scratch.text)
        default: return .null
        }
    }
}
