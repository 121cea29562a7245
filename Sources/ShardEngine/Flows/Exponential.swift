// e^x, the only thing that the engine needs of the C library.

private import func Glibc.exp

@inline(__always)
func exponential(_ x: Double) -> Double { exp(x) }
