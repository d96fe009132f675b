package dev.sandpool.server.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the processes that belong to servers, this one's and others': a server has its data
 * directory open or among its arguments, a sandbox lives in its server's cgroups or carries its
 * name among its arguments.
 */
final class Users {
  private static final Pattern NAMED =
      Pattern.compile("(?:^|[/=:])(sp[a-z2-7]{4})(?:[a-z2-7]{8})?(?=/|$)", Pattern.MULTILINE);

  /** How far above an open file a data directory is looked for. */
  private static final int LEVELS = 5;

  private final Map<Path, Optional<String>> folders = new HashMap<>();
  private final Map<String, Long> found = new TreeMap<>();

  private Users() {}

  /** One process a server's prefix. */
  static Map<String, Long> read() throws IOException {
    var users = new Users();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        long pid = Long.parseLong(process.getFileName().toString());
        if (pid != ProcessHandle.current().pid()) {
          users.look(process, pid);
        }
      }
    }
    return users.found;
  }

  private void look(Path process, long pid) {
    try {
      named(Files.readString(process.resolve("cgroup")), pid);
      String arguments =
          new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8)
              .replace('\0', '\n');
      named(arguments, pid);
      for (String argument : arguments.split("\n")) {
        opened(argument.substring(argument.indexOf('=') + 1), pid);
      }
      for (Path link : links(process)) {
        opened(Files.readSymbolicLink(link).toString(), pid);
      }
    } catch (IOException | InvalidPathException e) {
      // Ended meanwhile, or its arguments are no text.
    }
  }

  private static List<Path> links(Path process) throws IOException {
    List<Path> links = new ArrayList<>(List.of(process.resolve("cwd")));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      files.forEach(links::add);
    }
    links.removeIf(link -> !Files.isSymbolicLink(link));
    return links;
  }

  private void named(String text, long pid) {
    Matcher matcher = NAMED.matcher(text);
    while (matcher.find()) {
      found.put(matcher.group(1), pid);
    }
  }

  private void opened(String path, long pid) {
    if (!path.startsWith("/")) {
      return;
    }
    Path folder = Path.of(path);
    for (int i = 0; i < LEVELS && folder != null; i++) {
      folders.computeIfAbsent(folder, Users::serverIn).ifPresent(prefix -> found.put(prefix, pid));
      folder = folder.getParent();
    }
  }

  private static Optional<String> serverIn(Path folder) {
    try {
      return ServerFolder.instanceIn(folder).map(instance -> instance.prefix());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
