-- Sends the requests of a file in turn, on every connection: a line each of method, path, token and body, with tabs
-- between. RATE in a body is another number every time. Ends with one line of JSON.

local requests, sent = {}, 0

function init(args)
   for line in io.lines(args[1]) do
      local method, path, token, extra, body = line:match("^(.-)\t(.-)\t(.-)\t(.-)\t(.*)$")
      local headers = { ["Host"] = "localhost", ["Authorization"] = "Bearer " .. token }
      if extra ~= "" then
         headers["If-None-Match"] = extra
      end
      if body ~= "" then
         headers["Content-Type"] = "application/json"
      end
      requests[#requests + 1] = { method = method, path = path, headers = headers, body = body }
      if body == "" then
         requests[#requests].text = wrk.format(method, path, headers)
      end
   end
   sent = tonumber(args[2] or "0")
end

function request()
   sent = sent + 1
   local one = requests[1 + sent % #requests]
   if one.text then
      return one.text
   end
   local body = one.body:gsub("RATE", string.format("%.9f", 0.05 + sent * 1e-7))
   return wrk.format(one.method, one.path, one.headers, body)
end

function done(summary, latency, requests)
   local e = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "seconds": %f, "bytes": %d, "refused": %d, "broken": %d, "p50": %f, "p95": %f, "p99": %f}\n',
      summary.requests, summary.duration / 1e6, summary.bytes, e.status, e.connect + e.read + e.write + e.timeout,
      latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3
   ))
end
