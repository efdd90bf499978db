// The fp32 multiply-add peak of a number of cores: 24 independent chains of vector multiply-adds on registers, AVX-512 if the CPU has it,
// else 12 of AVX2. Prints GFLOP/s, the median of five runs.
// Build: gcc -O2 -pthread -o peak peak.c        Run: ./peak THREADS
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 8000000L
// x = x * 0.999 + 1e-4: numbers that stay as they are, and not zero, for that would draw less power and raise the clock.
#define FMA(v, scale, shift, i) "vfmadd213ps %%" v #shift ", %%" v #scale ", %%" v #i "\n\t"
#define WIDE(i) FMA("zmm", 30, 31, i)
#define NARROW(i) FMA("ymm", 14, 15, i)
#define TWELVE(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11)
#define LOOP(body) "1:\n\t" body "dec %0\n\tjnz 1b\n\t"

static int wide;
static pthread_barrier_t ready;

// loop is assembly, so that the compiler neither spills the registers nor drops the loop.
static __attribute__((noinline)) void loop(long n) {
	const float scale = 0.999f, shift = 1e-4f;
	__asm__ volatile("vzeroall");
	if (wide)
		__asm__ volatile("vbroadcastss %1, %%zmm30\n\t vbroadcastss %2, %%zmm31\n\t" LOOP(TWELVE(WIDE) WIDE(12) WIDE(13) WIDE(14)
			WIDE(15) WIDE(16) WIDE(17) WIDE(18) WIDE(19) WIDE(20) WIDE(21) WIDE(22) WIDE(23)) : "+r"(n) : "m"(scale), "m"(shift) : "cc");
	else
		__asm__ volatile("vbroadcastss %1, %%ymm14\n\t vbroadcastss %2, %%ymm15\n\t" LOOP(TWELVE(NARROW)) : "+r"(n) : "m"(scale), "m"(shift) : "cc");
	__asm__ volatile("vzeroupper");
}

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

typedef struct {
	long core;
	double start, end;
} worker;

static void *work(void *p) {
	worker *w = p;
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(w->core, &set);
	pthread_setaffinity_np(pthread_self(), sizeof set, &set);
	pthread_barrier_wait(&ready);
	w->start = now();
	loop(ROUNDS);
	w->end = now();
	return 0;
}

static int ascending(const void *a, const void *b) {
	double x = *(double *)a, y = *(double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv) {
	long threads = argc > 1 ? atol(argv[1]) : 1;
	pthread_t id[256];
	worker w[256];
	double rate[6];
	if (threads < 1 || threads > 256) {
		fprintf(stderr, "peak: %s threads, expected 1 to 256\n", argv[1]);
		return 2;
	}
	__builtin_cpu_init();
	wide = __builtin_cpu_supports("avx512f");
	for (int i = 0; i < 6; i++) { // the first warms up
		pthread_barrier_init(&ready, 0, threads);
		for (long t = 0; t < threads; t++) {
			w[t].core = t;
			pthread_create(&id[t], 0, work, &w[t]);
		}
		double start = 1e300, end = 0; // of the first and the last
		for (long t = 0; t < threads; t++) {
			pthread_join(id[t], 0);
			start = w[t].start < start ? w[t].start : start;
			end = w[t].end > end ? w[t].end : end;
		}
		rate[i] = threads * ROUNDS * (wide ? 24 * 32. : 12 * 16.) / (end - start) / 1e9;
	}
	qsort(rate + 1, 5, sizeof *rate, ascending);
	printf("%.1f\n", rate[3]);
}
