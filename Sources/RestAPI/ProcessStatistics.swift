// What the process uses of the machine, as Linux tells it in /proc.

internal import Glibc
internal import Synchronization

package final class ProcessStatistics: Sendable {
    package struct Sample: Sendable {
        package var uptimeMilliseconds: Int64 = 0
        package var processors = 1
        package var threads = 0
        package var residentBytes: Int64 = 0
        package var memoryTotalBytes: Int64 = 0
        package var memoryFreeBytes: Int64 = 0
        package var cpuMilliseconds: Int64 = 0
        /// 0 to 1.
        package var systemLoad = 0.0, processLoad = 0.0
    }

    private let started: Int64
    /// The processor time at the last sample, for the load since then.
    private let last = Mutex<(uptimeMilliseconds: Int64, cpuMilliseconds: Int64, load: Double)>((0, 0, 0))

    /// - Parameter started: nanoseconds since the Unix epoch.
    package init(started: Int64) { self.started = started }

    package func sample() -> Sample {
        var sample = Sample()
        sample.uptimeMilliseconds = max(0, (now() - started) / 1_000_000)
        sample.processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        sample.cpuMilliseconds = cpuMilliseconds()
        let status = fields(of: "/proc/self/status")
        sample.threads = Int(status["Threads"] ?? 0)
        sample.residentBytes = (status["VmRSS"] ?? 0) * 1024
        let memory = fields(of: "/proc/meminfo")
        sample.memoryTotalBytes = (memory["MemTotal"] ?? 0) * 1024
        sample.memoryFreeBytes = (memory["MemAvailable"] ?? 0) * 1024
        sample.systemLoad = min(1, loadAverage() / Double(sample.processors))
        sample.processLoad = processLoad(sample)
        return sample
    }

    /// Since the last sample, or of that one when it is less than a second old.
    private func processLoad(_ sample: Sample) -> Double {
        last.withLock { last in
            let elapsed = sample.uptimeMilliseconds - last.uptimeMilliseconds
            if elapsed >= 1_000 {
                let used = Double(sample.cpuMilliseconds - last.cpuMilliseconds)
                last = (
                    sample.uptimeMilliseconds, sample.cpuMilliseconds,
                    min(1, max(0, used / Double(elapsed) / Double(sample.processors)))
                )
            }
            return last.load
        }
    }

    private func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private func cpuMilliseconds() -> Int64 {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let micro = Int64(usage.ru_utime.tv_usec) + Int64(usage.ru_stime.tv_usec)
        return (Int64(usage.ru_utime.tv_sec) + Int64(usage.ru_stime.tv_sec)) * 1_000 + micro / 1_000
    }

    private func loadAverage() -> Double {
        var load = 0.0
        return getloadavg(&load, 1) == 1 ? load : 0
    }

    /// `Name: number` lines of a file of the kernel.
    private func fields(of path: String) -> [String: Int64] {
        guard let file = fopen(path, "re") else { return [:] }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 256)
        var fields: [String: Int64] = [:]
        while fgets(&buffer, Int32(buffer.count), file) != nil {
            let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let words = line.split(whereSeparator: { $0 == ":" || $0 == " " || $0 == "\t" || $0 == "\n" })
            if words.count >= 2, let number = Int64(words[1]) { fields[String(words[0])] = number }
        }
        return fields
    }
}
