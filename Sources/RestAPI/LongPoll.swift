// What a long poll asks for, read from its query.

internal import Routing

struct LongPoll {
    let name: String?
    let after: Int64?
    let limit: Int?
    let timeout: Duration

    /// A request that is held longer is answered with nothing, and the client asks again. Unit: seconds.
    static let timeoutSecondsMax = 3600.0

    /// The names of the parameters differ between the endpoints.
    init(_ request: RouteRequest, name: String, id: String, limit: String) throws {
        func number<Number: LosslessStringConvertible>(_ parameter: String, _ expected: String) throws -> Number? {
            guard let text = request.text(parameter) else { return nil }
            guard let number = Number(text) else {
                throw HTTPProblem.badRequest("'\(text)' is no value for \(parameter): use \(expected)")
            }
            return number
        }
        self.name = request.text(name)
        after = try number(id, "the last number seen, or -1")
        self.limit = try number(limit, "a whole number")
        let seconds: Double = try number("timeout", "seconds") ?? 0
        guard seconds >= 0, self.limit ?? 1 >= 0 else {
            throw HTTPProblem.badRequest("timeout and \(limit) cannot be negative")
        }
        timeout = .seconds(min(seconds, LongPoll.timeoutSecondsMax))
    }
}
