// The API over the shared captures: a synthetic fabric against its truth, and a real fabric for any number of shards.

import Bytes
import Capture
import DatagramBuilding
import Foundation
import Ingest
import Testing

/// Feeds all of a capture; the last frame's time is the end.
@Sendable private func feed(_ name: String, _ filler: inout BatchFiller) throws -> Int64 {
    var reader = try DatagramReader(path: Shared.capture(name))
    while let datagram = try reader.next() {
        reader.withPayload(of: datagram) { (bytes: RawSpan) in
            filler.add(bytes, udpSource: datagram.source, arrival: datagram.arrivalNanoseconds)
        }
    }
    let end = reader.lastFrameArrivalNanoseconds
    return try #require(end)
}

@Suite(
    .timeLimit(.minutes(3)),
    .enabled(if: Shared.exists(Shared.capture("fabric.pcap")), "shared captures not found: skipped"))
struct SharedCaptureTests {
    /// Every port's octets a second and utilisation against what the fabric's generator says of its last interval.
    @Test func fabricTruth() async throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Shared.capture("fabric.truth.json")))
        let truth = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let ports = try #require(truth["ports"] as? [[String: Any]])
        try await withAPI { $0.feed = { try feed("fabric.pcap", &$0) } } _: { api in
            let rows = try await api.ask(.call, "/dump/ALL/ifinoctets,ifoutoctets,ifinutilization,ifoututilization/json").objects
            var seen: [String: Double] = [:]
            for row in rows {
                let place = "\(row["agent"] ?? "") \(row["dataSource"] ?? "") \(row["metricName"] ?? "")"
                seen[place] = row["metricValue"] as? Double
            }
            var compared = 0
            for port in ports {
                guard let interval = (port["intervals"] as? [[String: Any]])?.last, let agent = port["agent"] as? String,
                    let index = port["ifindex"]
                else { continue }
                let address = try #require(IPAddress(agent)).description
                for (metric, member) in [("ifinutilization", "in_utilization"), ("ifoututilization", "out_utilization")] {
                    guard let expected = interval[member] as? Double else { continue }
                    let value = try #require(seen["\(address) \(index) \(metric)"], "\(address) \(index) \(metric)")
                    // A counter sample leaves within the second after it was taken, in a datagram that has the time: the
                    // length of its twenty seconds is known to a twentieth.
                    #expect(abs(value - expected) <= 1e-6 + expected * 0.05, "\(address) \(index) \(metric)")
                    compared += 1
                }
            }
            #expect(compared == 2 * ports.count)
        }
    }

    @Test func sameBytesForAnyShards() async throws {
        let targets = [
            "/agents/json", "/metrics/json", "/datasources/ALL/json", "/dump/ALL/ALL/json", "/prometheus/metrics/ALL/ALL/txt",
            "/metric/ALL/max:ifinutilization,sum:ifinoctets,sdev:ifoutoctets,med:ifinutilization,any:host_name/json",
            "/table/ALL/ifname,sort:ifinutilization:-7,null:ifoututilization/json",
        ]
        for name in ["ecmp.pcap", "fabric.pcap"] {
            var answers: [[Data]] = []
            for shards in [1, 2, 7] {
                try await withAPI { configuration in
                    configuration.shards = shards
                    configuration.feed = { try feed(name, &$0) }
                } _: { api in
                    var bodies: [Data] = []
                    for target in targets { bodies.append(try await api.ask(.call, target).body) }
                    answers.append(bodies)
                }
            }
            #expect(answers[0].allSatisfy { $0.count > 10 })
            #expect(answers[1] == answers[0] && answers[2] == answers[0], "\(name)")
        }
    }
}
