// One completed flow, in plain values, as the encoder takes it.

package import Bytes

/// The value of a flow key.
package enum FlowExportField: Hashable, Sendable {
    case number(UInt64)
    case address(IPAddress)
    case mac(MACAddress)
}

package struct FlowExportRecord: Hashable, Sendable {
    /// The device that saw the flow.
    package var agent: IPAddress
    /// Of the template's keys, in their order.
    package var keys: [FlowExportField]
    /// Of the template's values, in their order: totals of the flow, scaled by the sampling rate. Unit: bytes or
    /// frames.
    package var values: [UInt64]
    /// Milliseconds since the Unix epoch.
    package var startMilliseconds: UInt64
    /// Milliseconds since the Unix epoch.
    package var endMilliseconds: UInt64

    package init(
        agent: IPAddress, keys: [FlowExportField], values: [UInt64], startMilliseconds: UInt64, endMilliseconds: UInt64
    ) {
        self.agent = agent
        self.keys = keys
        self.values = values
        self.startMilliseconds = startMilliseconds
        self.endMilliseconds = endMilliseconds
    }
}
