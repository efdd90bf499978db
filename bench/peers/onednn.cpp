// Times convolutions in oneDNN, in the layouts that it prefers, and matrix products; prints a line of JSON.
// Build: g++ -O2 -o onednn onednn.cpp -ldnnl
// Run:   OMP_NUM_THREADS=2 ./onednn STEPS conv SHAPES     a file of lines "COUNT DIRECTION N C H W O KH KW SH SW PH PW GROUPS"; prints totals
//        OMP_NUM_THREADS=2 ./onednn STEPS gemm M N K
// STEPS 0 means seven runs of 0.06 s.
#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

using namespace dnnl;
using args = std::unordered_map<int, memory>;

static engine cpu(engine::kind::cpu, 0);
static stream queue(cpu);
static int steps;

static double now() {
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static memory filled(const memory::desc &d) {
	memory m(d, cpu);
	float *p = static_cast<float *>(m.get_data_handle());
	for (size_t i = 0; i < d.get_size() / 4; i++)
		p[i] = (int(i % 13) - 6) * .01f;
	return m;
}

// seconds returns the median time of p.
static double seconds(const primitive &p, const args &a) {
	auto step = [&] { p.execute(queue, a); queue.wait(); };
	step();
	double once = now();
	step();
	once = now() - once;
	int runs = steps ? std::min(steps, 7) : 7;
	long each = steps ? steps / runs : long(0.06 / once) + 1;
	std::vector<double> t(runs);
	for (double &r : t) {
		r = now();
		for (long i = 0; i < each; i++)
			step();
		r = (now() - r) / each;
	}
	std::sort(t.begin(), t.end());
	return t[runs / 2];
}

static double product(memory::dim m, memory::dim n, memory::dim k) {
	auto plain = memory::format_tag::ab;
	auto f32 = memory::data_type::f32;
	memory::desc a({m, k}, f32, plain), b({k, n}, f32, plain), c({m, n}, f32, plain);
	matmul::primitive_desc pd(matmul::desc(a, b, c), cpu);
	return seconds(matmul(pd), {{DNNL_ARG_SRC, filled(a)}, {DNNL_ARG_WEIGHTS, filled(b)}, {DNNL_ARG_DST, filled(c)}});
}

struct shape {
	memory::dim n, c, h, w, o, kh, kw, sh, sw, ph, pw, groups;
	memory::dim oh() const { return (h + 2 * ph - kh) / sh + 1; }
	memory::dim ow() const { return (w + 2 * pw - kw) / sw + 1; }
	double flops() const { return 2. * n * o * oh() * ow() * (c / groups) * kh * kw; }
};

static double convolution(const std::string &direction, const shape &s) {
	auto f32 = memory::data_type::f32;
	auto any = memory::format_tag::any;
	memory::dims weights = {s.o, s.c, s.kh, s.kw}, stride = {s.sh, s.sw}, pad = {s.ph, s.pw};
	if (s.groups > 1)
		weights = {s.groups, s.o / s.groups, s.c / s.groups, s.kh, s.kw};
	// Images come as they are: the first layer reads them so.
	memory::desc x({s.n, s.c, s.h, s.w}, f32, s.c <= 3 ? memory::format_tag::nchw : any), w(weights, f32, any), y({s.n, s.o, s.oh(), s.ow()}, f32, any);
	auto how = algorithm::convolution_direct;
	convolution_forward::primitive_desc fwd({prop_kind::forward_training, how, x, w, y, stride, pad, pad}, cpu);
	if (direction == "forward")
		return seconds(convolution_forward(fwd),
			{{DNNL_ARG_SRC, filled(fwd.src_desc())}, {DNNL_ARG_WEIGHTS, filled(fwd.weights_desc())}, {DNNL_ARG_DST, filled(fwd.dst_desc())}});
	if (direction == "inputgrad") {
		convolution_backward_data::primitive_desc pd({how, x, w, y, stride, pad, pad}, cpu, fwd);
		return seconds(convolution_backward_data(pd), {{DNNL_ARG_DIFF_SRC, filled(pd.diff_src_desc())},
			{DNNL_ARG_WEIGHTS, filled(pd.weights_desc())}, {DNNL_ARG_DIFF_DST, filled(pd.diff_dst_desc())}});
	}
	convolution_backward_weights::primitive_desc pd({how, x, w, y, stride, pad, pad}, cpu, fwd);
	return seconds(convolution_backward_weights(pd), {{DNNL_ARG_SRC, filled(pd.src_desc())},
		{DNNL_ARG_DIFF_WEIGHTS, filled(pd.diff_weights_desc())}, {DNNL_ARG_DIFF_DST, filled(pd.diff_dst_desc())}});
}

static std::string release() {
	const dnnl_version_t *v = dnnl_version();
	return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

static std::string figure(const std::string &name, double flops, double s) {
	char line[256];
	snprintf(line, sizeof line, "{\"name\": \"%s\", \"ms\": %.5f, \"gflops\": %.2f, \"version\": \"%s\"}", name.c_str(), 1e3 * s, flops / s / 1e9, release().c_str());
	return line;
}

int main(int argc, char **argv) {
	if (argc < 4) {
		fprintf(stderr, "usage: onednn STEPS conv SHAPES, or onednn STEPS gemm M N K\n");
		return 2;
	}
	steps = atoi(argv[1]);
	if (!strcmp(argv[2], "gemm") && argc == 6) {
		double m = atof(argv[3]), n = atof(argv[4]), k = atof(argv[5]);
		std::cout << figure(std::string("gemm ") + argv[3] + "x" + argv[4] + "x" + argv[5], 2 * m * n * k, product(m, n, k)) << std::endl;
		return 0;
	}
	std::ifstream file(argv[3]);
	std::map<std::string, std::pair<double, double>> total; // of each direction: operations, seconds
	std::string direction;
	double count;
	shape s;
	while (file >> count >> direction >> s.n >> s.c >> s.h >> s.w >> s.o >> s.kh >> s.kw >> s.sh >> s.sw >> s.ph >> s.pw >> s.groups) {
		total[direction].first += count * s.flops();
		total[direction].second += count * convolution(direction, s);
	}
	std::string list;
	for (auto &t : total)
		list += (list.empty() ? "" : ", ") + figure(t.first + " total", t.second.first, t.second.second);
	std::cout << "[" << list << "]" << std::endl;
}
