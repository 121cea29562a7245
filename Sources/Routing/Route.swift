// A route: a path, what answers it, and what there is to say about it. The server answers from these, and the API's
// description (/api-docs) is made from the same, so that it describes exactly what exists.

package import Transport

package struct Route: Sendable {
    package typealias Handler = @Sendable (RouteRequest) async throws -> HTTPResponse

    package enum Method: String, Sendable { case get = "GET", put = "PUT", post = "POST", delete = "DELETE" }

    package struct Parameter: Sendable {
        package let name: String
        package let help: String
        /// Shown in the documentation.
        package let example: String?
        /// Of a query parameter: whether there is no answer without it.
        package let isRequired: Bool

        package init(_ name: String, _ help: String, example: String? = nil, isRequired: Bool = false) {
            self.isRequired = isRequired
            self.name = name
            self.help = help
            self.example = example
        }
    }

    /// A kind of answer.
    package enum Answer: Sendable {
        /// JSON with this schema, an OpenAPI schema object as text.
        case json(schema: String)
        case text(example: String)
        case html
        case redirect
        /// Done, and there is nothing to say about it: status 204.
        case nothing
    }

    package let method: Method
    /// Segments separated by `/`; `{name}` stands for one segment.
    package let path: String
    /// Group in the documentation.
    package let group: String
    package let summary: String
    package let details: String
    package let pathParameters: [Parameter]
    package let queryParameters: [Parameter]
    /// Whether other query parameters are filters on metrics.
    package let takesFilters: Bool
    /// Schema of the JSON that the request brings, an OpenAPI schema object as text; nil when it brings nothing.
    package let requestSchema: String?
    package let answer: Answer
    /// Statuses other than the answer's, with their meanings.
    package let problems: [Int: String]
    package let handler: Handler

    package init(
        _ method: Method = .get, _ path: String, group: String, summary: String, details: String = "",
        pathParameters: [Parameter] = [], queryParameters: [Parameter] = [], takesFilters: Bool = false,
        requestSchema: String? = nil, answer: Answer, problems: [Int: String] = [:], handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.group = group
        self.summary = summary
        self.details = details
        self.pathParameters = pathParameters
        self.queryParameters = queryParameters
        self.takesFilters = takesFilters
        self.requestSchema = requestSchema
        self.answer = answer
        self.problems = problems
        self.handler = handler
    }
}
