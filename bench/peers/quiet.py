#!/usr/bin/env python3
"""Runs a measurement on a quiet machine and appends a line of JSON to a file.

  quiet.py OUT PEAK THREADS WORK WHO SETTING -- COMMAND...

COMMAND prints JSON. It runs once other processes use less than a tenth of a processor; if they use more while it runs, it runs again,
up to three times, and the quietest run counts. Right before it, "PEAK THREADS" prints the multiply-add peak in GFLOP/s. BENCH_LOCK
(default: bench.lock in the folder for temporary files) is held meanwhile, for those who share the machine. BENCH_QUIET=0 neither waits
nor repeats.
"""
import fcntl, json, os, resource, subprocess, sys, tempfile, time

LIMIT = 0.1  # processors


def busy():
    """Processor seconds used on this machine so far, with those that the host took away."""
    fields = [int(f) for f in open('/proc/stat').readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf('SC_CLK_TCK')  # without idle and waiting


def own():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def others(wait):
    """Calls wait and returns what it returns and how many processors others used meanwhile."""
    start, b, o = time.time(), busy(), own()
    result = wait()
    return result, max(0, busy() - b - (own() - o)) / (time.time() - start)


def await_quiet(seconds):
    end = time.time() + seconds
    while others(lambda: time.sleep(1))[1] > LIMIT and time.time() < end:
        pass


def main():
    out, peak, threads, work, who, setting = sys.argv[1:7]
    command = sys.argv[8:]
    careful = os.environ.get('BENCH_QUIET') != '0'
    best = None
    for _ in range(3 if careful else 1):
        with open(os.environ.get('BENCH_LOCK', os.path.join(tempfile.gettempdir(), 'bench.lock')), 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if careful:
                await_quiet(60)
            gflops = float(subprocess.run([peak, threads], stdout=subprocess.PIPE, check=True, text=True).stdout)
            run, disturbed = others(lambda: subprocess.run(command, stdout=subprocess.PIPE, text=True))
        if run.returncode:
            sys.exit(f'{work}: {who}: exit code {run.returncode}: {" ".join(command)}')
        if best is None or disturbed < best['others']:
            best = {'work': work, 'who': who, 'setting': setting, 'peak': gflops, 'others': round(disturbed, 3), 'figure': json.loads(run.stdout)}
        if disturbed < LIMIT:
            break
    with open(out, 'a') as f:
        f.write(json.dumps(best) + '\n')
    print(json.dumps(best), file=sys.stderr)


main()
