// Time for patience and silences, which must not jump when somebody sets the machine's clock. Datagrams are stamped with that
// one, and metrics go by their stamps (`StateClock`).

/// Of a clock that only goes forward, from about the start of the process. Unit: nanoseconds.
package var monotonicNow: Int64 {
    let passed = ContinuousClock.now - monotonicStart
    return passed.components.seconds * 1_000_000_000 + passed.components.attoseconds / 1_000_000_000
}

private let monotonicStart = ContinuousClock.now
