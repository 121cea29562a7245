// The sockets of transactions: which end is the server.
//
// extended_socket (2100, 2101) tells local and remote, as the monitored application sees them. Local is the server,
// unless the sample is a transaction that says it is the client's: its input interface is internal then and its output
// is not. The proxy forms (2102, 2103) describe the connection to the server behind a proxy: there remote is the
// server. Source: sFlow Host Structures and sFlow HTTP Structures.
//
// ```
// 0           4          8 (20)      12 (36)      16 (40)
// | protocol | local ip | remote ip | local port | remote port |      in brackets: IPv6
// ```

internal import Bytes
internal import SFlow

extension SampleFacts {
    func readSocket(_ attribute: SocketAttribute, _ datagram: RawSpan) -> Value {
        let isProxy = attribute.rawValue >= SocketAttribute.proxyProtocol.rawValue
        let v4 = isProxy ? FlowLayoutID.extendedProxySocketIPv4 : .extendedSocketIPv4
        let v6 = isProxy ? FlowLayoutID.extendedProxySocketIPv6 : .extendedSocketIPv6
        let isServerRemote = isProxy || (isTransaction && input.kind == .internal && output.kind != .internal)
        switch attribute {
        case .serverAddress6, .clientAddress6, .proxyServerAddress6, .proxyClientAddress6:
            guard let place = body(of: v6.index, in: datagram) else { return .null }
            let isRemote = isServerRemote == attribute.isServer
            return .address(try? datagram.ipv6(at: place.lowerBound + (isRemote ? 20 : 4)))
        default: break
        }
        if let place = body(of: v4.index, in: datagram) {
            let offset = attribute.offset(isServerRemote: isServerRemote, addressBytes: 4)
            let word = try? datagram.uint32(at: place.lowerBound + offset)
            return attribute.isAddress ? .ipv4(word) : .number(word)
        }
        guard !attribute.isAddress, let place = body(of: v6.index, in: datagram) else { return .null }
        let offset = attribute.offset(isServerRemote: isServerRemote, addressBytes: 16)
        return .number(try? datagram.uint32(at: place.lowerBound + offset))
    }
}

extension SocketAttribute {
    fileprivate var isServer: Bool {
        switch self {
        case .serverAddress, .serverAddress6, .serverPort, .proxyServerAddress, .proxyServerAddress6, .proxyServerPort:
            true
        default: false
        }
    }

    fileprivate var isAddress: Bool {
        switch self {
        case .serverAddress, .clientAddress, .proxyServerAddress, .proxyClientAddress: true
        default: false
        }
    }

    fileprivate func offset(isServerRemote: Bool, addressBytes: Int) -> Int {
        let isRemote = isServerRemote == isServer
        switch self {
        case .ipProtocol, .proxyProtocol: return 0
        case .serverPort, .clientPort, .proxyServerPort, .proxyClientPort:
            return 4 + 2 * addressBytes + (isRemote ? 4 : 0)
        default: return isRemote ? 4 + addressBytes : 4
        }
    }
}
