// Times a model in ONNX Runtime and prints one line of JSON.
// Build: gcc -O2 -I DIR_OF_onnxruntime_c_api.h -o ort ort.c -ldl
// Run:   ORT_LIB=libonnxruntime.so.1 ./ort MODEL.onnx BATCH THREADS STEPS      (STEPS 0: seven runs of 0.3 s)
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

enum { MAX = 8 }; // inputs, outputs and dimensions

static OrtSession *session;
static char *in_names[MAX], *out_names[MAX];
static size_t ins, outs;
static OrtValue *inputs[MAX];

static void step(void) {
	OrtValue *results[MAX] = {0};
	check(ort->Run(session, 0, (const char *const *)in_names, (const OrtValue *const *)inputs, ins, (const char *const *)out_names, outs, results));
	for (size_t i = 0; i < outs; i++)
		ort->ReleaseValue(results[i]);
}

static size_t limited(size_t n, const char *what) {
	if (n > MAX) {
		fprintf(stderr, "ort: %zu %s, at most %d expected\n", n, what, MAX);
		exit(1);
	}
	return n;
}

// fill makes an input of floats of the shape that the model states, with the batch for what it leaves open, and appends that shape to text.
static OrtValue *fill(int i, OrtMemoryInfo *memory, int64_t batch, char *text) {
	OrtTypeInfo *type;
	const OrtTensorTypeAndShapeInfo *info;
	ONNXTensorElementDataType element;
	int64_t dims[MAX];
	size_t rank, n = 1;
	check(ort->SessionGetInputTypeInfo(session, i, &type));
	check(ort->CastTypeInfoToTensorInfo(type, &info));
	check(ort->GetTensorElementType(info, &element));
	check(ort->GetDimensionsCount(info, &rank));
	check(ort->GetDimensions(info, dims, limited(rank, "dimensions")));
	ort->ReleaseTypeInfo(type);
	if (element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
		fprintf(stderr, "ort: input %s is not float32\n", in_names[i]);
		exit(1);
	}
	for (size_t d = 0; d < rank; d++) {
		dims[d] = dims[d] < 0 ? batch : dims[d];
		n *= dims[d];
		text += sprintf(text, "%s%lld", d ? "x" : " ", (long long)dims[d]);
	}
	int boxes = strcmp(in_names[i], "boxes") == 0; // in pixels of an image of 128 x 128
	float *x = aligned_alloc(64, (4 * n + 63) / 64 * 64);
	for (size_t k = 0; k < n; k++) {
		x[k] = (float)(k * 7919 % 1000) / 500 - 1;
		if (boxes)
			x[k] = 32 * x[k] + (k % 4 < 2 ? 32 : 96);
	}
	OrtValue *value = 0;
	check(ort->CreateTensorWithDataAsOrtValue(memory, x, 4 * n, dims, rank, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value));
	return value;
}

int main(int argc, char **argv) {
	if (argc != 5) {
		fprintf(stderr, "usage: ort MODEL.onnx BATCH THREADS STEPS\n");
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
	int batch = atoi(argv[2]), threads = atoi(argv[3]), steps = atoi(argv[4]);

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
	OrtAllocator *allocator;
	check(ort->GetAllocatorWithDefaultOptions(&allocator));
	check(ort->SessionGetInputCount(session, &ins));
	check(ort->SessionGetOutputCount(session, &outs));
	char shapes[MAX * MAX * 21] = "", *end = shapes;
	for (size_t i = 0; i < limited(ins, "inputs"); i++) {
		check(ort->SessionGetInputName(session, i, allocator, &in_names[i]));
		inputs[i] = fill(i, memory, batch, end);
		end += strlen(end);
	}
	for (size_t i = 0; i < limited(outs, "outputs"); i++)
		check(ort->SessionGetOutputName(session, i, allocator, &out_names[i]));

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
	printf("{\"name\": \"infer %s%s\", \"images_per_second\": %.3f, \"ms\": %.5f, \"rss_mib\": %.1f, \"threads\": %d, \"version\": \"ONNX Runtime %s\"}\n",
		name ? name + 1 : argv[1], shapes, batch / median, 1e3 * median, peak_memory(), threads, base->GetVersionString());
}
