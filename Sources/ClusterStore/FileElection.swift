// Who leads among the processes of one machine: whoever holds the lock.

internal import DataFiles
internal import Definitions

actor FileElection: Election {
    private static let lockName = "leader.lock"
    private static let leaderName = "leader.json"

    private let candidate: Candidate
    private let directory: DataDirectory
    private let pause: Duration
    private var held: (lock: FileLock, term: Int64)?

    init(_ candidate: Candidate, in directory: DataDirectory, pause: Duration) {
        (self.candidate, self.directory, self.pause) = (candidate, directory, pause)
    }

    func turn() async throws(StoreFault) -> ElectionTurn {
        if let held, held.lock.isInPlace { return mine(held.term) }
        held = nil
        let (directory, candidate) = (directory, candidate)
        let (lock, last) = try await onFileThread { () throws(StoreFault) in
            let lock = try FileElection.lock(directory)
            var last = try FileElection.last(in: directory)
            if lock != nil { last = try FileElection.succeed(last, candidate, in: directory) }
            return (lock, last)
        }
        guard let lock else {
            return ElectionTurn(standing: .others(leader: last.leader, term: last.term), pause: pause)
        }
        held = (lock, last.term)
        return mine(last.term)
    }

    func resign() { held = nil }

    private func mine(_ term: Int64) -> ElectionTurn { ElectionTurn(standing: .mine(term: term, until: nil), pause: pause) }

    private struct Reign {
        let leader: Candidate?
        let term: Int64
    }

    private static func lock(_ directory: DataDirectory) throws(StoreFault) -> FileLock? {
        let lock = try asFault { () throws(StoreError) in try directory.lock(lockName) }
        // Removed between opening and locking: the next turn finds the new one.
        return lock?.isInPlace == true ? lock : nil
    }

    private static func last(in directory: DataDirectory) throws(StoreFault) -> Reign {
        guard let bytes = try directory.bytes(leaderName, sizeMax: 4096) else { return Reign(leader: nil, term: 0) }
        let reader = try AnswerReader(bytes, source: "\(directory.path)/\(leaderName)")
        let term = try reader.required("term", try reader.number("term"))
        guard term > 0 else { throw StoreFault(.damaged, "\(directory.path)/\(leaderName): the term is not positive") }
        return Reign(leader: try Candidate(reader), term: term)
    }

    private static func succeed(
        _ last: Reign, _ candidate: Candidate, in directory: DataDirectory
    ) throws(StoreFault) -> Reign {
        guard last.term < .max else { throw StoreFault(.damaged, "\(directory.path)/\(leaderName): no term is left") }
        let document = JSONValue.object([
            "name": .string(candidate.name), "address": .string(candidate.address), "term": .number64(last.term + 1),
        ])
        let bytes = document.bytes(indent: 0) + [UInt8(ascii: "\n")]
        try asFault { () throws(StoreError) in try directory.replace(leaderName, with: bytes) }
        return Reign(leader: candidate, term: last.term + 1)
    }
}

extension DataDirectory {
    /// nil when there is no such file.
    func bytes(_ name: String, sizeMax: Int) throws(StoreFault) -> [UInt8]? {
        let reading: Reading?
        do throws(SystemError) {
            reading = try read(name, sizeMax: sizeMax)
        } catch {
            throw StoreFault(StoreError(cannot: "read \(path)/\(name)", error))
        }
        switch reading {
        case nil: return nil
        case .bytes(let bytes)?: return bytes
        case .notAFile?: throw StoreFault(.damaged, "\(path)/\(name) is not a file")
        case .tooLarge?: throw StoreFault(.damaged, "\(path)/\(name) is larger than \(sizeMax) bytes")
        }
    }
}

/// What goes wrong with files as a fault of the store.
func asFault<Value>(_ body: () throws(StoreError) -> Value) throws(StoreFault) -> Value {
    do throws(StoreError) {
        return try body()
    } catch {
        throw StoreFault(error)
    }
}
