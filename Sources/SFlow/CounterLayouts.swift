/// The counter record layouts, by topic in the other files of this name.
public enum CounterLayouts {
    /// Sorted by tag; a ``CounterLayoutID`` is a place in it.
    public static let all: [RecordLayout] =
        (interfaces + ports + machines + mib2 + virtualMachines + applications + memcache + environment + switchChips)
        .sorted { $0.tag < $1.tag }
}
