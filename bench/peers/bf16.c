// Prints how fast one core multiplies and adds, in float32 and in bfloat16, with vectors of 512 bits that stay in registers.
// Build: gcc -O2 -mavx512f -mavx512bf16 -o bf16 bf16.c
#include <immintrin.h>
#include <stdio.h>
#include <time.h>

enum { SUMS = 14, ROUNDS = 20000000 };

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

#define RATE(name, perLane, product)                                               \
	do {                                                                       \
		__m512 sum[SUMS];                                                  \
		for (int i = 0; i < SUMS; i++) sum[i] = _mm512_set1_ps(i);         \
		double t = now();                                                  \
		for (long k = 0; k < ROUNDS; k++)                                  \
			_Pragma("GCC unroll 14") for (int i = 0; i < SUMS; i++) {  \
				sum[i] = product;                                  \
				asm volatile("" ::"v"(sum[i]));                    \
			}                                                          \
		t = now() - t;                                                     \
		printf("%s %.1f GFLOP/s\n", name, 2.0 * ROUNDS * SUMS * 16 * perLane / t / 1e9); \
	} while (0)

int main(void) {
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx512bf16")) {
		fprintf(stderr, "this processor has no AVX512-BF16\n");
		return 1;
	}
	__m512 x = _mm512_set1_ps(1.0001f), y = _mm512_set1_ps(1e-9f);
	__m512bh a = (__m512bh)_mm512_set1_epi32(0x3f803f80), b = (__m512bh)_mm512_set1_epi32(0x30003000);
	RATE("float32 ", 1, _mm512_fmadd_ps(x, y, sum[i]));
	RATE("bfloat16", 2, _mm512_dpbf16_ps(sum[i], a, b));
}
