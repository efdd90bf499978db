// Times a model in ONNX Runtime and prints one line of JSON.
// Build: gcc -O2 -I DIR_OF_onnxruntime_c_api.h -o ort ort.c -ldl
// Run:   ORT_LIB=libonnxruntime.so.1 ./ort MODEL.onnx BATCH CHANNELS SIZE THREADS STEPS      (STEPS 0: seven runs of 0.3 s)
#include <dlfcn.h>
#include <onnxruntime_c_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const OrtApi *ort;

static void check(OrtStatus *status) {
	if (status) {
		fprintf(stderr, "ort: %s\n", ort->GetErrorMessage(status));
		exit(1);
	}
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

// peak_memory returns the largest resident set of this process in MiB.
static double peak_memory(void) {
	char line[256];
	double kib = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		sscanf(line, "VmHWM: %lf", &kib);
	return kib / 1024;
}

static OrtSession *session;
static OrtValue *input;

static void step(void) {
	const char *in[] = {"input"}, *out[] = {"output"};
	OrtValue *result = 0;
	check(ort->Run(session, 0, in, (const OrtValue *const *)&input, 1, out, 1, &result));
	ort->ReleaseValue(result);
}

int main(int argc, char **argv) {
	if (argc != 7) {
		fprintf(stderr, "usage: ort MODEL.onnx BATCH CHANNELS SIZE THREADS STEPS\n");
		return 2;
	}
	const char *lib = getenv("ORT_LIB");
	void *handle = dlopen(lib ? lib : "libonnxruntime.so.1", RTLD_NOW);
	if (!handle) {
		fprintf(stderr, "ort: %s\n", dlerror());
		return 1;
	}
	const OrtApiBase *base = ((const OrtApiBase *(*)(void))dlsym(handle, "OrtGetApiBase"))();
	for (int version = ORT_API_VERSION; version > 10 && !ort; version--)
		ort = base->GetApi(version);
	int batch = atoi(argv[2]), channels = atoi(argv[3]), size = atoi(argv[4]), threads = atoi(argv[5]), steps = atoi(argv[6]);

	OrtEnv *env;
	OrtSessionOptions *options;
	OrtMemoryInfo *memory;
	check(ort->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "bench", &env));
	check(ort->CreateSessionOptions(&options));
	check(ort->SetIntraOpNumThreads(options, threads));
	check(ort->SetInterOpNumThreads(options, 1));
	check(ort->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL));
	check(ort->CreateSession(env, argv[1], options, &session));
	check(ort->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));
	size_t n = (size_t)batch * channels * size * size;
	float *x = aligned_alloc(64, (4 * n + 63) / 64 * 64);
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(i * 7919 % 1000) / 500 - 1;
	int64_t shape[] = {batch, channels, size, size};
	check(ort->CreateTensorWithDataAsOrtValue(memory, x, 4 * n, shape, 4, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &input));

	double once = 1;
	for (int i = 0; i < 3; i++) {
		once = now();
		step();
		once = now() - once;
	}
	int runs = steps && steps < 7 ? steps : 7;
	long each = steps ? steps / runs : (long)(0.3 / once) + 1;
	double t[7];
	for (int r = 0; r < runs; r++) {
		t[r] = now();
		for (long i = 0; i < each; i++)
			step();
		t[r] = (now() - t[r]) / each;
	}
	qsort(t, runs, sizeof *t, ascending);
	double median = t[runs / 2];
	const char *name = strrchr(argv[1], '/');
	printf("{\"name\": \"infer %s %dx%dx%dx%d\", \"images_per_second\": %.3f, \"ms\": %.5f, \"rss_mib\": %.1f, \"threads\": %d, \"version\": \"ONNX Runtime %s\"}\n",
		name ? name + 1 : argv[1], batch, channels, size, size, batch / median, 1e3 * median, peak_memory(), threads, base->GetVersionString());
}
