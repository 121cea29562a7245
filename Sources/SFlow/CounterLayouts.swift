/// The counter record layouts, by topic in the other files of this name.
package enum CounterLayouts {
    /// Sorted by tag; a ``CounterLayoutID`` is a place in it.
    package static let all: [RecordLayout] =
        (interfaces + ports + machines + mib2 + virtualMachines + applications + memcache + environment + switchChips)
        .sorted { $0.tag < $1.tag }
}
