// Tunnel headers, InfiniBand base transport headers, DNS messages.

internal import Bytes
internal import Packets

extension SampleFacts {
    func readOverlay(
        _ attribute: OverlayAttribute, _ occurrence: Int, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch attribute {
        case .vxlanVNI: .number(stack.vxlanVNI(in: header, occurrence: occurrence))
        case .geneveVNI: .number(stack.geneveVNI(in: header, occurrence: occurrence))
        case .nvgreSubnet: .number(stack.nvgreSubnetID(in: header, occurrence: occurrence))
        case .greKey: .number(stack.greKey(in: header, occurrence: occurrence))
        case .greProtocol: .number(stack.greProtocol(in: header, occurrence: occurrence))
        case .gtpEndpoint: .number(stack.gtpTunnelEndpoint(in: header, occurrence: occurrence))
        case .erspanSession: .number(stack.erspanSession(in: header, occurrence: occurrence))
        case .l2tpTunnel: .number(stack.l2tpTunnel(in: header, occurrence: occurrence))
        case .l2tpSession: .number(stack.l2tpSession(in: header, occurrence: occurrence))
        case .dnsName, .dnsIsResponse, .dnsOpcode, .dnsCode, .dnsType, .dnsTypeName, .dnsClass:
            readDNS(attribute, occurrence, header, &text)
        default: readInfiniBand(attribute, occurrence, header, &text)
        }
    }

    private func readInfiniBand(
        _ attribute: OverlayAttribute, _ occurrence: Int, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch attribute {
        case .ibOffset: number(stack.offset(of: .infinibandBTH, occurrence))
        case .ibOpcode: .number(stack.ibOpcode(in: header, occurrence: occurrence)?.rawValue)
        case .ibOperation:
            readName(stack.ibOpcode(in: header, occurrence: occurrence), &text) { InfiniBandNames.operation($0) }
        case .ibTransport:
            readName(stack.ibOpcode(in: header, occurrence: occurrence), &text) { InfiniBandNames.transport($0) }
        case .ibVersion: .number(stack.ibTransportVersion(in: header, occurrence: occurrence))
        case .ibSolicited: .boolean(stack.ibSolicitedEvent(in: header, occurrence: occurrence))
        case .ibMigration: .boolean(stack.ibMigration(in: header, occurrence: occurrence))
        case .ibQueuePair: .number(stack.ibDestinationQueuePair(in: header, occurrence: occurrence))
        case .ibSequence: .number(stack.ibPacketSequence(in: header, occurrence: occurrence))
        case .ibPartition: .number(stack.ibPartitionKey(in: header, occurrence: occurrence))
        case .ibAckRequest: .boolean(stack.ibAckRequest(in: header, occurrence: occurrence))
        case .ibRDMALength: .number(stack.ibRDMALength(in: header, occurrence: occurrence))
        case .ibSyndrome: .number(stack.ibAckSyndrome(in: header, occurrence: occurrence))
        default: .null
        }
    }

    private func readName(
        _ opcode: InfiniBandOpcode?, _ text: inout FixedBytes, _ name: (InfiniBandOpcode) -> String?
    ) -> Value {
        guard let opcode, let name = name(opcode) else { return .null }
        return text.appendText(name)
    }

    private func readDNS(
        _ attribute: OverlayAttribute, _ occurrence: Int, _ header: RawSpan, _ text: inout FixedBytes
    ) -> Value {
        switch attribute {
        case .dnsName:
            guard let name = stack.dnsQuestionName(in: header, occurrence: occurrence) else { return .null }
            return text.appendText(name)
        case .dnsIsResponse: return .boolean(stack.dnsIsResponse(in: header, occurrence: occurrence))
        case .dnsOpcode: return .number(stack.dnsOpcode(in: header, occurrence: occurrence))
        case .dnsCode: return .number(stack.dnsResponseCode(in: header, occurrence: occurrence))
        case .dnsType: return .number(stack.dnsQuestionType(in: header, occurrence: occurrence))
        case .dnsTypeName:
            guard let type = stack.dnsQuestionType(in: header, occurrence: occurrence) else { return .null }
            return text.appendText(DNSType.name(type))
        case .dnsClass: return .number(stack.dnsQuestionClass(in: header, occurrence: occurrence))
        default: return .null
        }
    }
}

/// Names of resource record types. Source: IANA "Resource Record (RR) TYPEs".
enum DNSType {
    /// `TYPE65280` for a type without a name, RFC 3597 section 5.
    static func name(_ type: UInt16) -> String {
        switch type {
        case 1: "A"
        case 2: "NS"
        case 5: "CNAME"
        case 6: "SOA"
        case 12: "PTR"
        case 13: "HINFO"
        case 15: "MX"
        case 16: "TXT"
        case 17: "RP"
        case 24: "SIG"
        case 25: "KEY"
        case 28: "AAAA"
        case 29: "LOC"
        case 33: "SRV"
        case 35: "NAPTR"
        case 36: "KX"
        case 37: "CERT"
        case 39: "DNAME"
        case 41: "OPT"
        case 43: "DS"
        case 44: "SSHFP"
        case 46: "RRSIG"
        case 47: "NSEC"
        case 48: "DNSKEY"
        case 50: "NSEC3"
        case 51: "NSEC3PARAM"
        case 52: "TLSA"
        case 59: "CDS"
        case 60: "CDNSKEY"
        case 64: "SVCB"
        case 65: "HTTPS"
        case 99: "SPF"
        case 249: "TKEY"
        case 250: "TSIG"
        case 251: "IXFR"
        case 252: "AXFR"
        case 255: "ANY"
        case 256: "URI"
        case 257: "CAA"
        default: "TYPE\(type)"
        }
    }
}
