// Who serves message streams: what a role of the cluster implements for its HTTPServer.

package protocol StreamAcceptor: Sendable {
    /// Whether a POST to `path` opens a message stream. Asked on the network thread: a matter of comparing strings. Other
    /// requests go to the server's responder.
    func accepts(path: String) -> Bool

    /// Serves one stream, in a task of its own, which is cancelled when the client cancels or goes away. To return is to
    /// finish the stream; what the client has not sent by then is thrown away. To throw ends it with an error.
    ///
    /// Until the stream is accepted (``MessageStream/accept(headers:)``, the first call of `send`, or the first of
    /// `receive`: the client waits for the response before it sends) a ``StreamRefusal`` can be thrown instead.
    func serve(_ stream: MessageStream) async throws
}

/// Says no to a stream: the client's ``PeerClient/open(_:headers:)`` throws ``PeerError`` `refused` with the same words.
package struct StreamRefusal: Error, Hashable, Sendable {
    /// 400 … 599.
    package var status: Int
    /// One line; the client takes a KiB of it.
    package var message: String

    package init(status: Int, message: String) {
        self.status = status
        self.message = message
    }
}
