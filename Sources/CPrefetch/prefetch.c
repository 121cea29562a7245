// A target needs a source file; all of this one is in its header, so that it is inlined.
#include "prefetch.h"
