// e^x and its inverse, the only things that the engine needs of the C library.

private import func Glibc.exp
private import func Glibc.log

@inline(__always)
func exponential(_ x: Double) -> Double { exp(x) }

/// The natural logarithm.
func logarithm(_ x: Double) -> Double { log(x) }
