/// The flow record layouts, by topic in the other files of this name.
package enum FlowLayouts {
    /// Sorted by tag; a ``FlowLayoutID`` is a place in it.
    package static let all: [RecordLayout] =
        (packet + forwarding + tunnels + queuesAndDrops + wireless + fabrics + transactions + applications + vendor)
        .sorted { $0.tag < $1.tag }
}
