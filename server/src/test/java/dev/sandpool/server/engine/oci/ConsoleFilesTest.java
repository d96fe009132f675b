package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.ConsolePosition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that is replaced while, or before, somebody reads it. */
class ConsoleFilesTest {
  private static final SandboxId ID = new SandboxId("abcdefgh");

  @TempDir private Path folder;
  private ConsolePosition at = ConsolePosition.start(ID);
  private boolean gap;

  @BeforeEach
  void make() throws IOException {
    Files.writeString(log(), "");
  }

  private Path log() {
    return folder.resolve("log");
  }

  private void print(String text) throws IOException {
    Files.writeString(log(), text, StandardOpenOption.APPEND);
  }

  /** As conmon does it. */
  private void rotate() throws IOException {
    Path fresh = folder.resolve("log.tmp");
    Files.writeString(fresh, "");
    Files.move(fresh, log(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Reads on to where nothing follows. */
  private String rest(boolean gone) throws IOException {
    var text = new StringBuilder();
    Optional<ConsoleChunk> chunk = new ConsoleFiles(ID, folder, gone).after(at, 7);
    while (chunk.isPresent()) {
      ConsoleChunk it = chunk.get();
      text.append(new String(it.bytes(), StandardCharsets.UTF_8));
      at = new ConsolePosition(ID, it.generation(), it.offset() + it.bytes().length, it.complete());
      gap |= it.gap();
      chunk = it.ended() ? Optional.empty() : new ConsoleFiles(ID, folder, gone).after(at, 7);
    }
    return text.toString();
  }

  @Test
  void whatWasPrintedBeforeAReplacementIsReadAfterIt() throws Exception {
    printAndRead("one\n");

    print("two\n");
    rotate();
    print("three, a long line\n");

    assertThat(rest(false)).isEqualTo("two\nthree, a long line\n");
    assertThat(rest(false)).isEmpty();
    print("four\n");
    rotate();
    print("five\n");
    assertThat(rest(true)).isEqualTo("four\nfive\n");
    assertThat(gap).isFalse();
  }

  @Test
  void aReplacedLogThatNobodyBeganToReadIsAGap() throws Exception {
    printAndRead("one\n");
    replaceUnread();
    print("three\n");

    assertThat(rest(false)).isEqualTo("three\n");
    assertThat(gap).isTrue();
  }

  private void printAndRead(String text) throws IOException {
    print(text);
    assertThat(rest(false)).isEqualTo(text);
  }

  /** Another one comes and goes before anybody has read it. */
  private void replaceUnread() throws IOException {
    rotate();
    print("missed\n");
    awaitLater();
    rotate();
  }

  /** Until files that are made now are told from the present one. */
  private void awaitLater() throws IOException {
    FileTime then = (FileTime) Files.getAttribute(log(), "unix:ctime");
    Awaitility.await().until(() -> laterThan(then));
  }

  /** Whether files that are made now are told from one of that time. */
  private boolean laterThan(FileTime time) throws IOException {
    Path now = Files.writeString(folder.resolve("now"), "");
    FileTime made = Files.readAttributes(now, BasicFileAttributes.class).lastModifiedTime();
    return made.toMillis() > time.toMillis() + 100;
  }

  @Test
  void aPositionThatWasRepeatedAnswersTheSame() throws Exception {
    print("one\n");
    rotate();
    print("two\n");
    ConsoleFiles files = new ConsoleFiles(ID, folder, false);
    assertThat(files.after(at, 100).orElseThrow().bytes()).asString().isEqualTo("two\n");
    assertThat(files.after(at, 100).orElseThrow().bytes()).asString().isEqualTo("two\n");
  }

  @Test
  void nothingIsThereOfASandboxThatNeverPrinted() throws Exception {
    Files.delete(log());
    assertThat(new ConsoleFiles(ID, folder, false).after(at, 100)).isEmpty();
    assertThat(new ConsoleFiles(ID, folder, true).after(at, 100).orElseThrow().ended()).isTrue();
  }

  /** A line in pieces may begin in one and end in the other. */
  @Test
  void howTheNextOneBeginsIsToldWithTheEndOfTheOneBefore() throws Exception {
    printAndRead("begin");
    rotate();
    print("rest\nmore\n");
    ConsoleFiles files = new ConsoleFiles(ID, folder, false);
    ConsoleChunk end = files.after(at, 100).orElseThrow();
    assertThat(end.complete()).isTrue();
    assertThat(end.next().bytes()).asString().isEqualTo("rest\nmore\n");

    var behind = new ConsolePosition(ID, end.next().generation(), 5, false);
    ConsoleChunk more = files.after(behind, 100).orElseThrow();
    assertThat(more.bytes()).asString().isEqualTo("more\n");
    assertThat(more.gap()).isFalse();
    assertThat(more.generation()).isEqualTo(end.next().generation());
  }

  @Test
  void whereOthersCameBetweenNothingIsToldOfTheNewest() throws Exception {
    printAndRead("begin");
    replaceUnread();
    print("of another line\n");
    ConsoleChunk end = new ConsoleFiles(ID, folder, false).after(at, 100).orElseThrow();
    assertThat(end.next().generation()).isZero();
  }

  /** Nobody else gets the inode that a position in it means, nor is it read from its beginning. */
  @Test
  void theNextOneIsKeptFromTheMomentInWhichItIsTold() throws Exception {
    printAndRead("begin");
    rotate();
    print("rest\nmore\n");
    ConsoleChunk end = new ConsoleFiles(ID, folder, false).after(at, 100).orElseThrow();
    rotate();
    print("last\n");
    at = new ConsolePosition(ID, end.next().generation(), 5, false);
    assertThat(rest(false)).isEqualTo("more\nlast\n");
    assertThat(gap).isFalse();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(Path::getFileName)).asString().doesNotContain("log.next");
    }
  }

  /** As a server of before left it: only the one that was read to its end has a second name. */
  @Test
  void nothingIsReadAgainWhereThatOfThePositionIsGone() throws Exception {
    printAndRead("begin");
    rotate();
    print("rest\nmore\n");
    ConsoleChunk end = new ConsoleFiles(ID, folder, false).after(at, 100).orElseThrow();
    Files.delete(folder.resolve("log.next"));
    at = new ConsolePosition(ID, end.next().generation(), 5, false);
    // Its inode is not free for the next one, as it would be without.
    Files.createLink(folder.resolve("other"), log());
    rotate();
    print("last\n");
    assertThat(rest(false)).isEqualTo("last\n");
    assertThat(gap).isTrue();
  }

  @Test
  void whatWasMissedOfOneThatIsGoneIsToldToo() throws Exception {
    printAndRead("one\n");
    replaceUnread();
    print("three\n");
    moveAway();
    assertThat(rest(true)).isEqualTo("three\n");
    assertThat(gap).isTrue();
  }

  @Test
  void whatFollowsInOneThatIsGoneIsNoGap() throws Exception {
    printAndRead("one\n");
    rotate();
    print("two\n");
    moveAway();
    assertThat(rest(true)).isEqualTo("two\n");
    assertThat(gap).isFalse();
  }

  /** As where files were made faster than the kernel's clock for stamps goes on. */
  @Test
  void filesOfOneMomentAreNoObstacle() throws Exception {
    printAndRead("one\n");
    awaitLater();
    rotate();
    print("two\n");
    ConsoleChunk one = new ConsoleFiles(ID, folder, false).after(at, 100).orElseThrow();
    at = new ConsolePosition(ID, one.generation(), 4, true);
    Files.createLink(folder.resolve("log.then"), folder.resolve("log.next"));
    rotate();
    print("three\n");
    assertThat(rest(false)).isEqualTo("two\nthree\n");
  }

  private void moveAway() throws IOException {
    Path aside = Files.createDirectory(folder.resolve("aside"));
    new ConsoleFiles(ID, folder, true).moveTo(aside);
    folder = aside;
  }
}
