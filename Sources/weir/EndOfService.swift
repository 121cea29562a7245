// Waiting for the end: a signal, or a capture that is through.

internal import Dispatch
internal import Glibc
internal import Synchronization

final class EndOfService: Sendable {
    private let state = Mutex<State>(.running)
    private let signals: [any DispatchSourceSignal & Sendable]

    private enum State {
        case running
        case awaited(CheckedContinuation<String, Never>)
        case ended(String)
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
            source.setEventHandler { [self] in end(name) }
            source.resume()
        }
    }

    /// The first reason counts.
    func end(_ reason: String) {
        let waiting = state.withLock { state -> CheckedContinuation<String, Never>? in
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

    /// The reason why the service ends.
    func wait() async -> String {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> String? in
                if case .ended(let reason) = state { return reason }
                state = .awaited(continuation)
                return nil
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }
}
