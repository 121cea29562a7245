// The file of `--define`: written by people, so any fault in it ends the start with a message, instead of being worked
// around.

package import DataFiles
package import Definitions

/// The set after everything in the file has been put. A pipe will do for a file.
package func loadDefineFile(
    _ path: String, into set: DefinitionSet = .empty, reservedMetricNames: Set<String>
) throws(StoreError) -> DefinitionSet {
    let bytes: [UInt8]
    do throws(SystemError) {
        bytes = try Descriptor.file(path: path).readAll(sizeMax: DefinitionStore.fileSizeMax)
    } catch {
        throw StoreError(cannot: "read \(path)", error)
    }
    do throws(DefinitionError) {
        let document = try DefinitionDocument(text: bytes, sizeMax: DefinitionStore.fileSizeMax)
        return try set.applying(document, reservedMetricNames: reservedMetricNames)
    } catch {
        throw StoreError(.damaged, "\(path): \(error)")
    }
}
