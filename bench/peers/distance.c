// How far apart two processors are: the time that a cache line takes from one to the other and back, in nanoseconds, the median of nine runs.
// About 100 where they share a cache, and several times that where they do not; what shares data in memory is slower then.
// Build: gcc -O2 -pthread -o distance distance.c        Run: ./distance
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 9
#define TRIPS 100000

static _Alignas(128) atomic_long ping;
static _Alignas(128) atomic_long pong;

static void *answer(void *unused) {
	for (long i = 1; i <= RUNS * (long)TRIPS; i++) {
		while (atomic_load(&ping) != i)
			;
		atomic_store(&pong, i);
	}
	return unused;
}

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(void) {
	pthread_t other;
	double times[RUNS];
	long i = 0;
	if (pthread_create(&other, NULL, answer, NULL) != 0)
		return 1;
	for (int run = 0; run < RUNS; run++) {
		double start = now();
		for (int trip = 0; trip < TRIPS; trip++) {
			atomic_store(&ping, ++i);
			while (atomic_load(&pong) != i)
				;
		}
		times[run] = 1e9 * (now() - start) / TRIPS;
	}
	pthread_join(other, NULL);
	qsort(times, RUNS, sizeof *times, compare);
	printf("%.0f\n", times[RUNS / 2]);
	return 0;
}
