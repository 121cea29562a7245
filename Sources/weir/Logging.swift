// The log: swift-log to standard error, one line a message, so that standard output stays for scripts.

internal import Logging
internal import Settings

func makeLogger(_ settings: Settings) -> Logger {
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: "weir")
    logger.logLevel =
        switch settings.logLevel {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    return logger
}
