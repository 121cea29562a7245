// Sixteen numbers that lie in order, looked at together: what vectors are made for, and what the Swift compiler (6.3) makes
// a loop of by way of memory. Without the instructions of x86-64 the same in plain C.
#ifndef LANES_H
#define LANES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/// Which of sixteen words are this one: the lowest bit for the first.
static inline uint32_t lanes_equal_u32(const uint32_t *words, uint32_t word) {
#ifdef __SSE2__
    const __m128i *lanes = (const __m128i *)(const void *)words;
    __m128i wanted = _mm_set1_epi32((int)word);
    __m128i low = _mm_packs_epi32(_mm_cmpeq_epi32(_mm_loadu_si128(lanes), wanted),
                                  _mm_cmpeq_epi32(_mm_loadu_si128(lanes + 1), wanted));
    __m128i high = _mm_packs_epi32(_mm_cmpeq_epi32(_mm_loadu_si128(lanes + 2), wanted),
                                   _mm_cmpeq_epi32(_mm_loadu_si128(lanes + 3), wanted));
    return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
#else
    uint32_t places = 0;
    for (int lane = 0; lane < 16; lane++) places |= (uint32_t)(words[lane] == word) << lane;
    return places;
#endif
}

/// Which of sixteen words are in a set by their highest sixteen bits: the lowest bit for the first.
/// `set` has 1024 words, the lowest bit of the first one for 0.
static inline uint32_t lanes_in_set_u32(const uint32_t *words, const uint64_t *set) {
    uint32_t places = 0;
    for (int lane = 0; lane < 16; lane++)
        places |= (uint32_t)(set[words[lane] >> 22] >> (words[lane] >> 16 & 63) & 1) << lane;
    return places;
}

/// The least of sixteen numbers, none of which is a NaN.
static inline double lanes_least_f64(const double *numbers) {
#ifdef __SSE2__
    __m128d least = _mm_loadu_pd(numbers), other = _mm_loadu_pd(numbers + 2);
    for (int lane = 4; lane < 16; lane += 4) {
        least = _mm_min_pd(least, _mm_loadu_pd(numbers + lane));
        other = _mm_min_pd(other, _mm_loadu_pd(numbers + lane + 2));
    }
    least = _mm_min_pd(least, other);
    return _mm_cvtsd_f64(_mm_min_sd(least, _mm_unpackhi_pd(least, least)));
#else
    double least = numbers[0];
    for (int lane = 1; lane < 16; lane++) least = numbers[lane] < least ? numbers[lane] : least;
    return least;
#endif
}

/// Which of sixteen numbers are this one: the lowest bit for the first.
static inline uint32_t lanes_equal_f64(const double *numbers, double number) {
    uint32_t places = 0;
#ifdef __SSE2__
    __m128d wanted = _mm_set1_pd(number);
    for (int lane = 0; lane < 16; lane += 2)
        places |= (uint32_t)_mm_movemask_pd(_mm_cmpeq_pd(_mm_loadu_pd(numbers + lane), wanted)) << lane;
#else
    for (int lane = 0; lane < 16; lane++) places |= (uint32_t)(numbers[lane] == number) << lane;
#endif
    return places;
}

/// Which of sixteen differences are greater than a number, in the lowest sixteen bits, and which are no less, in the highest:
/// of numbers that lie in order, less others that lie `stride` bytes from each other.
static inline uint32_t lanes_differences_f64(const double *numbers, const void *less, size_t stride, double number) {
    const char *next = less;
    uint32_t places = 0;
#ifdef __SSE2__
    __m128d least = _mm_set1_pd(number);
    for (int lane = 0; lane < 16; lane += 2, next += 2 * stride) {
        __m128d errors = _mm_set_pd(*(const double *)(const void *)(next + stride), *(const double *)(const void *)next);
        __m128d differences = _mm_sub_pd(_mm_loadu_pd(numbers + lane), errors);
        places |= (uint32_t)_mm_movemask_pd(_mm_cmpgt_pd(differences, least)) << lane;
        places |= (uint32_t)_mm_movemask_pd(_mm_cmpge_pd(differences, least)) << (lane + 16);
    }
#else
    for (int lane = 0; lane < 16; lane++, next += stride) {
        double difference = numbers[lane] - *(const double *)(const void *)next;
        places |= (uint32_t)(difference > number) << lane | (uint32_t)(difference >= number) << (lane + 16);
    }
#endif
    return places;
}

/// The `count` largest of some of sixteen differences, and more where there are equal ones: each is among the largest when
/// fewer than that many are greater. `among` says of which, the lowest bit for the first.
static inline uint32_t lanes_largest_f64(const double *numbers, const void *less, size_t stride, uint32_t among,
                                         int64_t count) {
    const char *next = less;
    double differences[16];
    int64_t greater[16] = {0};
    uint32_t places = 0;
    for (int lane = 0; lane < 16; lane++, next += stride)
        differences[lane] = among >> lane & 1 ? numbers[lane] - *(const double *)(const void *)next : -__builtin_inf();
    for (int other = 0; other < 16; other++)
        for (int lane = 0; lane < 16; lane++) greater[lane] += differences[other] > differences[lane];
    for (int lane = 0; lane < 16; lane++) places |= (uint32_t)(greater[lane] < count) << lane;
    return places & among;
}

#endif
