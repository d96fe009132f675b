package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One thread of wrk that asks for the same targets again and again, with a token. */
record Wrk(Path script) {
  private static final int CONNECTIONS = 32;

  /** What one round of one proxy gave. */
  record Round(double perCpuSecond, double perSecond) {}

  /** What wrk counted. */
  private record Load(long requests, double seconds, long errors) {}

  /**
   * Writes the script. The token is in a file because arguments of processes can be read by
   * everybody.
   *
   * @param targets each connection asks for them in turn
   */
  static Wrk asking(Path folder, String name, String token, List<String> targets)
      throws IOException {
    Path script = folder.resolve(name + ".lua");
    Bench.writePrivate(
        script,
        """
        local targets, requests, next = { %s }, {}, 0
        wrk.headers["Authorization"] = "Bearer %s"
        init = function(args)
          for i, target in ipairs(targets) do requests[i] = wrk.format("GET", target) end
        end
        request = function()
          next = next %% #requests + 1
          return requests[next]
        end
        done = function(summary, latency, all)
          local e = summary.errors
          local errors = e.connect + e.read + e.write + e.status + e.timeout
          io.write(string.format("result %%d %%d %%d\\n", summary.requests, summary.duration, errors))
        end
        """
            .formatted(
                String.join(", ", targets.stream().map(target -> '"' + target + '"').toList()),
                token));
    return new Wrk(script);
  }

  /**
   * Loads a proxy as much as it can take.
   *
   * @throws IOException also if one request failed
   */
  Round round(Proxy proxy, int seconds) throws IOException {
    long[] processes = proxy.process().family();
    double before = Cpu.seconds(processes);
    Load load = load(proxy, seconds);
    double cpu = Cpu.seconds(processes) - before;
    if (load.errors() > 0) {
      throw new IOException("%d errors through %s".formatted(load.errors(), proxy.name()));
    }
    return new Round(load.requests() / cpu, load.requests() / load.seconds());
  }

  private Load load(Proxy proxy, int seconds) throws IOException {
    String output =
        Child.run(
            Map.of(),
            List.of(
                "wrk",
                "-t1",
                "-c" + CONNECTIONS,
                "-d" + seconds + "s",
                "--timeout",
                "30s",
                "-s",
                script.toString(),
                proxy.url()));
    String[] result =
        output
            .lines()
            .filter(line -> line.startsWith("result "))
            .findFirst()
            .orElseThrow(() -> new IOException("wrk said nothing: " + output))
            .split(" ");
    return new Load(
        Long.parseLong(result[1]), Long.parseLong(result[2]) / 1e6, Long.parseLong(result[3]));
  }
}
