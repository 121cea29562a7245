// Which length a frame counts for: each rule with the agent that made it necessary.
import Packets
import Testing

@Suite struct FrameLengthTests {
    @Test("the agent's length stands where it is possible")
    func plain() {
        let full = frameBytes(
            headerProtocol: 1, frameLength: 1518, stripped: 4, capturedLength: 128, outermostIP: (14, 1500))
        #expect(full.bytes == 1518)
        #expect(!full.isCorrected)
        #expect(full.includesLinkLayer)
        // Padding: a frame of 200 bytes around 182 bytes of IP; and a host that counts no check sequence.
        let padded = frameBytes(
            headerProtocol: 1, frameLength: 200, stripped: 4, capturedLength: 128, outermostIP: (14, 182))
        #expect(padded.bytes == 200)
        let unpadded = frameBytes(
            headerProtocol: 1, frameLength: 54, stripped: 0, capturedLength: 54, outermostIP: (14, 40))
        #expect(unpadded.bytes == 54)
        #expect(!unpadded.isCorrected)
    }

    @Test("stripped is no length: an agent that puts the cut payload there changes nothing")
    func stripped() {
        let length = frameBytes(
            headerProtocol: 1, frameLength: 1390, stripped: 1262, capturedLength: 128, outermostIP: (14, 1372))
        #expect(length.bytes == 1390)
        #expect(!length.isCorrected)
    }

    @Test("without the agent's length: IP and what is in front, else the Ethernet record, else the capture")
    func absent() {
        let byIP = frameBytes(
            headerProtocol: 1, frameLength: 0, stripped: 0, capturedLength: 64, outermostIP: (18, 500))
        #expect(byIP.bytes == 522)
        #expect(byIP.isCorrected)
        let byRecord = frameBytes(
            headerProtocol: 1, frameLength: 0, stripped: 0, capturedLength: 64, ethernetLength: 900, outermostIP: nil)
        #expect(byRecord.bytes == 900)
        let byCapture = frameBytes(headerProtocol: 1, frameLength: 0, stripped: 0, capturedLength: 64, outermostIP: nil)
        #expect(byCapture.bytes == 64)
        let labelled = frameBytes(
            headerProtocol: 13, frameLength: 0, stripped: 0, capturedLength: 64, outermostIP: (4, 500))
        #expect(labelled.bytes == 504)
    }

    @Test("a length that the packet contradicts is replaced: 132 for 1500 bytes, less than was captured")
    func wrong() {
        let byIP = frameBytes(
            headerProtocol: 1, frameLength: 132, stripped: 4, capturedLength: 128, outermostIP: (14, 1500))
        #expect(byIP.bytes == 1518)
        #expect(byIP.isCorrected)
        let byCapture = frameBytes(
            headerProtocol: 1, frameLength: 60, stripped: 4, capturedLength: 128, outermostIP: nil)
        #expect(byCapture.bytes == 128)
        // On the borders: 4 bytes less than the capture, 22 less than IP.
        #expect(
            !frameBytes(headerProtocol: 1, frameLength: 124, stripped: 4, capturedLength: 128, outermostIP: nil)
                .isCorrected)
        #expect(
            !frameBytes(headerProtocol: 1, frameLength: 1496, stripped: 4, capturedLength: 128, outermostIP: (14, 1500))
                .isCorrected)
        #expect(
            frameBytes(headerProtocol: 1, frameLength: 1495, stripped: 4, capturedLength: 128, outermostIP: (14, 1500))
                .isCorrected)
    }

    @Test("host offload keeps its bytes, but counts as no larger than a packet in size statistics")
    func offload() {
        let length = frameBytes(
            headerProtocol: 1, frameLength: .max, stripped: 4, capturedLength: 128, outermostIP: (14, 1500))
        #expect(length.bytes == 4_294_967_295)
        #expect(length.packetBytes == 65_575)
        #expect(!length.isCorrected)
    }

    @Test("packets sampled from IP on: with and without the link layer that was taken off")
    func withoutLinkLayer() {
        let bare = frameBytes(
            headerProtocol: 11, frameLength: 476, stripped: 14, capturedLength: 128, outermostIP: (0, 476))
        #expect(bare.bytes == 476)
        #expect(!bare.includesLinkLayer)
        let added = frameBytes(
            headerProtocol: 11, frameLength: 494, stripped: 18, capturedLength: 128, outermostIP: (0, 476))
        #expect(added.bytes == 494)
        #expect(added.includesLinkLayer)
        #expect(!added.isCorrected)
    }

    @Test("arguments that make no sense do not trap", arguments: [Int.min, -1, 0, Int.max])
    func hostile(_ value: Int) {
        for headerProtocol in [UInt32(1), 11, .max] {
            for frameLength in [UInt32(0), 1, .max] {
                _ = frameBytes(
                    headerProtocol: headerProtocol, frameLength: frameLength, stripped: .max, capturedLength: value,
                    ethernetLength: .max, outermostIP: (value, value))
            }
        }
    }
}
