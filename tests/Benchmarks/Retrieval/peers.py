"""Faiss and hnswlib on the vectors of a folder. Each line: name, recall@k, build s, MB, single ms (p50), batch ms a query.

Usage: peers.py FOLDER COUNT DIMENSION K THREADS graphs|flat
"""
import os
import sys
import time

import faiss
import hnswlib
import numpy as np

folder, count, dimension, k, threads = sys.argv[1], *map(int, sys.argv[2:6])
items = np.fromfile(os.path.join(folder, "items"), dtype=np.float32).reshape(count, dimension)
queries = np.fromfile(os.path.join(folder, "queries"), dtype=np.float32).reshape(-1, dimension)
truth = np.fromfile(os.path.join(folder, "truth"), dtype=np.int32).reshape(-1, k)


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def recall(found):
    return np.mean([len(np.intersect1d(a, b)) / k for a, b in zip(found, truth)])


def measure(name, build, megabytes, single, batch):
    single(queries[:1])
    times = []
    for query in queries[:200]:
        begin = time.perf_counter()
        single(query[None])
        times.append(time.perf_counter() - begin)
    rounds = []
    for _ in range(3):
        begin = time.perf_counter()
        for start in range(0, len(queries), 64):
            batch(queries[start:start + 64])
        rounds.append(time.perf_counter() - begin)
    found = np.concatenate([batch(queries[start:start + 64]) for start in range(0, len(queries), 64)])
    print(f"{name}\t{recall(found):.4f}\t{build:.1f}\t{megabytes:.0f}\t{np.median(times) * 1e3:.3f}\t{min(rounds) / len(queries) * 1e3:.3f}", flush=True)


def at_recall(name, build, megabytes, search, options):
    """Measures the least breadth of a search that reaches each recall."""
    targets = [0.95, 0.99]
    for breadth in options:
        if not targets:
            return
        found = np.concatenate([search(breadth)(queries[start:start + 64]) for start in range(0, len(queries), 64)])
        if recall(found) >= targets[0]:
            measure(f"{name}, breadth {breadth}", build, megabytes, search(breadth), search(breadth))
            while targets and recall(found) >= targets[0]:
                targets.pop(0)


def timed(make):
    before, begin = resident(), time.perf_counter()
    index = make()
    return index, time.perf_counter() - begin, (resident() - before) / 1e6


faiss.omp_set_num_threads(threads)
breadths = [100, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400, 3200]


def flat():
    index = faiss.IndexFlatIP(dimension)
    index.add(items)
    return index


index, build, megabytes = timed(flat)
measure("Faiss IndexFlatIP", build, megabytes, lambda q: index.search(q, k)[1], lambda q: index.search(q, k)[1])
del index
if sys.argv[6] == "flat":
    sys.exit()


def navigable():
    index = hnswlib.Index(space="ip", dim=dimension)
    index.init_index(max_elements=count, ef_construction=200, M=16, random_seed=1)
    index.add_items(items, num_threads=threads)
    index.set_num_threads(threads)
    return index


index, build, megabytes = timed(navigable)


def with_breadth(breadth):
    index.set_ef(breadth)
    return lambda q: index.knn_query(q, k=k)[0]


at_recall("hnswlib", build, megabytes, with_breadth, breadths)
