/// A name and a text as somebody gave them, not yet looked up nor checked.
struct Assignment: Hashable, Sendable {
    let name: String
    let text: String
    let origin: Origin
}
