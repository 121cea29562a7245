// Who leads inside Kubernetes: the holder of one Lease object, by the rules of the Kubernetes components themselves
// (client-go, tools/leaderelection). A candidate trusts no clock but its own: a lease is over when the object has not
// changed for the lease's duration since this candidate first saw it as it is.

internal import CSocket
internal import Definitions

actor KubernetesElection: Election {
    private static let leaseSeconds = 6
    /// A leader stops this long after it sent the last renewal that was granted.
    private static let beliefTime = Duration.seconds(4)
    private static let pause = Duration.seconds(2)
    /// A lease that claims more has not been written by us.
    private static let leaseSecondsMax: Int64 = 60

    private let candidate: Candidate
    /// Tells this candidate from an earlier one of the same name, whose lease it must not take for its own.
    private let run = String(UInt64.random(in: .min ... .max), radix: 16)
    private let name: String
    private let api: KubernetesAPI
    private let time: StoreTime
    private var seen: (resourceVersion: String, at: Duration)?

    init(_ candidate: Candidate, name: String, api: KubernetesAPI, time: StoreTime) {
        (self.candidate, self.name, self.api, self.time) = (candidate, name, api, time)
    }

    func turn() async throws(StoreFault) -> ElectionTurn {
        guard let object = try await api.find(.lease, name).object else {
            return try await hold(at: nil, term: 1, acquireTime: KubernetesElection.now)
        }
        let lease = try LeaseRecord(object)
        if lease.run == run, lease.holder != nil {
            return try await hold(at: lease.resourceVersion, term: lease.term, acquireTime: lease.acquireTime)
        }
        let now = time.now()
        if seen?.resourceVersion != lease.resourceVersion { seen = (lease.resourceVersion, now) }
        let end = (seen?.at ?? now) + .seconds(min(max(lease.seconds, 1), KubernetesElection.leaseSecondsMax))
        guard lease.holder == nil || end <= now else {
            return ElectionTurn(
                standing: .others(leader: lease.leader, term: lease.term), pause: min(KubernetesElection.pause, end - now))
        }
        // leaseTransitions has 32 bits in the API.
        guard lease.term < Int32.max else { throw StoreFault(.damaged, "the Lease \(name) has no term left: delete it") }
        return try await hold(at: lease.resourceVersion, term: lease.term + 1, acquireTime: KubernetesElection.now)
    }

    /// A conflict means that another was faster: the next turn sees who.
    private func hold(at resourceVersion: String?, term: Int64, acquireTime: String) async throws(StoreFault) -> ElectionTurn {
        let sentAt = time.now()
        let spec = JSONValue.object([
            "holderIdentity": .string(candidate.name), "leaseDurationSeconds": .number(Double(KubernetesElection.leaseSeconds)),
            "acquireTime": .string(acquireTime), "renewTime": .string(KubernetesElection.now),
            "leaseTransitions": .number(Double(term - 1)),
        ])
        let annotations = [LeaseRecord.addressName: candidate.address, LeaseRecord.runName: run]
        _ = try await api.store(.lease, name, at: resourceVersion, annotations: annotations, ("spec", spec))
        return ElectionTurn(
            standing: .mine(term: term, until: sentAt + KubernetesElection.beliefTime), pause: KubernetesElection.pause)
    }

    /// A lease without holder is free at once. Where that cannot be written, it ends by itself.
    func resign() async {
        guard let object = try? await api.find(.lease, name).object, let lease = try? LeaseRecord(object), lease.run == run
        else { return }
        let spec = JSONValue.object([
            "leaseDurationSeconds": .number(1), "renewTime": .string(KubernetesElection.now),
            "leaseTransitions": .number(Double(lease.term - 1)),
        ])
        _ = try? await api.store(.lease, name, at: lease.resourceVersion, ("spec", spec))
    }

    private static var now: String { microTime(microsecondsSinceEpoch: csocket_now_ns() / 1000) }
}

/// What a Lease object says (Kubernetes API, coordination.k8s.io/v1, LeaseSpec).
private struct LeaseRecord {
    static let addressName = "weir-address"
    static let runName = "weir-run"

    let resourceVersion: String
    let holder: String?
    let run: String?
    let leader: Candidate?
    let seconds: Int64
    let term: Int64
    let acquireTime: String

    init(_ object: KubernetesObject) throws(StoreFault) {
        resourceVersion = object.resourceVersion
        let spec = try object.reader.object("spec")
        let holder = try spec?.text("holderIdentity").flatMap { $0.isEmpty ? nil : $0 }
        self.holder = holder
        seconds = try spec?.number("leaseDurationSeconds") ?? 1
        acquireTime = try spec?.text("acquireTime") ?? microTime(microsecondsSinceEpoch: 0)
        let transitions = try spec?.number("leaseTransitions") ?? 0
        guard (0..<Int64(Int32.max)).contains(transitions) else {
            throw StoreFault(.damaged, "a Lease has \(transitions) transitions: delete it")
        }
        term = transitions + 1
        let annotations = try object.reader.object("metadata")?.object("annotations")
        run = try annotations?.text(LeaseRecord.runName)
        let address = try annotations?.text(LeaseRecord.addressName)
        // A leader without an address is none to turn to.
        leader = if let holder, let address { Candidate(name: holder, address: address) } else { nil }
    }
}

/// The form that the Kubernetes API wants (MicroTime): RFC 3339 with six decimals, in UTC.
func microTime(microsecondsSinceEpoch time: Int64) -> String {
    let (second, micro) = (time / 1_000_000, time % 1_000_000)
    // Days to a date of the proleptic Gregorian calendar, from 0000-03-01 on, in eras of 400 years (Hinnant,
    // "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
    let day = second / 86_400 + 719_468
    let (era, dayOfEra) = (day / 146_097, day % 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

    func digits(_ number: Int64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let date = "\(digits(year, 4))-\(digits(month, 2))-\(digits(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, 2))"
    let clock = "\(digits(second / 3600 % 24, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
    return "\(date)T\(clock).\(digits(micro, 6))Z"
}
