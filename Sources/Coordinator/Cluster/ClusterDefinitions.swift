// The definitions of a cluster in its store: one document, compressed, written by the leading coordinator alone.

package import ClusterStore
package import DataFiles
package import DefinitionStore
package import Definitions
internal import NIOCore
internal import Transport

package actor ClusterDefinitions: DefinitionKeeper {
    static let key = "definitions"
    /// Of a document before compression; beyond what the limits of all definitions allow.
    private static let documentBytesMax = 256 << 20

    private let store: any ClusterStore
    private var revision: Revision?

    package init(store: any ClusterStore) { self.store = store }

    package func loadKept(reservedMetricNames: Set<String>) async throws(StoreError) -> DefinitionStore.Loaded {
        let kept: StoredValue?
        do throws(StoreFault) {
            kept = try await store.read(ClusterDefinitions.key)
        } catch {
            throw StoreError(.system, "the cluster's store does not give its definitions: \(error.message)")
        }
        revision = kept?.revision
        var set = DefinitionSet.empty
        guard let kept else { return DefinitionStore.Loaded(set: set, messages: []) }
        let refused = set.restore(try ClusterDefinitions.document(kept), reservedMetricNames: reservedMetricNames)
        return DefinitionStore.Loaded(set: set, messages: refused.map { "left out, no longer possible: \($0)" })
    }

    package func keep(_ set: DefinitionSet, kinds: [DefinitionKind]) async throws(StoreError) {
        do throws(StoreFault) {
            revision = try await store.write(
                ClusterDefinitions.key, ClusterDefinitions.packed(set.document().bytes(indent: 0)), expecting: revision)
        } catch {
            throw StoreError(
                error.reason == .tooLarge ? .tooLarge : .system, "the cluster's store does not keep it: \(error.message)")
        }
    }

    // MARK: Form

    private static func packed(_ bytes: [UInt8]) -> [UInt8] {
        guard var compressor = try? GzipCompressor(level: 6) else { return bytes }
        var packed = ByteBuffer()
        compressor.compress(ByteBuffer(bytes: bytes), flush: .finish, into: &packed)
        return Array(buffer: packed)
    }

    /// The text of a kept document.
    static func text(_ kept: StoredValue) throws(StoreError) -> [UInt8] {
        // Text does not begin like gzip.
        guard kept.bytes.starts(with: [0x1f, 0x8b]) else { return kept.bytes }
        do throws(GzipError) {
            var decompressor = try GzipDecompressor(maxOutputBytes: documentBytesMax)
            var text = ByteBuffer()
            try decompressor.decompress(ByteBuffer(bytes: kept.bytes), into: &text)
            if decompressor.isFinished { return Array(buffer: text) }
        } catch {}
        throw StoreError(.damaged, "the definitions in the cluster's store are damaged")
    }

    private static func document(_ kept: StoredValue) throws(StoreError) -> DefinitionDocument {
        let text = try text(kept)
        do throws(DefinitionError) {
            return try DefinitionDocument(text: text, sizeMax: documentBytesMax)
        } catch {
            throw StoreError(.damaged, "the definitions in the cluster's store make no sense: \(error)")
        }
    }
}
