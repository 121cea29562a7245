/// The flow record layouts, by topic in the other files of this name.
public enum FlowLayouts {
    /// Sorted by tag; a ``FlowLayoutID`` is a place in it.
    public static let all: [RecordLayout] =
        (packet + forwarding + tunnels + queuesAndDrops + wireless + fabrics + transactions + applications + vendor)
        .sorted { $0.tag < $1.tag }
}
