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
#define CHAIN(v, i) "vfmadd231ps %%" v #i ", %%" v #i ", %%" v #i "\n\t"
#define CHAINS12(v) CHAIN(v, 0) CHAIN(v, 1) CHAIN(v, 2) CHAIN(v, 3) CHAIN(v, 4) CHAIN(v, 5) \
	CHAIN(v, 6) CHAIN(v, 7) CHAIN(v, 8) CHAIN(v, 9) CHAIN(v, 10) CHAIN(v, 11)
#define CHAINS24(v) CHAINS12(v) CHAIN(v, 12) CHAIN(v, 13) CHAIN(v, 14) CHAIN(v, 15) CHAIN(v, 16) CHAIN(v, 17) \
	CHAIN(v, 18) CHAIN(v, 19) CHAIN(v, 20) CHAIN(v, 21) CHAIN(v, 22) CHAIN(v, 23)
#define LOOP(body) "1:\n\t" body "dec %0\n\tjnz 1b\n\t"

static int wide;
static pthread_barrier_t ready;

// loop is assembly, so that the compiler neither spills the registers nor drops the loop. All registers begin as zero and stay so.
static __attribute__((noinline)) void loop(long n) {
	__asm__ volatile("vzeroall");
	if (wide)
		__asm__ volatile(
			"vmovaps %%zmm0, %%zmm16\n vmovaps %%zmm0, %%zmm17\n vmovaps %%zmm0, %%zmm18\n vmovaps %%zmm0, %%zmm19\n"
			"vmovaps %%zmm0, %%zmm20\n vmovaps %%zmm0, %%zmm21\n vmovaps %%zmm0, %%zmm22\n vmovaps %%zmm0, %%zmm23\n"
			LOOP(CHAINS24("zmm")) : "+r"(n)::"cc", "memory");
	else
		__asm__ volatile(LOOP(CHAINS12("ymm")) : "+r"(n)::"cc", "memory");
	__asm__ volatile("vzeroupper");
}

static void *work(void *core) {
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((long)core, &set);
	pthread_setaffinity_np(pthread_self(), sizeof set, &set);
	pthread_barrier_wait(&ready);
	loop(ROUNDS);
	return 0;
}

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
	double x = *(double *)a, y = *(double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv) {
	long threads = argc > 1 ? atol(argv[1]) : 1;
	pthread_t id[256];
	double rate[6];
	if (threads < 1 || threads > 256) {
		fprintf(stderr, "peak: %s threads, expected 1 to 256\n", argv[1]);
		return 2;
	}
	__builtin_cpu_init();
	wide = __builtin_cpu_supports("avx512f");
	for (int i = 0; i < 6; i++) { // the first warms up
		pthread_barrier_init(&ready, 0, threads + 1);
		for (long t = 0; t < threads; t++)
			pthread_create(&id[t], 0, work, (void *)t);
		pthread_barrier_wait(&ready);
		double start = now();
		for (long t = 0; t < threads; t++)
			pthread_join(id[t], 0);
		rate[i] = threads * ROUNDS * (wide ? 24 * 32. : 12 * 16.) / (now() - start) / 1e9;
	}
	qsort(rate + 1, 5, sizeof *rate, ascending);
	printf("%.1f\n", rate[3]);
}
