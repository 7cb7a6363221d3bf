-- Arguments: a file with one path a line, and the mean pause in milliseconds before a request (0: none).
local requests, count, at, pause = {}, 0, 0, 0

function init(args)
  math.randomseed(os.time())
  for path in io.lines(args[1]) do
    count = count + 1
    requests[count] = wrk.format("GET", path)
  end
  at = math.random(count)
  pause = tonumber(args[2])
  if pause == 0 then delay = nil end
end

function request()
  at = at % count + 1
  return requests[at]
end

-- Exponential pauses make Poisson arrivals of many connections.
function delay()
  return math.floor(-pause * math.log(1 - math.random()) + 0.5)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('RESULT %d %d %d %d %d %d\n', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status,
    latency:percentile(50), latency:percentile(99), latency.max))
end
