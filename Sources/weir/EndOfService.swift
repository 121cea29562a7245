// Waiting for the end: a signal, or a capture that is through.

internal import Dispatch
internal import Glibc
internal import Synchronization

/// Why a service ends.
struct EndReason: Sendable, CustomStringConvertible {
    let description: String
    /// What went wrong; nil when it ends as it was asked to.
    var error: (any Error)?
}

final class EndOfService: Sendable {
    private let state = Mutex<State>(.running)
    private let signals: [any DispatchSourceSignal & Sendable]

    private enum State {
        case running
        case awaited(CheckedContinuation<EndReason, Never>)
        case ended(EndReason)
    }

    /// Takes over SIGTERM and SIGINT. Until that is done they end the process, as they always do: ignored meanwhile, one that
    /// comes right after the start would be lost. A closed pipe is no reason to end.
    init() {
        signal(SIGPIPE, SIG_IGN)
        let sources = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")].map { number, name in
            (DispatchSource.makeSignalSource(signal: number, queue: .global()), name)
        }
        signals = sources.map(\.0)
        for (source, name) in sources {
            source.setEventHandler { [self] in end(EndReason(description: name)) }
            source.resume()
        }
    }

    /// The first reason counts.
    func end(_ reason: EndReason) {
        let waiting = state.withLock { state -> CheckedContinuation<EndReason, Never>? in
            switch state {
            case .running:
                state = .ended(reason)
                return nil
            case .awaited(let continuation):
                state = .ended(reason)
                return continuation
            case .ended: return nil
            }
        }
        waiting?.resume(returning: reason)
    }

    func wait() async -> EndReason {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> EndReason? in
                if case .ended(let reason) = state { return reason }
                state = .awaited(continuation)
                return nil
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }
}
