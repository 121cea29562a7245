// The embedded files as Swift sees them. The only place that touches the C module's memory, all of which is constant.

internal import CPages
internal import NIOCore
internal import Routing

enum PageFiles {
    /// By name.
    static let all: [String: StaticDocument] = {
        var files: [String: StaticDocument] = [:]
        var index = 0
        while let file = cpages_file_at(index)?.pointee {
            let name = String(cString: file.name)
            files[name] = StaticDocument(
                contentType: contentType(of: name),
                ByteBuffer(bytes: UnsafeBufferPointer(start: file.bytes, count: file.count)))
            index += 1
        }
        return files
    }()

    private static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }
}
