package dev.sandpool.server.role;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The tables of docs/identity.md that say which role may do what, as a reader has them. */
public final class OperationTable {
  private OperationTable() {}

  /** One line: an operation, what it asks for, and who has that. */
  public record Row(String operation, String right, Set<BuiltInRole> roles) {
    /** As it stands on the page. */
    public String line() {
      return Arrays.stream(BuiltInRole.values())
          .map(role -> roles.contains(role) ? "x" : "")
          .collect(Collectors.joining(" | ", "| `" + operation + "` | " + right + " | ", " |"));
    }
  }

  /** The lines between {@code <!-- begin NAME -->} and {@code <!-- end NAME -->}. */
  public static List<Row> read(String name) throws IOException {
    String page = Files.readString(Path.of("../docs/identity.md"));
    int begin = page.indexOf("<!-- begin " + name + " -->");
    int end = page.indexOf("<!-- end " + name + " -->");
    if (begin < 0 || end < begin) {
      throw new AssertionError("docs/identity.md has no table '" + name + "'");
    }
    return page.substring(begin, end)
        .lines()
        .filter(line -> line.startsWith("| `"))
        .map(OperationTable::row)
        .toList();
  }

  private static Row row(String line) {
    List<String> cells = new ArrayList<>(List.of(line.split("\\|", -1)));
    Set<BuiltInRole> roles = EnumSet.noneOf(BuiltInRole.class);
    Iterator<String> marks = cells.subList(3, cells.size()).iterator();
    for (BuiltInRole role : BuiltInRole.values()) {
      if (marks.next().strip().equals("x")) {
        roles.add(role);
      }
    }
    return new Row(cells.get(1).strip().replace("`", ""), cells.get(2).strip(), roles);
  }
}
