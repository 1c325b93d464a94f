/* Several circuits side by side: one operation acts on all of them, each in a lane of its own.
 *
 * Vectors as GCC and Clang know them, as wide as the machine's registers; LANES may be given, and with
 * one lane they are plain numbers. `each_f` is f lane by lane: from the vector library of the system
 * where VECTOR_MATHS says that there is one. */

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

#define OF_ONE(f)                                                                                        \
    static __attribute__((noinline)) lanes each_##f(lanes x) {                                           \
        double own[LANES] __attribute__((aligned(8 * LANES)));                                           \
        memcpy(own, &x, sizeof own);                                                                     \
        _Pragma("omp simd") for (int k = 0; k < LANES; ++k) own[k] = f(own[k]);                          \
        memcpy(&x, own, sizeof own);                                                                     \
        return x;                                                                                        \
    }
#define OF_TWO(f)                                                                                        \
    static __attribute__((noinline)) lanes each_##f(lanes x, lanes y) {                                  \
        double own[LANES] __attribute__((aligned(8 * LANES))), other[LANES];                             \
        memcpy(own, &x, sizeof own);                                                                     \
        memcpy(other, &y, sizeof other);                                                                 \
        _Pragma("omp simd") for (int k = 0; k < LANES; ++k) own[k] = f(own[k], other[k]);                \
        memcpy(&x, own, sizeof own);                                                                     \
        return x;                                                                                        \
    }
OF_ONE(exp) OF_ONE(log) OF_ONE(sqrt) OF_ONE(sin) OF_ONE(cos) OF_ONE(tan) OF_ONE(asin) OF_ONE(acos)
OF_ONE(atan) OF_ONE(sinh) OF_ONE(cosh) OF_ONE(tanh) OF_ONE(asinh) OF_ONE(acosh) OF_ONE(atanh)
OF_ONE(floor) OF_ONE(ceil) OF_ONE(erf) OF_ONE(log1p) OF_ONE(expm1) OF_TWO(pow)

static inline lanes largest(lanes a, lanes b) { return pick(a > b, a, b); }
static inline lanes smallest(lanes a, lanes b) { return pick(a < b, a, b); }
static inline lanes size(lanes a) { return largest(a, -a); }
static inline lanes truth(truths which) { return pick(which, all(1), all(0)); }
static inline lanes sign(lanes a) { return truth(a > 0) - truth(a < 0); }
