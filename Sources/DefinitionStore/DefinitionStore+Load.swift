// Reading what was saved, and what to do with files that are not as they should be. Nothing is ever thrown away: what
// cannot be used stays beside the good files, under a name of its own.

package import DataFiles
package import Definitions
import Synchronization

extension DefinitionStore {
    package struct Loaded: Sendable {
        package let set: DefinitionSet
        /// What the operator must know: files that were moved aside, definitions that are no longer possible.
        package let messages: [String]

        package init(set: DefinitionSet, messages: [String]) {
            self.set = set
            self.messages = messages
        }
    }

    /// Refused definitions of one file that are named one by one.
    private static let namedRefusalsMax = 10

    /// Reads what was saved. A file that cannot be used is moved aside and the others load; definitions that are no
    /// longer possible are left out, with a copy of their file kept aside. Throws when something must be kept aside and
    /// cannot be: saving later would destroy it.
    package func load(reservedMetricNames: Set<String>) throws(StoreError) -> Loaded {
        try directory.withLock { directory throws(StoreError) in
            var set = DefinitionSet.empty
            var messages: [String] = []
            var mended: [DefinitionKind] = []
            for kind in DefinitionKind.allCases {
                let name = DefinitionStore.fileName(of: kind)
                switch try DefinitionStore.read(kind, from: directory) {
                case .absent: break
                case .unusable(let why):
                    let aside = try directory.moveAside(name)
                    messages.append(
                        "\(directory.path)/\(name): \(why); moved to \(aside), going on without its definitions")
                case .document(let document, let bytes):
                    let refused = set.restore(document, reservedMetricNames: reservedMetricNames)
                    guard !refused.isEmpty else { break }
                    mended.append(kind)
                    let aside = try directory.keepAside(bytes, of: name)
                    messages += DefinitionStore.messages(refused, file: "\(directory.path)/\(name)", aside: aside)
                }
            }
            for kind in mended { try DefinitionStore.save(set, kind, in: directory) }
            return Loaded(set: set, messages: messages)
        }
    }

    private enum Content {
        case absent
        case document(DefinitionDocument, bytes: [UInt8])
        case unusable(String)
    }

    private static func read(_ kind: DefinitionKind, from directory: DataDirectory) throws(StoreError) -> Content {
        let name = fileName(of: kind)
        let bytes: [UInt8]
        do throws(SystemError) {
            switch try directory.read(name, sizeMax: fileSizeMax) {
            case nil: return .absent
            case .notAFile?: return .unusable("not a file")
            case .tooLarge?: return .unusable("larger than \(fileSizeMax) bytes")
            case .bytes(let content)?: bytes = content
            }
        } catch {
            if error.isShortage { throw StoreError(cannot: "read \(directory.path)/\(name)", error) }
            return .unusable("cannot be read: \(error.text)")
        }
        do throws(DefinitionError) {
            let document = try DefinitionDocument(text: bytes, sizeMax: fileSizeMax)
            if let stranger = document.kinds.first(where: { $0 != kind }) {
                return .unusable("holds \(stranger.member), which do not belong there")
            }
            return .document(document, bytes: bytes)
        } catch {
            return .unusable("is damaged: \(error)")
        }
    }

    private static func messages(_ refused: [DefinitionError], file: String, aside: String) -> [String] {
        var messages = refused.prefix(namedRefusalsMax).map { "\(file): \($0); left out" }
        if refused.count > namedRefusalsMax {
            messages.append("\(file): \(refused.count - namedRefusalsMax) more left out")
        }
        messages.append("\(file): the file as it was is kept as \(aside)")
        return messages
    }
}
