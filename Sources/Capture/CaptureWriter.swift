// Writing captures: UDP payloads in Ethernet frames, in the classic pcap format with microseconds, which every tool
// reads.

package import Bytes

/// The ends of a UDP datagram.
package struct UDPEndpoints: Hashable, Sendable {
    package let source: IPAddress
    package let sourcePort: UInt16
    package let destination: IPAddress
    package let destinationPort: UInt16

    package init(source: IPAddress, sourcePort: UInt16, destination: IPAddress, destinationPort: UInt16) {
        self.source = source
        self.sourcePort = sourcePort
        self.destination = destination
        self.destinationPort = destinationPort
    }
}

/// Writes a pcap file of UDP datagrams. `finish` writes what is buffered and must be called: a deinitialiser cannot
/// report an error.
package struct CaptureWriter: ~Copyable, Sendable {
    private static let bufferBytes = 256 << 10

    private let path: String
    private let file: OutputFile
    private var buffer: [UInt8] = []
    private var writtenBytes: Int64 = 0

    /// Creates the file, or empties it.
    package init(path: String) throws(CaptureError) {
        self.path = path
        do throws(SystemError) {
            file = try OutputFile(path: path)
        } catch {
            throw CaptureError(.cannotOpen, file: path, offsetBytes: 0, systemError: error.number)
        }
        buffer.reserveCapacity(CaptureWriter.bufferBytes + (64 << 10) + 256)
        PCAPEncoding.appendFileHeader(to: &buffer)
    }

    /// Adds one datagram that arrived at this time since 1970. Ends of different families are both written as IPv6, the
    /// IPv4 one in its mapped form. Throws when the time or the payload does not fit the format.
    package mutating func write(
        arrivalNanoseconds: Int64, _ ends: UDPEndpoints, payload: RawSpan
    ) throws(CaptureError) {
        let offset = writtenBytes + Int64(buffer.count)
        guard let seconds = UInt32(exactly: arrivalNanoseconds / 1_000_000_000), arrivalNanoseconds >= 0 else {
            throw CaptureError(.timeOutOfRange, file: path, offsetBytes: offset)
        }
        guard payload.byteCount <= PCAPEncoding.payloadLengthMaxBytes else {
            throw CaptureError(.payloadTooLong, file: path, offsetBytes: offset)
        }
        let microseconds = UInt32(arrivalNanoseconds % 1_000_000_000 / 1000)
        PCAPEncoding.appendRecord(seconds: seconds, microseconds: microseconds, ends, payload, to: &buffer)
        if buffer.count >= CaptureWriter.bufferBytes { try flush() }
    }

    /// Writes the rest and closes the file.
    package consuming func finish() throws(CaptureError) { try flush() }

    private mutating func flush() throws(CaptureError) {
        do throws(SystemError) {
            try file.write(buffer)
        } catch {
            throw CaptureError(.cannotWrite, file: path, offsetBytes: writtenBytes, systemError: error.number)
        }
        writtenBytes += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }
}

/// The bytes of a pcap file, big-endian throughout. Layouts: see `CaptureFile+PCAP.swift`.
enum PCAPEncoding {
    /// The most that UDP over IPv4 carries: 65,535 − 20 − 8.
    static let payloadLengthMaxBytes = 65_507

    static func appendFileHeader(to bytes: inout [UInt8]) {
        bytes.append32(0xA1B2_C3D4)
        bytes.append16(2)
        bytes.append16(4)
        bytes.append64(0)
        bytes.append32(UInt32(CaptureFile.frameLengthMaxBytes))
        bytes.append32(UInt32(LinkType.ethernet.rawValue))
    }

    static func appendRecord(
        seconds: UInt32, microseconds: UInt32, _ ends: UDPEndpoints, _ payload: RawSpan, to bytes: inout [UInt8]
    ) {
        bytes.append32(seconds)
        bytes.append32(microseconds)
        let lengths = bytes.count
        bytes.append64(0)
        appendFrame(ends, payload, to: &bytes)
        let frameBytes = UInt32(bytes.count - lengths - 8)
        bytes.overwrite32(frameBytes, at: lengths)
        bytes.overwrite32(frameBytes, at: lengths + 4)
    }

    private static func appendFrame(_ ends: UDPEndpoints, _ payload: RawSpan, to bytes: inout [UInt8]) {
        let isIPv6 = ends.source.isIPv6 || ends.destination.isIPv6
        let source = isIPv6 ? ends.source.mapped : ends.source
        let destination = isIPv6 ? ends.destination.mapped : ends.destination
        // Locally administered: no vendor's addresses.
        bytes.append(MACAddress(0x0200_0000_0002))
        bytes.append(MACAddress(0x0200_0000_0001))
        bytes.append16(isIPv6 ? 0x86DD : 0x0800)
        let length = 8 + payload.byteCount
        IPHeader(
            source: source, destination: destination, transport: IPPacket.udp, payloadBytes: length, hopLimit: 64
        ).append(to: &bytes)
        let start = bytes.count
        bytes.append16(ends.sourcePort)
        bytes.append16(ends.destinationPort)
        bytes.append16(UInt16(length))
        bytes.append16(0)
        bytes.append(payload)
        // The checksum covers the addresses, protocol and length as well (RFC 8200, section 8.1); the addresses stand
        // just in front of the UDP header. A result of 0 is sent as all ones, 0 meaning none.
        var checksum = InternetChecksum()
        checksum.add(bytes, (start - (isIPv6 ? 32 : 8))..<bytes.count)
        checksum.add(Int(IPPacket.udp))
        checksum.add(length)
        bytes.overwrite16(checksum.value == 0 ? 0xFFFF : checksum.value, at: start + 6)
    }
}

extension IPAddress {
    /// As an IPv6 address; an IPv4 one as ::ffff:a.b.c.d.
    fileprivate var mapped: IPAddress { isIPv6 ? self : IPAddress(v6High: 0, low: 0xFFFF << 32 | low) }
}
