// What one node believes of another: partial answers. Their form is canonical, so an accepted one is written again with the
// same bytes.

import ExactStatistics

func fuzzMoments(_ input: [UInt8]) {
    if let sum = ExactSum(encoded: input) { check(sum.encoded == input, "an exact sum has one form") }
    guard let moments = Moments(encoded: input) else { return }
    check(moments.encoded == input, "moments have one form")
    var twice = moments
    twice.merge(moments)
    check(!(twice.variance.map { $0 < 0 } ?? false), "no variance is negative")
}
