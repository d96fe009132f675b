package dev.sandpool.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** Makes the sample image with a Java runtime and a program in it. */
final class JavaImage {
  /** Where the runtime is inside. */
  static final String JAVA = "/opt/java/bin/java";

  /** What the program may see inside. */
  static final String CLASS_PATH = "/opt/program/*:/opt/program/classes";

  /** What client libraries use of the JDK. */
  private static final String MODULES =
      "java.net.http,java.xml,java.naming,java.management,java.security.jgss,jdk.unsupported";

  private JavaImage() {}

  /**
   * Makes an archive.
   *
   * @param main the program, with the classes in it; nothing else of the tests' own is in the image
   * @param libraries which jars of the tests' class path it needs, by file name
   */
  static Path make(Path parent, Class<?> main, Predicate<String> libraries)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(parent, "java");
    Path opt = Files.createDirectories(directory.resolve("files/opt"));
    Shell.run(
        directory,
        Path.of(System.getProperty("java.home"), "bin", "jlink").toString(),
        "--add-modules",
        MODULES,
        "--strip-debug",
        "--no-header-files",
        "--no-man-pages",
        "--output",
        opt.resolve("java").toString());
    Path program = Files.createDirectory(opt.resolve("program"));
    for (Path jar : jars(libraries)) {
      Files.copy(jar, program.resolve(String.valueOf(jar.getFileName())));
    }
    for (Class<?> part : main.getNestMembers()) {
      copy(part, program.resolve("classes"));
    }
    // The sandbox's user is another one than the test's.
    Shell.run(directory, "chmod", "-R", "a+rX", "files");
    String sample = "oci-archive:" + Stage.sampleArchive();
    Shell.run(directory, "skopeo", "copy", "--quiet", sample, "oci:layout:java");
    Shell.run(directory, "umoci", "insert", "--image", "layout:java", "files", "/");
    return TinyImage.archive(
        "oci:" + directory.resolve("layout") + ":java",
        "oci-archive",
        directory.resolve("java.tar"));
  }

  private static void copy(Class<?> one, Path to) throws IOException {
    String file = one.getName().replace('.', '/') + ".class";
    Path copy = to.resolve(file);
    Files.createDirectories(copy.getParent());
    try (var from = one.getResourceAsStream("/" + file)) {
      Files.copy(java.util.Objects.requireNonNull(from, file), copy);
    }
  }

  private static List<Path> jars(Predicate<String> libraries) {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Arrays.stream(path.split(":"))
        .filter(entry -> entry.endsWith(".jar"))
        .map(Path::of)
        .filter(jar -> libraries.test(String.valueOf(jar.getFileName())))
        .toList();
  }
}
