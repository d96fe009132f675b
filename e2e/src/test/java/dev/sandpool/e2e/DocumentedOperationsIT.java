package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The lines at the top of docs/operations.md, all of them, as somebody pastes them into a terminal;
 * only folders and ports are others, because the host may have a server.
 */
class DocumentedOperationsIT {
  private static final String HEADING =
      "## From nothing to Prometheus, a log query and a cost table";

  private final Path home;

  DocumentedOperationsIT() throws IOException {
    home = TestServer.newHome("operations");
  }

  @Test
  void theyLeadFromNothingToPrometheusALogQueryAndACostTable() throws Exception {
    Path script = Files.writeString(home.resolve("pasted.sh"), script());
    Process bash =
        new ProcessBuilder("bash", script.toString())
            .directory(TestServer.root().toFile())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("said").toFile())
            .start();
    boolean ended = bash.waitFor(6, TimeUnit.MINUTES);
    if (!ended) {
      bash.descendants().forEach(ProcessHandle::destroy);
      bash.destroy();
      bash.waitFor();
    }
    String said = Files.readString(home.resolve("said"), StandardCharsets.UTF_8);
    assertThat(ended).as(said).isTrue();
    assertThat(bash.exitValue()).as(said).isZero();
    assertThat(said)
        .contains("prometheus.yml is valid prometheus config file syntax")
        .containsPattern("\"__name__\":\"sandpool_sandboxes\".*\"pool\":\"my-pool\"")
        .contains("\n2 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n")
        .containsPattern("stdout +2 x{38}")
        .containsPattern("Allocated +1 ")
        .containsPattern("my-group +my-pool .* EUR\n")
        .contains("nothing is left on this host");
    var instance = new InstanceId(Files.readString(home.resolve("data/instance")).strip());
    assertThat(Leftovers.of(instance, home.resolve("data"))).isEmpty();
    Shell.run(Path.of("/"), "rm", "-rf", "--one-file-system", home.toString());
  }

  private String script() throws IOException {
    String page = Files.readString(TestServer.root().resolve("docs/operations.md"));
    String lines = between(page.substring(page.indexOf(HEADING)), "```sh\n", "\n```");
    Path prometheus = home.resolve("prometheus.yml");
    String metrics = "127.0.0.1:" + Ports.free();
    Files.writeString(
        prometheus,
        Files.readString(TestServer.root().resolve("packaging/prometheus/prometheus.yml"))
            .replace("127.0.0.1:9464", metrics)
            .replace("15s", "1s"));
    String pasted =
        lines
            .replace("/var/log/sandpool", home.resolve("log").toString())
            .replace("packaging/prometheus/prometheus.yml", prometheus.toString())
            .replace("127.0.0.1:9464", metrics)
            .replace("127.0.0.1:9095", "127.0.0.1:" + Ports.free())
            .replace("/etc/sandpool", home.resolve("etc").toString())
            .replace("/var/lib/sandpool-prometheus", home.resolve("metrics").toString())
            .replace("/var/lib/sandpool", home.resolve("data").toString())
            .replace(".build/images/sample.tar", Stage.sampleArchive().toString())
            .replace("sandpool serve ", "sandpool serve --listen 127.0.0.1:0 ");
    // As the page says how to end it, whatever fails before.
    return "set -em\ntrap 'kill %1 %2; wait; sandpool reclaim --data-dir "
        + home.resolve("data")
        + "' EXIT\n"
        + pasted
        + "\n";
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }
}
