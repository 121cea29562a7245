// Capture files, of either format: all frames and datagrams, twice.

import Bytes
import Capture

func fuzzCaptureFile(_ input: [UInt8]) {
    guard let file = try? CaptureFile(name: "fuzz.pcap", content: input) else { return }
    var reader = DatagramReader(file)
    let first = payloadBytes(&reader, limit: input.count)
    guard (try? reader.rewind()) != nil else { return check(false, "a file that was opened can be rewound") }
    check(payloadBytes(&reader, limit: input.count) == first, "a second round reads what the first did")
}

/// Bytes of the datagrams up to the end or the first fault.
/// - Parameter limit: datagrams; each takes bytes of the file, so that there are never as many.
private func payloadBytes(_ reader: inout DatagramReader, limit: Int) -> Int {
    var total = 0
    for _ in 0...limit {
        guard let datagram = try? reader.next() else { return total }
        total += reader.withPayload(of: datagram) { $0.byteCount }
    }
    check(false, "reading ends")
    return total
}
