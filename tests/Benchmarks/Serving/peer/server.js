// The bundle behind onnxruntime-node and Fastify: the same models, the same answers, without batching, limits, metrics or drift.
// Usage: node server.js BUNDLE PRECISION PORT WORKERS
import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastify from 'fastify'
import ort from 'onnxruntime-node'

const [bundle, precision, port, workers] = process.argv.slice(2)
if (cluster.isPrimary && workers > 1) {
  for (let i = 0; i < workers; i++) cluster.fork()
} else {
  await serve()
}

async function serve() {
  const manifest = JSON.parse(readFileSync(join(bundle, 'manifest.json')))
  const { dimension, maxHistory } = manifest
  const variant = manifest.variants[precision]
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' }
  const tower = await ort.InferenceSession.create(join(bundle, variant.model), options)
  const ranker = variant.ranker ? await ort.InferenceSession.create(join(bundle, variant.ranker), options) : null
  const items = lines('items.jsonl')
  const users = lines('users.jsonl')
  const itemIndex = new Map(items.map((item, index) => [item.id, index]))
  const userIndex = new Map(users.map((user, index) => [user.id, index]))
  const histories = users.map(user => {
    const row = new BigInt64Array(maxHistory)
    user.history.forEach((item, position) => { row[position] = BigInt(item + 1) })
    return row
  })
  const matrix = readMatrix(variant.items, items.length, dimension)
  const labels = items.map(item => `{"id":${JSON.stringify(item.id)},"name":${JSON.stringify(item.name)},"score":`)

  function lines(name) {
    return readFileSync(join(bundle, name), 'utf8').split('\n').filter(line => line).map(line => JSON.parse(line))
  }

  async function embed(user) {
    const output = await tower.run({
      user: new ort.Tensor('int64', BigInt64Array.of(BigInt(user + 1)), [1]),
      history: new ort.Tensor('int64', histories[user], [1, maxHistory])
    })
    return output.embedding.data
  }

  function dot(vector, item) {
    const start = item * dimension
    let sum = 0
    for (let c = 0; c < dimension; c++) sum += vector[c] * matrix[start + c]
    return sum
  }

  // The k best items in order: a heap whose root is the worst of them.
  function search(vector, k) {
    k = Math.min(k, items.length)
    const scores = new Float64Array(k).fill(-Infinity)
    const found = new Int32Array(k)
    for (let item = 0; item < items.length; item++) {
      const score = dot(vector, item)
      if (score <= scores[0]) continue
      let place = 0
      for (;;) {
        let child = 2 * place + 1
        if (child >= k) break
        if (child + 1 < k && scores[child + 1] < scores[child]) child++
        if (scores[child] >= score) break
        scores[place] = scores[child]
        found[place] = found[child]
        place = child
      }
      scores[place] = score
      found[place] = item
    }
    return Array.from(found, (item, place) => ({ item, score: scores[place] })).sort(best)
  }

  function best(left, right) {
    return right.score - left.score || left.item - right.item
  }

  async function rank(user, vector) {
    const towers = search(vector, manifest.ranker.candidates)
    const candidates = towers.slice()
    if (manifest.ranker.includeHistory) {
      const known = new Set(towers.map(hit => hit.item))
      for (const entry of histories[user]) {
        const item = Number(entry) - 1
        if (item >= 0 && !known.has(item)) {
          known.add(item)
          candidates.push({ item, score: dot(vector, item) })
        }
      }
    }
    const output = await ranker.run({
      history: new ort.Tensor('int64', histories[user], [1, maxHistory]),
      candidates: new ort.Tensor('int64', BigInt64Array.from(candidates, hit => BigInt(hit.item + 1)), [1, candidates.length]),
      scores: new ort.Tensor('float32', Float32Array.from(candidates, hit => hit.score), [1, candidates.length])
    })
    const ranking = output.ranking.data
    return { towers, ranked: candidates.map((hit, place) => ({ item: hit.item, score: ranking[place] })).sort(best) }
  }

  const app = fastify({ logger: false })
  app.get('/v2/health/ready', (request, reply) => { reply.send({ ready: true }) })
  app.get('/v1/predictions', async (request, reply) => {
    const user = userIndex.get(request.query.user_id)
    const item = itemIndex.get(request.query.item_id)
    if (user === undefined || item === undefined) return reply.code(404).send({ error: 'unknown' })
    const vector = await embed(user)
    let score
    if (ranker) {
      const { towers, ranked } = await rank(user, vector)
      const hit = ranked.find(entry => entry.item === item)
      score = hit ? hit.score : ranked.at(-1).score + Math.min(0, dot(vector, item) - towers.at(-1).score)
    } else {
      score = dot(vector, item)
    }
    reply.header('content-type', 'application/json')
    return `{"model":"${manifest.name}","version":"${manifest.version}","user_id":${JSON.stringify(request.query.user_id)},"item_id":${JSON.stringify(request.query.item_id)},"score":${score}}`
  })
  app.get('/v1/recommend', async (request, reply) => {
    const user = userIndex.get(request.query.user)
    const k = Number(request.query.k ?? 10)
    if (user === undefined || !(k >= 1 && k <= 200)) return reply.code(404).send({ error: 'unknown' })
    const vector = await embed(user)
    const hits = ranker ? (await rank(user, vector)).ranked : search(vector, k)
    let body = `{"model":"${manifest.name}","version":"${manifest.version}","user":${JSON.stringify(request.query.user)},"items":[`
    for (let place = 0; place < Math.min(k, hits.length); place++) body += `${place ? ',' : ''}${labels[hits[place].item]}${hits[place].score}}`
    reply.header('content-type', 'application/json')
    return body + ']}'
  })
  await app.listen({ port: Number(port), host: '127.0.0.1' })
}

function readMatrix(name, count, dimension) {
  const bytes = readFileSync(join(bundle, name))
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  if (bytes.length === count * dimension * 4) return new Float32Array(buffer)
  if (bytes.length === count * dimension * 2) return Float32Array.from(new Uint16Array(buffer), widen)
  const scales = new Float32Array(buffer, 0, count)
  const quantised = new Int8Array(buffer, count * 4)
  return Float32Array.from(quantised, (value, at) => value * scales[Math.floor(at / dimension)])
}

// FP16 to a number: this Node has no Float16Array.
function widen(half) {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}
