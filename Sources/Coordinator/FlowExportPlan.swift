// What a flow definition wants exported, where to; and its records as the encoder takes them. Pure.

internal import FlowExport
internal import FlowLanguage
internal import ShardEngine

/// How the records of a definition with `ipfixCollectors` go out.
struct FlowExportPlan: Hashable {
    let layout: String
    let template: IPFIXTemplate
    let collectors: [CollectorAddress]

    /// nil when nobody collects.
    init?(_ definition: FlowDefinition) throws(FlowExportError) {
        guard let layout = ExportedFlow.layout(definition) else { return nil }
        let names = definition.exportedNames
        self.layout = layout
        template = try IPFIXTemplate(keys: names.keys, values: names.values)
        var collectors: [CollectorAddress] = []
        for text in definition.ipfixCollectors {
            let collector = try CollectorAddress(text)
            if !collectors.contains(collector) { collectors.append(collector) }
        }
        self.collectors = collectors
    }

    /// FNV-1a, 32 bits (draft-eastlake-fnv), of name and layout: the same after a restart, and another one when the fields
    /// change, so that no collector reads records by a template of before.
    func observationDomain(named name: String) -> UInt32 {
        (name + " " + layout).utf8.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}

extension FlowExportRecord {
    /// nil for a value that is no amount: negative or beyond 2^64.
    init?(_ record: FlowRecord, key: [UInt8]) {
        var values: [UInt64] = []
        for value in [record.value] + record.values {
            guard let whole = UInt64(exactly: value.rounded()) else { return nil }
            values.append(whole)
        }
        // What has only a text fits no element, which the encoder notices by the number of keys.
        let keys = PackedKey.components(key.span.bytes).compactMap { component -> FlowExportField? in
            switch component {
            case .number(let number): .number(number)
            case .address(let address): .address(address)
            case .mac(let mac): .mac(mac)
            case .text: nil
            }
        }
        self.init(
            agent: record.agent, keys: keys, values: values,
            startMilliseconds: UInt64(clamping: record.start / 1_000_000),
            endMilliseconds: UInt64(clamping: record.end / 1_000_000))
    }
}
