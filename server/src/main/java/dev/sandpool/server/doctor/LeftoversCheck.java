package dev.sandpool.server.doctor;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.engine.oci.DeadServer;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What servers that do not run left on the host.
 *
 * @param abandoned a server whose data directory the operator knows to be gone
 */
record LeftoversCheck(ServerFolder folder, Optional<InstanceId> abandoned) implements Check.Repair {
  private static final String CONSEQUENCE =
      "it takes addresses, memory and names until somebody removes it";
  private static final int SHOWN = 6;

  /**
   * What is on the host.
   *
   * @param own prefix of the data directory's server; empty before its first start
   * @param holder the process that has the data directory's lock
   * @param living names of own sandboxes that live on for the next start
   * @param users one living process a prefix
   */
  record Facts(
      List<HostObject> objects,
      Optional<String> own,
      Optional<Long> holder,
      Set<String> living,
      Map<String, Long> users) {}

  @Override
  public List<Finding> examine() throws IOException {
    // Objects first: who makes some after that look shows among the users, which come later.
    List<HostObject> objects = HostObjects.read();
    Optional<InstanceId> own = folder.instance();
    Set<String> living = new HashSet<>();
    if (own.isPresent()) {
      living.addAll(new DeadServer(folder.engine(), own.get()).living());
    }
    return judge(
        new Facts(objects, own.map(InstanceId::prefix), folder.holder(), living, Users.read()));
  }

  static List<Finding> judge(Facts facts) {
    Map<String, List<HostObject>> servers =
        facts.objects().stream()
            .collect(Collectors.groupingBy(HostObject::prefix, TreeMap::new, Collectors.toList()));
    List<Finding> findings = new ArrayList<>();
    servers.forEach(
        (prefix, objects) ->
            findings.add(
                facts.own().equals(Optional.of(prefix))
                    ? own(prefix, objects, facts)
                    : foreign(prefix, objects, facts)));
    return findings.isEmpty() ? List.of(Finding.ok("names sp*", "none on this host")) : findings;
  }

  private static Finding own(String prefix, List<HostObject> objects, Facts facts) {
    if (facts.holder().isPresent()) {
      return Finding.ok(
          prefix, objects.size() + " objects of the running server, pid " + facts.holder().get());
    }
    List<HostObject> dead =
        objects.stream()
            .filter(
                object ->
                    object
                        .sandbox()
                        .map(name -> !facts.living().contains(name))
                        .orElse(facts.living().isEmpty()))
            .toList();
    if (dead.isEmpty()) {
      return Finding.ok(
          prefix, facts.living().size() + " sandboxes live on and await the next start");
    }
    return Finding.warning(
        prefix, list(dead), CONSEQUENCE, "start the server, or run sandpool doctor --fix");
  }

  private static Finding foreign(String prefix, List<HostObject> objects, Facts facts) {
    Long user = facts.users().get(prefix);
    if (user != null) {
      return Finding.ok(
          prefix, objects.size() + " objects of a server or sandbox that runs, pid " + user);
    }
    return Finding.warning(
        prefix,
        list(objects) + ", used by no process",
        CONSEQUENCE,
        "sandpool doctor --fix --data-dir DIR with that server's data directory; where that is"
            + " gone for good: sandpool doctor --fix --instance "
            + prefix.substring(2));
  }

  private static String list(List<HostObject> objects) {
    Map<String, Long> kinds =
        objects.stream()
            .collect(Collectors.groupingBy(HostObject::kind, TreeMap::new, Collectors.counting()));
    String counts =
        kinds.entrySet().stream()
            .map(kind -> kind.getValue() + " " + kind.getKey() + (kind.getValue() > 1 ? "s" : ""))
            .collect(Collectors.joining(", "));
    List<String> sandboxes =
        objects.stream().flatMap(object -> object.sandbox().stream()).distinct().toList();
    if (sandboxes.isEmpty()) {
      return counts;
    }
    int more = sandboxes.size() - SHOWN;
    return counts
        + " of "
        + sandboxes.stream().limit(SHOWN).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }

  @Override
  public List<String> repair() throws IOException {
    List<String> done = new ArrayList<>();
    Optional<InstanceId> own = folder.instance();
    if (own.isPresent() && folder.holder().isEmpty() && exists(own.get())) {
      try (ServerFolder.Hold _ = folder.hold()) {
        freed(new DeadServer(folder.engine(), own.get()), done);
      }
    }
    if (abandoned.isPresent() && !abandoned.equals(own)) {
      done.addAll(forget(abandoned.get()));
    }
    return done;
  }

  private static boolean exists(InstanceId instance) throws IOException {
    return HostObjects.read().stream()
        .anyMatch(object -> object.prefix().equals(instance.prefix()));
  }

  private static List<String> forget(InstanceId instance) throws IOException {
    Long user = Users.read().get(instance.prefix());
    if (user != null) {
      throw new IOException(
          instance.prefix() + " is left alone: process " + user + " belongs to it");
    }
    List<String> done = new ArrayList<>();
    Path nowhere = Files.createTempDirectory("sandpool-doctor");
    try {
      for (HostObject object : HostObjects.read()) {
        if (object.prefix().equals(instance.prefix()) && object.kind().equals("mount")) {
          Syscalls.unmount(Path.of(object.name()), Syscalls.MNT_DETACH);
        }
      }
      freed(new DeadServer(nowhere, instance), done);
    } finally {
      // What looks for sandboxes there makes its folders, and finds them empty.
      try (DirectoryStream<Path> folders = Files.newDirectoryStream(nowhere)) {
        for (Path folder : folders) {
          Files.delete(folder);
        }
      }
      Files.delete(nowhere);
    }
    return done;
  }

  private static void freed(DeadServer server, List<String> done) throws IOException {
    server.free().forEach(name -> done.add("removed what was left of " + name));
  }
}
