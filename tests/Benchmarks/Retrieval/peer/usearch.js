// USearch on the vectors of a folder. Each line: name, recall@k, build s, MB, single ms (p50), batch ms a query.
// Usage: usearch.js FOLDER COUNT DIMENSION K THREADS
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import usearch from 'usearch';

const [folder, ...numbers] = process.argv.slice(2);
const [count, dimension, k, threads] = numbers.map(Number);
const read = (name, kind) => {
  const bytes = readFileSync(join(folder, name));
  return new kind(bytes.buffer, bytes.byteOffset, bytes.byteLength / kind.BYTES_PER_ELEMENT);
};
const rows = (values) => Array.from({ length: values.length / dimension }, (_, row) => values.subarray(row * dimension, (row + 1) * dimension));
const items = rows(read('items', Float32Array));
const queries = rows(read('queries', Float32Array));
const truth = read('truth', Int32Array);
const batches = Array.from({ length: Math.ceil(queries.length / 64) }, (_, batch) => queries.slice(batch * 64, (batch + 1) * 64));

const make = (breadth) => new usearch.Index({
  dimensions: dimension, metric: 'ip', quantization: 'f32', connectivity: 16, expansion_add: 200, expansion_search: breadth, multi: false,
});
const time = (work) => {
  const begin = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - begin) / 1e6;
};
const recall = (index) => {
  let found = 0;
  queries.forEach((query, row) => {
    const expected = new Set(truth.subarray(row * k, (row + 1) * k));
    for (const key of index.search(query, k, 1).keys) found += expected.has(Number(key)) ? 1 : 0;
  });
  return found / queries.length / k;
};

const before = process.memoryUsage.rss();
const built = make(k);
const keys = BigUint64Array.from({ length: count }, (_, item) => BigInt(item));
const build = time(() => built.add(keys, items, threads)) / 1e3;
const megabytes = (process.memoryUsage.rss() - before) / 1e6;
const file = join(folder, 'usearch');
built.save(file);

const targets = [0.95, 0.99];
for (const breadth of [100, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400, 3200]) {
  // The breadth of a search is set when an index is made.
  const index = make(breadth);
  index.load(file);
  const share = recall(index);
  if (targets.length === 0) break;
  if (share < targets[0]) continue;
  while (targets.length > 0 && share >= targets[0]) targets.shift();
  const single = queries.slice(0, 200).map((query) => time(() => index.search(query, k, 1))).sort((a, b) => a - b)[100];
  const batch = Math.min(...[1, 2, 3].map(() => time(() => batches.forEach((some) => index.search(some, k, threads))))) / queries.length;
  console.log([`usearch, breadth ${breadth}`, share.toFixed(4), build.toFixed(1), megabytes.toFixed(0), single.toFixed(3), batch.toFixed(3)].join('\t'));
}
