package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the kernel lets us do, found out by doing it in namespaces that end with the trial. */
final class FeaturesCheck implements OncePerBoot.Tried {
  private static final String SCRIPT = "features.sh";
  private static final Map<String, Finding.Advice> ADVICE = advice();

  private static Map<String, Finding.Advice> advice() {
    Map<String, Finding.Advice> advice = new LinkedHashMap<>();
    advice.put(
        "namespaces",
        new Finding.Advice(
            "no sandbox can be kept apart",
            "run on a host or virtual machine, not in a container without CAP_SYS_ADMIN"));
    advice.put(
        "user-namespaces",
        new Finding.Advice(
            "images cannot be unpacked without privileges",
            "raise user.max_user_namespaces, or allow them where AppArmor or the kernel's"
                + " configuration forbids them"));
    advice.put(
        "overlayfs",
        new Finding.Advice("sandboxes cannot share an image", "load the module overlay"));
    advice.put(
        "veth", new Finding.Advice("sandboxes have no way to the gateway", "load the module veth"));
    for (String part : List.of("inet", "fib", "conntrack", "nat")) {
      String module =
          switch (part) {
            case "fib" -> "nft_fib_inet";
            case "conntrack" -> "nft_ct";
            case "nat" -> "nft_masq";
            default -> "nf_tables";
          };
      advice.put(
          "nftables-" + part,
          new Finding.Advice(
              "the rules that keep sandboxes apart cannot be made", "load the module " + module));
    }
    return advice;
  }

  @Override
  public List<Finding> examine() throws IOException {
    return judge(Command.run(List.of("/bin/sh", "-c", script()), "").output());
  }

  @Override
  public String version() throws IOException {
    return Integer.toHexString(script().hashCode());
  }

  private static String script() throws IOException {
    try (InputStream in = FeaturesCheck.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IOException("the resource " + SCRIPT + " is missing in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * From what the script printed.
   *
   * @param output lines {@code NAME TAB ok} or {@code NAME TAB what the kernel said}
   */
  static List<Finding> judge(String output) {
    Map<String, String> answers = new LinkedHashMap<>();
    output
        .lines()
        .filter(line -> line.contains("\t"))
        .forEach(line -> answers.put(line.substring(0, line.indexOf('\t')), after(line)));
    List<Finding> findings = new ArrayList<>();
    ADVICE.forEach(
        (name, advice) -> findings.add(judge(name, answers.getOrDefault(name, ""), advice)));
    return findings;
  }

  private static Finding judge(String name, String said, Finding.Advice advice) {
    if (said.equals("ok")) {
      return new Finding.Ok(name, "works");
    }
    if (notTried(name, said)) {
      return Finding.unknown(
          name,
          said.isEmpty() ? "could not be tried" : said,
          advice.consequence() + ", if the kernel lacks it",
          "mend namespaces and install missing programs first (check tools), then try again");
    }
    return new Finding.Failed(name, said, advice);
  }

  /** Where the trial itself could not be made, nothing is said about the feature. */
  private static boolean notTried(String name, String said) {
    return said.isEmpty()
        || said.contains("failed to execute")
        || said.contains("not found")
        || (said.contains("unshare failed") && !name.endsWith("namespaces"));
  }

  private static String after(String line) {
    return line.substring(line.indexOf('\t') + 1).strip();
  }
}
