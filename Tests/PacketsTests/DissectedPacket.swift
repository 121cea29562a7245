// A packet with its headers, in a form that test macros can take: a stack is not copyable and a span may not escape.
import Bytes
import PacketBuilding
import Packets

final class DissectedPacket {
    let bytes: Octets
    let stack: LayerStack

    init(_ bytes: Octets, headerProtocol: UInt32 = 1, frameLength: UInt32 = 0) {
        self.bytes = bytes
        var stack = LayerStack()
        stack.dissect(bytes.span.bytes, headerProtocol: headerProtocol, frameLength: frameLength)
        self.stack = stack
    }

    /// The value of an attribute: `packet.read { $0.tcpFlags(in: $1) }`.
    func read<Value>(_ body: (borrowing LayerStack, RawSpan) -> Value) -> Value {
        let bytes = bytes
        let span = bytes.span.bytes
        return body(stack, span)
    }

    /// The `stack` key.
    var text: String {
        var text: Octets = []
        stack.appendStack(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    var layers: [Layer] { (0..<stack.count).map { stack[$0] } }
    var ending: LayerStack.Ending { stack.ending }
    var endKind: LayerKind? { stack.endKind }
}
