// How all hosts are asked, and what happens when one of them has no answer: the part of a query that does not depend on the question.

internal import Queries

extension QueryCoordinator {
    /// Between the rounds of a query a host may go; then it is asked again, of those that are left, so many times at most.
    private static let attemptsMax = 3
    /// A map that workers have is in the store, and reaches all coordinators within milliseconds while the store can be reached.
    private static let mapWait = Duration.seconds(1)

    func attempt<Result>(_ body: () async throws -> Result) async throws -> Result {
        for _ in 1..<QueryCoordinator.attemptsMax {
            do { return try await body() } catch is HostUnavailable { continue }
        }
        return try await body()
    }

    /// Asks all hosts; instead of one that has no answer those who can answer for it. Where hosts go by a newer map, all are asked
    /// again as soon as it is known here. What nobody answers is missing, and noted.
    func askAll<Answer: Sendable>(
        _ question: @escaping @Sendable (any ShardHost) async throws -> Answer
    ) async throws -> [Answer] {
        var hosts = self.hosts()
        var found: Found<Answer> = try await ask(hosts, question)
        for _ in 1..<QueryCoordinator.attemptsMax {
            guard found.shardCount < hosts.shardCount, let epoch = found.newerEpoch, let newer = await newerHosts(epoch)
            else { break }
            hosts = newer
            found = try await ask(hosts, question)
        }
        Completeness.current?.note(answered: found.shardCount, of: hosts.shardCount, warming: hosts.warmingCount)
        return found.answers
    }

    private struct Found<Answer> {
        var answers: [Answer] = []
        /// That these answer for.
        var shardCount = 0
        /// The newest map by which a host has refused to answer.
        var newerEpoch: UInt64?
    }

    private func ask<Answer: Sendable>(
        _ hosts: HostSet, _ question: @escaping @Sendable (any ShardHost) async throws -> Answer
    ) async throws -> Found<Answer> {
        var found = Found<Answer>()
        var asked = hosts.hosts
        while !asked.isEmpty {
            let results = try await askAll(asked) { host -> (any ShardHost, Result<Answer, HostUnavailable>) in
                do {
                    return (host, .success(try await question(host)))
                } catch let error as HostUnavailable {
                    return (host, .failure(error))
                }
            }
            asked = []
            for (host, result) in results {
                switch result {
                case .success(let answer):
                    found.answers.append(answer)
                    found.shardCount += host.shardCount
                case .failure(let error):
                    asked += host.alternatives
                    if let epoch = error.newerEpoch { found.newerEpoch = max(found.newerEpoch ?? 0, epoch) }
                }
            }
        }
        return found
    }

    /// The hosts by a map that others know already; nil if it does not come.
    private func newerHosts(_ epoch: UInt64) async -> HostSet? {
        let deadline = ContinuousClock.now + QueryCoordinator.mapWait
        while true {
            let hosts = self.hosts()
            if hosts.epoch >= epoch { return hosts }
            guard ContinuousClock.now < deadline, (try? await Task.sleep(for: .milliseconds(5))) != nil else { return nil }
        }
    }

    /// Asks all at the same time; answers in the order of those asked.
    func askAll<Asked: Sendable, Answer: Sendable>(
        _ asked: [Asked], _ question: @escaping @Sendable (Asked) async throws -> Answer
    ) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (place, one) in asked.enumerated() {
                group.addTask { (place, try await question(one)) }
            }
            var answers: [Answer?] = Array(repeating: nil, count: asked.count)
            for try await (place, answer) in group { answers[place] = answer }
            return answers.compactMap { $0 }
        }
    }
}
