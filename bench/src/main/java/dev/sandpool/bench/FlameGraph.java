package dev.sandpool.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;

/**
 * Samples of threads as a picture: who called whom from below to above, as wide as their share of
 * the samples; callers and callees of the same name are one.
 */
final class FlameGraph {
  private static final int WIDTH = 1200;
  private static final int ROW = 15;
  private static final int HEADING = 40;

  /** What is narrower cannot be told apart, and would be most of the file. */
  private static final double LEAST = 2;

  /** Pixels of a letter. */
  private static final double LETTER = 6.2;

  private final Node root = new Node();
  private final Map<String, Integer> innermost = new HashMap<>();

  private static final class Node {
    private final Map<String, Node> children = new TreeMap<>();
    private String colour = "#ddd";
    private int samples;
  }

  /** Reads the samples of processor time of the threads whose names hold that word. */
  static FlameGraph read(Path recording, String threads) throws IOException {
    var graph = new FlameGraph();
    try (var file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        if (event.getEventType().getName().equals("jdk.CPUTimeSample")
            && event.getStackTrace() != null
            && event.getThread("eventThread") != null
            && String.valueOf(event.getThread("eventThread").getJavaName()).contains(threads)) {
          graph.add(event.getStackTrace().getFrames());
        }
      }
    }
    return graph;
  }

  private void add(List<RecordedFrame> frames) {
    root.samples++;
    Node at = root;
    for (RecordedFrame frame : frames.reversed()) {
      RecordedMethod method = frame.getMethod();
      String type = method.getType().getName();
      at = at.children.computeIfAbsent(name(type, method.getName()), ignored -> new Node());
      at.colour = Owner.of(type).colour;
      at.samples++;
    }
    innermost.merge(owner(frames), 1, Integer::sum);
  }

  /** Whose the innermost frame outside of the JDK is; a call of the system is one of its own. */
  private static String owner(List<RecordedFrame> frames) {
    if (frames.getFirst().getType().equals("Native")) {
      return "calls of the system";
    }
    return frames.stream()
        .map(frame -> Owner.of(frame.getMethod().getType().getName()))
        .filter(owner -> owner != Owner.JDK)
        .findFirst()
        .orElse(Owner.JDK)
        .title;
  }

  private static String name(String type, String method) {
    String simple = type.substring(type.lastIndexOf('.') + 1);
    int hidden = simple.indexOf("$$");
    return (hidden < 0 ? simple : simple.substring(0, hidden) + "$lambda") + "." + method;
  }

  int samples() {
    return root.samples;
  }

  /** The share of the samples whose innermost frame outside of the JDK is of each owner. */
  Map<String, Double> shares() {
    Map<String, Double> shares = new TreeMap<>();
    innermost.forEach((owner, count) -> shares.put(owner, (double) count / root.samples));
    return shares;
  }

  /** The picture; each name is shown in full where the pointer stands on it. */
  String svg(String title) {
    int height = HEADING + ROW * (depth(root, WIDTH) + 1);
    var text = new StringBuilder();
    text.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="monospace" font-size="10">
        <rect width="100%%" height="100%%" fill="#fff"/>
        <text x="4" y="14" font-size="13">%s</text>
        """
            .formatted(WIDTH, height, escaped(title)));
    int x = 4;
    for (Owner owner : Owner.values()) {
      text.append(
          "<rect x=\"%d\" y=\"21\" width=\"10\" height=\"10\" fill=\"%s\"/>"
              .formatted(x, owner.colour));
      text.append("<text x=\"%d\" y=\"30\">%s</text>\n".formatted(x + 14, owner.title));
      x += 110;
    }
    draw(text, root, 0, height - ROW);
    return text.append("</svg>\n").toString();
  }

  private int depth(Node node, double width) {
    return node.children.values().stream()
        .filter(child -> width * child.samples / node.samples >= LEAST)
        .mapToInt(child -> 1 + depth(child, width * child.samples / node.samples))
        .max()
        .orElse(0);
  }

  private void draw(StringBuilder text, Node node, double left, int y) {
    double x = left;
    for (Map.Entry<String, Node> child : node.children.entrySet()) {
      Node one = child.getValue();
      double width = (double) WIDTH * one.samples / root.samples;
      if (width >= LEAST) {
        frame(text, child.getKey(), one, x, y, width);
        draw(text, one, x, y - ROW);
      }
      x += width;
    }
  }

  private void frame(StringBuilder text, String name, Node node, double x, int y, double width) {
    text.append(
        String.format(
            Locale.ROOT,
            "<g><title>%s %.1f %%</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\""
                + " fill=\"%s\"/>",
            escaped(name),
            100.0 * node.samples / root.samples,
            x,
            y,
            width - 0.5,
            ROW - 1,
            node.colour));
    int letters = (int) ((width - 4) / LETTER);
    if (letters > 3) {
      String shown = name.length() <= letters ? name : name.substring(0, letters - 1) + "…";
      text.append(
          String.format(
              Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%s</text>", x + 2, y + 11, escaped(shown)));
    }
    text.append("</g>\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** Whose code a frame is. */
  private enum Owner {
    SANDPOOL("Sandpool", "dev.sandpool.", "#f4a259"),
    VERTX("Vert.x", "io.vertx.", "#b8a1d9"),
    NETTY("Netty", "io.netty.", "#8cb8e8"),
    JDK("JDK", "", "#cfd8cf");

    private final String title;
    private final String prefix;
    private final String colour;

    Owner(String title, String prefix, String colour) {
      this.title = title;
      this.prefix = prefix;
      this.colour = colour;
    }

    static Owner of(String type) {
      for (Owner owner : values()) {
        if (type.startsWith(owner.prefix)) {
          return owner;
        }
      }
      throw new IllegalStateException("the last takes everything");
    }
  }
}
