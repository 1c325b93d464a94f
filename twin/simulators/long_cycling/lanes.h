/* Several circuits side by side: one operation acts on all of them, each in a lane of its own.
 *
 * `lanes` are vectors as GCC and Clang know them, as wide as the registers of the machine unless LANES says
 * otherwise; one lane alone is a plain number. `each_f` applies f to every lane. Where VECTOR_MATHS is
 * defined, the C library has some of these functions for whole vectors, and the compiler calls those. */

#ifndef LANES
#if defined(__AVX512F__)
#define LANES 8
#elif defined(__AVX__)
#define LANES 4
#else
#define LANES 2
#endif
#endif

#ifdef VECTOR_MATHS
__attribute__((simd("notinbranch"), const)) extern double exp(double), log(double), tanh(double),
    sinh(double), cosh(double), asinh(double), pow(double, double);
#endif
#include <math.h>
#include <string.h>

#if LANES == 1
typedef double lanes;
typedef int truths;
#define LANE(vector, k) (vector)
static inline lanes all(double x) { return x; }
static inline lanes pick(truths which, lanes yes, lanes no) { return which ? yes : no; }
#else
typedef double lanes __attribute__((vector_size(8 * LANES)));
typedef long long truths __attribute__((vector_size(8 * LANES)));
#define LANE(vector, k) (vector)[k]
static inline lanes all(double x) { return x - (lanes){0}; }
static inline lanes pick(truths which, lanes yes, lanes no) {
    return (lanes)((which & (truths)yes) | (~which & (truths)no));
}
#endif

static inline lanes largest(lanes a, lanes b) { return pick(a > b, a, b); }
static inline lanes smallest(lanes a, lanes b) { return pick(a < b, a, b); }
static inline lanes size(lanes a) { return largest(a, -a); }
static inline lanes truth(truths which) { return pick(which, all(1), all(0)); }
static inline lanes sign(lanes a) { return truth(a > 0) - truth(a < 0); }

#define IN_EACH_LANE(call)                                                                               \
    double own[LANES] __attribute__((aligned(8 * LANES)));                                               \
    memcpy(own, &x, sizeof own);                                                                         \
    _Pragma("omp simd") for (int k = 0; k < LANES; ++k) own[k] = call;                                   \
    memcpy(&x, own, sizeof own);                                                                         \
    return x;
#define EACH(f)                                                                                          \
    static __attribute__((noinline)) lanes each_##f(lanes x) { IN_EACH_LANE(f(own[k])) }
static __attribute__((noinline)) lanes each_exp(lanes x) {
    x = largest(x, all(-700)); /* exp(-700) is 1e-304: below it numbers lose digits and take long */
    IN_EACH_LANE(exp(own[k]))
}
static __attribute__((noinline)) lanes each_pow(lanes x, lanes y) {
    double other[LANES] __attribute__((aligned(8 * LANES)));
    memcpy(other, &y, sizeof other);
    IN_EACH_LANE(pow(own[k], other[k]))
}
EACH(log) EACH(sqrt) EACH(sin) EACH(cos) EACH(tan) EACH(asin) EACH(acos) EACH(atan) EACH(sinh) EACH(cosh)
EACH(tanh) EACH(asinh) EACH(acosh) EACH(atanh) EACH(floor) EACH(ceil) EACH(erf) EACH(log1p) EACH(expm1)
